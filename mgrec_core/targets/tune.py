"""``tune --target users|ads``: λ learned from friendships or redemptions held out of the training part."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.engine.presets import not_kept
from mgrec_core.evaluation.test_users import accuracy
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.learning.search import grid_search
from mgrec_core.metrics import parse_metric
from mgrec_core.metrics.top_k import top_k
from mgrec_core.targets.fold import TargetFold
from mgrec_core.targets.registry import target_of
from mgrec_core.targets.weights import keep, learned

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_CELLS = 60_000_000
"""Contributions that the search holds at once; of more test users an even sample is taken."""


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
    MgrecError
        The weights cannot be kept: the message gives them.
    """
    name, k = parse_metric(objective)
    key = name if name == "mrr" else f"{name}@{k}"
    split_of = target_of(target).split
    learned(engine.workspace.state, target)  # where none can be kept that is told before the work
    progress("tuning", 0, 2, "build on the training part")
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(engine.workspace.connect()))
        outer = split_of(connection, split, test_ratio, seed)
        training = stack.enter_context(contextlib.closing(outer.training(connection)))
        inner = split_of(training, split, test_ratio, seed + 1)
        fold = TargetFold.prepare(engine, training, target, inner, progress)
    progress("tuning", 1, 2, "search")
    parts, before = fold.ranker.parts, fold.ranker.resolve()
    lam, value = best_weights(fold, key, k, np.array(list(before.values.values())))
    # The largest weight becomes the base, so that every other lies in [0, 1].
    top = int(lam.argmax())
    found = Weights({p: round(float(x / lam[top]), 6) for p, x in zip(parts, lam, strict=True)}, parts[top])
    try:
        keep(engine.workspace.state, target, found)
    except MgrecError as error:
        raise not_kept(found, error) from None
    progress("tuning", 2, 2)
    return {
        "target": target,
        "objective": key,
        "base": found.base,
        "weights": found.values,
        "before": before.values,
        "validation": {key: value},
        "n_users": len(fold.rows),
        "split": inner.to_dict(),
    }


def best_weights(
    fold: TargetFold, key: str, k: int, start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Search λ on the mean of a metric over an even sample of the test users; the metric beside it."""
    per_user = len(fold.ranker.target_ids) * len(start)
    sample = slice(None, None, max(1, -(-len(fold.rows) * per_user // _CELLS)))
    relevant = fold.relevant[np.arange(len(fold.rows))[sample]]
    held = [
        (split.contributions[allowed], np.flatnonzero(allowed))
        for _, split, allowed in fold.ranker.splits(fold.rows[sample], np.ones(len(start)))
    ]

    def value(lam: NDArray[np.float64]) -> float:
        top = np.full((len(held), k), -1, dtype=np.int64)
        for row, (contributions, places) in zip(top, held, strict=True):
            best = places[top_k(contributions @ lam, k)]
            row[: len(best)] = best
        return float(accuracy(top, relevant, k)[key].mean())

    return grid_search(value, start)
