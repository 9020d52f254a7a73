"""``evaluate --target users|ads`` and ``tune --target users|ads``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import ACCURACY, metric_keys, parse_metric
from mgrec_core.metrics.significance import compare
from mgrec_core.targets.splits import split_for, trial
from mgrec_core.targets.trial import TargetTrial
from mgrec_core.targets.weights import keep, learned

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def evaluate_target(
    engine: Engine,
    target: str,
    *,
    split: str | None = None,
    test_ratio: float = 0.2,
    seed: int = 0,
    k: int = 10,
    weights: Mapping[str, float] | None = None,
    base: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Full ranking of all candidates on held-out friendships or redemptions.

    Returns
    -------
    dict
        The document of ``evaluate --target``: accuracy of each part alone, of ``random`` and of
        ``fused``, and comparisons of ``fused`` with each (Holm over all of them).

    Raises
    ------
    InputError
        ``k`` below 1, or a split that the data do not allow.
    """
    if not 1 <= k <= 1000:
        raise InputError(f"k is {k}: it lies from 1 to 1000")
    progress("evaluation", 0, 3, "split and build on the training part")
    with contextlib.closing(engine.workspace.connect()) as connection:
        held_out = split_for(connection, target, split, test_ratio, seed)
        tested = trial(engine, connection, held_out, progress)
    _somebody(tested)
    if stored := learned(engine.workspace.state, target):
        tested.ranker.use(stored)
    lam = tested.ranker.weights(weights, base)
    progress("evaluation", 1, 3, "rank everything")
    parts = tested.ranker.parts
    weightings = {p: [float(q == p) for q in parts] for p in parts}
    weightings["fused"] = list(lam.values.values())
    values = tested.measure(weightings, k, seed)
    progress("evaluation", 2, 3, "intervals")
    main = metric_keys(k)[0]
    compared = compare({n: (values["fused"][main], v[main]) for n, v in values.items() if n != "fused"})
    document = {
        "target": target,
        "split": held_out.to_dict(),
        "k": k,
        "n_users": len(tested.rows),
        "candidates": tested.candidates,
        "weights": lam.values,
        "base": lam.base,
        "models": {n: {key: float(v.mean()) for key, v in found.items()} for n, found in values.items()},
        "significance": {f"fused − {n}": {"metric": main, **found} for n, found in compared.items()},
        "absent": tested.ranker.absent,
        "build": engine.build,
    }
    progress("evaluation", 3, 3)
    return document


def tune_target(
    engine: Engine,
    target: str,
    *,
    objective: str = "ndcg@10",
    split: str | None = None,
    test_ratio: float = 0.2,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Learn λ on pairs held out of the training part; the test pairs of ``evaluate`` are gone from it.

    The best of the documented λ and of a coordinate search from it is kept in the workspace.

    Raises
    ------
    InputError
        An unknown objective, or a split that the data do not allow.
    """
    name, k = parse_metric(objective)
    key = ACCURACY[name].key(k)
    progress("tuning", 0, 2, "build on the training part")
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(engine.workspace.connect()))
        outer = split_for(connection, target, split, test_ratio, seed)
        training = stack.enter_context(contextlib.closing(outer.training(connection)))
        inner = split_for(training, target, split, test_ratio, seed + 1)
        tested = trial(engine, training, inner, progress)
    _somebody(tested)
    progress("tuning", 1, 2, "search")
    before = tested.ranker.weights()
    lam, value = tested.search(key, list(before.values.values()), k)
    # The largest weight becomes the base, so that every other lies in [0, 1].
    top = max(range(len(lam)), key=lambda p: (lam[p], -p))
    found = Weights(
        {p: round(x / lam[top], 6) for p, x in zip(tested.ranker.parts, lam, strict=True)},
        tested.ranker.parts[top],
    )
    keep(engine.workspace.state, target, found)
    progress("tuning", 2, 2)
    return {
        "target": target,
        "objective": key,
        "base": found.base,
        "weights": found.values,
        "before": before.values,
        "validation": {key: value},
        "n_users": len(tested.rows),
        "split": inner.to_dict(),
    }


def _somebody(tested: TargetTrial) -> None:
    if not len(tested.rows):
        raise InputError(
            "nobody has a held-out target among at least two candidates: try another --test-ratio or --seed"
        )
