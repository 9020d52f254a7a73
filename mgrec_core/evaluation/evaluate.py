"""Hold out, rebuild on the training part, rank everything, compare."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from mgrec_core.evaluation.catalogue import catalogue_of
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.relevance import LIKED, Relevance
from mgrec_core.evaluation.split_store import choose_split
from mgrec_core.evaluation.test_users import TestUsers, accuracy, against_fused, top_lists
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import WeightsLike
from mgrec_core.metrics import describe
from mgrec_core.metrics.small_groups import MIN_GROUP
from mgrec_core.model.config import Config
from mgrec_core.workspace.models import seen_in_training

if TYPE_CHECKING:
    from pathlib import Path

    from mgrec_core.engine.engine import Engine
    from mgrec_core.evaluation.baselines import Fitted


def evaluate(
    engine: Engine,
    *,
    split: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    test_count: int = 1,
    at: str | None = None,
    k: int = 10,
    weights: WeightsLike = None,
    baselines: bool = False,
    segments: Sequence[str] = (),
    min_group: int = MIN_GROUP,
    certify: bool = False,
    relevant: str = LIKED,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Full ranking of unseen items on held-out pairs.

    Parameters
    ----------
    split, test_ratio, seed, test_count, at
        See :func:`mgrec_core.evaluation.split_store.choose_split`: a kind of split, or the
        fingerprint of one that is kept.
    baselines
        Run others' recommenders too (:mod:`mgrec_core.evaluation.baselines`), tuned inside the
        training part.
    segments
        Break the fused list's nDCG down by these (:mod:`mgrec_core.evaluation.segments`).
    min_group
        Groups of fewer users are named without figures; 1 shows all.
    certify
        Drop each granularity, use it alone, and put a permutation control in its place
        (:mod:`mgrec_core.evaluation.certify`).

    relevant
        Which held-out pairs are hits: ``liked``, ``any`` or ``rating>=X``; also what the baselines are tuned
        for.

    Returns
    -------
    dict
        The document of ``evaluate --json``: accuracy and more of ``popularity``, each granularity
        alone, ``fused`` and the baselines; comparisons of ``fused`` with each (keys in
        :mod:`mgrec_core.metrics.significance`; Holm over all of them). ``notes``, where there are any, are
        sentences that a reader of the figures must know: times that are tied, segments that nobody is in.

    Raises
    ------
    InputError
        ``k`` below 1 or above the catalogue; a split that the data do not allow; an unknown
        segment; another fusion mode than ``score``.
    """
    check_k(k, engine.model.n_items, of="the catalogue's")
    if min_group < 1:
        raise InputError(f"the smallest group is {min_group}: it is at least 1 user")
    relevance = Relevance.parse(relevant)
    lam = engine.resolve(weights)
    if lam.fusion != "score":
        raise InputError(f"fusion {lam.fusion} is not evaluated: lists are fused by score")
    progress("evaluation", 0, 4, "split")
    with contextlib.closing(engine.workspace.connect()) as connection:
        path = engine.workspace.path
        people = _check_segments(connection, segments, engine.workspace.state)
        chosen = choose_split(path, connection, split, test_ratio, seed, test_count, at)
        config = Config.of_build(engine.manifest.config)
        source, cache = engine.model_source, path / "cache"
        progress("evaluation", 1, 4, "build on the training part")
        fold = Fold.prepare(connection, chosen, source, config, cache, progress, relevance)
        fitted = tuned_baselines(connection, fold, k, progress, relevance) if baselines else {}
    progress("evaluation", 2, 4, "rank everything")
    model, test_users = fold.model, fold.test_users
    weightings: dict[str, list[float]] = {
        name: [float(g == name) for g in model.present] for name in model.present
    }
    weightings["fused"] = [lam.values.get(g, 0.0) for g in model.present]
    lists = top_lists(model, test_users.rows, weightings, k)
    lists |= {name: baseline.top for name, baseline in fitted.items()}
    main = f"ndcg@{k}"
    by_segment, empty = _segments(segments, main, lists["fused"], fold, people, min_group)
    progress("evaluation", 3, 4, "metrics and intervals")
    values = {name: accuracy(top, test_users.relevant, k) for name, top in lists.items()}
    catalogue = catalogue_of(fold.data, model.shared, test_users.rows)
    document: dict[str, Any] = {
        "split": chosen.to_dict(),
        "relevant": fold.relevant,
        "k": k,
        "n_users": len(test_users.rows),
        "weights": lam.values,
        "base": lam.base,
        "models": {
            name: {**{key: float(v.mean()) for key, v in found.items()}, **describe(lists[name], catalogue)}
            for name, found in values.items()
        },
        "category": catalogue.category,
        "significance": against_fused(values, main),
        "build": engine.build,
    }
    if fitted:
        document["baselines"] = {
            name: {"settings": f.settings, "validation": {main: f.validation}} for name, f in fitted.items()
        }
    if by_segment:
        document["segments"] = by_segment
    learned = seen_in_training(path, engine.manifest.model_source, chosen.fingerprint)
    if notes := [*chosen.notes(), *empty, *([learned] if learned else [])]:
        document["notes"] = notes
    if certify:
        from mgrec_core.evaluation.certify import certify as certified

        document["sources"] = certified([fold], weightings["fused"], main, progress=progress)
    progress("evaluation", 4, 4)
    return document


def tuned_baselines(
    connection: duckdb.DuckDBPyConnection,
    fold: Fold,
    k: int,
    progress: Progress = silent,
    relevance: Relevance | None = None,
) -> dict[str, Fitted]:
    """Baselines tuned on pairs held out of the training part by the same kind of split."""
    from mgrec_core.data.dataset import Dataset
    from mgrec_core.evaluation.baselines import run_baselines

    split = fold.split
    with contextlib.ExitStack() as stack:
        training = stack.enter_context(contextlib.closing(training_connection(connection, split.test)))
        inner = split.again(training)
        inside = stack.enter_context(contextlib.closing(training_connection(training, inner.test)))
        data = Dataset.load(inside, order=(fold.data.users, fold.data.items))
        hits = (relevance or Relevance()).hits(training, inner.test)
    return run_baselines(fold.data, fold.test_users, data, TestUsers.of(data, hits), k, progress)


def _check_segments(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], state: Path
) -> dict[str, Any]:
    """User attributes and cohorts by name; refuses unknown segments before the work is done."""
    if not names:
        return {}
    from mgrec_core.evaluation.segments import BUILT_IN, attributes, cohort, unknown
    from mgrec_core.workspace.cohorts import PREFIX

    people = attributes(connection)
    people |= {name: cohort(state, name) for name in names if name.startswith(PREFIX)}
    for name in names:
        if name not in BUILT_IN and name not in people:
            raise unknown(name, people)
    return people


def _segments(
    names: Sequence[str], metric: str, top: Any, fold: Fold, people: dict[str, Any], min_group: int
) -> tuple[dict[str, Any], list[str]]:
    """Figures of each segment, and a sentence for each that no evaluated user falls into."""
    if not names:
        return {}, []
    from mgrec_core.evaluation.segments import segment

    found: dict[str, Any] = {}
    empty: list[str] = []
    for name in dict.fromkeys(names):
        try:
            groups = segment(name, metric, top, fold.data, fold.test_users, people)
        except InputError as error:  # the names were checked before
            empty.append(str(error))
        else:
            found[name] = {"metric": metric, **groups.to_dict(min_group=min_group)}
    return found, empty
