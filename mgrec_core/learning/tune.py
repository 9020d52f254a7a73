"""`tune`: learn weights and the base from out-of-fold scores, and keep them as a preset."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mgrec_core.engine.presets import LEARNED, named, not_kept
from mgrec_core.evaluation.certify import certify
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.relevance import LIKED, Relevance
from mgrec_core.evaluation.split_store import choose_split
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.learning.constraints import Constraint
from mgrec_core.learning.fit import Learned, fit_weights
from mgrec_core.metrics import parse_metric
from mgrec_core.model.config import Config
from mgrec_core.model.fusion.weights import FUSION_MODES
from mgrec_core.workspace.models import seen_in_training

FOLDS = 3
"""Validation folds of a random split."""

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from mgrec_core.engine.engine import Engine
    from mgrec_core.evaluation.splits import Split


def tune(
    engine: Engine,
    *,
    objective: str = "ndcg@10",
    split: str | None = None,
    test_ratio: float = 0.2,
    validation_ratio: float | None = None,
    seed: int = 0,
    test_count: int = 1,
    at: str | None = None,
    constraints: Sequence[Constraint] = (),
    fusion: str = "score",
    keep_uncertified: bool = False,
    save_preset: str | None = None,
    relevant: str = LIKED,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Learn the weights of a workspace and save them as a preset (default ``learned``).

    The pairs that ``evaluate`` tests on with the same split, ratio and seed are set aside first:
    the validation pairs come from the rest, so that evaluating the learned preset is honest.
    A granularity that is not shown to help there (:mod:`mgrec_core.evaluation.certify`) gets 0.

    Parameters
    ----------
    split, at
        As in :func:`mgrec_core.evaluation.evaluate.evaluate`; by default ``last`` where events
        are dated, else ``random``.
    validation_ratio
        Share of the training part that validates; by default as large as ``test_ratio``.
    fusion
        ``score`` learns λ; ``concat`` and ``vector`` learn α, kept as the preset's weights up to
        their sum (default name ``learned-concat``, ``learned-vector``).
    relevant
        What counts as a hit, as in :func:`mgrec_core.evaluation.evaluate.evaluate`.
    keep_uncertified
        Weigh granularities that are not shown to help as well.

    Returns
    -------
    dict
        The document of ``tune --json``; ``sources`` says of each granularity whether it was shown
        to help, ``left_out`` names those that got 0 because they were not.

    Raises
    ------
    InputError
        An unknown objective or fusion mode, a split that the data do not allow, or constraints
        that no weights tried keep.
    MgrecError
        The weights cannot be kept: the message gives them.
    """
    if fusion not in FUSION_MODES:
        raise InputError(f"unknown fusion mode {fusion!r}: choose {', '.join(FUSION_MODES)}")
    metric, k = parse_metric(objective)
    key = f"{metric}@{k}"
    relevance = Relevance.parse(relevant)
    # Where nothing can be kept, that is told before the work and not after it.
    name = named(save_preset or (LEARNED if fusion == "score" else f"{LEARNED}-{fusion}"))
    engine.presets()
    progress("tuning", 0, 4, "hold out validation pairs")
    path = engine.workspace.path
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(engine.workspace.connect()))
        if split is None:
            dated = connection.execute("SELECT count(last_time) FROM v_history").fetchone()
            split = "last" if dated and dated[0] else "random"
        reserved = choose_split(path, connection, split, test_ratio, seed, test_count, at)
        training = stack.enter_context(contextlib.closing(training_connection(connection, reserved.test)))
        progress("tuning", 1, 4, "build without them")
        folds = folds_of(
            training,
            reserved,
            validation_ratio,
            engine.model_source,
            Config.of_build(engine.manifest.config),
            path / "cache",
            progress,
            relevance,
        )
    learned, sources, left_out = learn(folds, key, fusion, constraints, keep_uncertified, progress)
    weights = Weights(learned.weights, learned.base)
    try:
        engine.store_learned(name, weights)
    except MgrecError as error:
        raise not_kept(weights, error) from None
    document: dict[str, Any] = {
        "preset": name,
        "objective": objective,
        "fusion": fusion,
        "base": weights.base,
        "weights": weights.values,
        "alpha": weights.shares,
        "validation": learned.validation,
        "n_users": learned.n_users,
        "constraints": [str(c) for c in constraints],
        "grid": learned.grid,
        "relevant": folds[0].relevant,
        "reserved_for_test": reserved.to_dict(),
    }
    seen = seen_in_training(
        path, engine.manifest.model_source, reserved.fingerprint, folds[-1].split.fingerprint
    )
    if seen:
        document["notes"] = [seen]
    return document | ({"sources": sources, "left_out": left_out} if sources else {})


def folds_of(
    training: duckdb.DuckDBPyConnection,
    reserved: Split,
    validation_ratio: float | None,
    model: str | None,
    config: Config,
    cache: Path,
    progress: Progress = silent,
    relevance: Relevance | None = None,
) -> list[Fold]:
    """Hold validation pairs out of the training part: once, or in several folds of a random split.

    A random share of 8:1:1 is an item or two a user; several of them say more. A split by time
    has one end only.
    """
    folds = []
    split = reserved
    for _ in range(FOLDS if reserved.kind == "random" else 1):
        split = split.again(training, validation_ratio)  # with the next seed
        folds.append(Fold.prepare(training, split, model, config, cache, progress, relevance))
    return folds


def learn(
    folds: Sequence[Fold],
    key: str,
    fusion: str = "score",
    constraints: Sequence[Constraint] = (),
    keep_uncertified: bool = False,
    progress: Progress = silent,
) -> tuple[Learned, dict[str, Any], list[str]]:
    """Learn; then, unless all are to be kept, again without what is not shown to help.

    Returns
    -------
    learned, sources, left_out
        As in the document of :func:`tune`; the last two are empty where nothing was certified.
    """
    learned = fit_weights(folds, key, fusion=fusion, constraints=constraints, progress=progress)
    if keep_uncertified or fusion != "score":  # permutation controls are lists of late fusion
        return learned, {}, []
    found = certify(folds, list(learned.weights.values()), key, progress=progress)
    sources = {
        name: {
            "certified": source["certified"],
            **{part: source["gain_over_placebo"][part] for part in ("mean", "low", "high")},
        }
        for name, source in found.items()
    }
    certified = [name for name, source in found.items() if source["certified"]]
    left_out = [name for name, w in learned.weights.items() if w > 0 and name not in certified]
    free = certified or [learned.base]  # where nothing is shown to help, a list is still needed
    left_out = [name for name in left_out if name not in free]
    if left_out:
        learned = fit_weights(
            folds, key, fusion=fusion, constraints=constraints, free=free, progress=progress
        )
    return learned, sources, left_out
