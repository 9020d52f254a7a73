"""Weights that do best on held-out pairs: convex start, cautious search, limits kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.evaluation.certify import mean_of_folds
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.learning.candidates import collect
from mgrec_core.learning.constraints import Constraint, Limits
from mgrec_core.learning.listwise import listwise_weights
from mgrec_core.learning.search import cautious_search
from mgrec_core.metrics import ACCURACY, parse_metric
from mgrec_core.metrics.metric import PerUser
from mgrec_core.model.granularities import default_weights

_MOST_USERS = 2000
_GRID_STEP = 0.05
_GRID_MOST = 3

Weighed = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """Learned weights.

    Attributes
    ----------
    weights
        Weight by granularity, the largest (the base) 1.
    base
        The granularity with the largest weight.
    validation
        Mean of each metric over the validation users.
    n_users
        Validation users.
    grid
        On at most three free granularities, the best of a fine grid over all ratios: ``step``,
        ``points``, ``best``, ``weights`` and ``gap``, how much better it is; else ``None``.
    """

    weights: dict[str, float]
    base: str
    validation: dict[str, float]
    n_users: int
    grid: dict[str, Any] | None = None


def fit_weights(
    folds: Sequence[Fold],
    objective: str = "ndcg@10",
    *,
    fusion: str = "score",
    constraints: Sequence[Constraint] = (),
    free: Sequence[str] | None = None,
    progress: Progress = silent,
) -> Learned:
    """Learn λ (or α, for the other fusion modes) on a fold's held-out pairs.

    The search starts from the default preset, or from the optimum of the convex listwise loss
    where that is clearly better, and moves one weight at a time on the metric, each time by more
    than one standard error. All weights are divided by the largest, so that the optimum lies
    inside [0, 1].

    Parameters
    ----------
    folds
        One, or several folds, each built without its held-out pairs: the item space memorises the
        pairs it was fitted to. A user's metric is the mean over the folds.
    constraints
        Limits that the weights must keep on all (or an even sample of 2,000) validation users of
        the first fold; the search then sees that fold alone, as it does for the other fusion modes.
    free
        Granularities that may have a weight; all by default.

    Raises
    ------
    InputError
        An unknown objective, or constraints that no weights tried keep.
    """
    name, k = parse_metric(objective)
    key = f"{name}@{k}"
    present = folds[0].model.present
    may = np.array([free is None or g in free for g in present])
    progress("tuning", 2, 4, "convex loss")
    default = np.array(list(default_weights(present).values()))
    others: list[Weighed] = []
    for n in range(len(default)):  # the default preset with each granularity as the base
        others.append(default / 2)
        others[-1][n] = 1.0
    score_cache = ScoreCache.of(folds[0], fusion, _MOST_USERS) if constraints or fusion != "score" else None
    values: Callable[[str, Weighed], PerUser]
    if score_cache is None:
        held = [(fold.test_users.rows, collect(fold.model, fold.test_users)) for fold in folds]
        others = [*(listwise_weights(candidates) for _, candidates in held), *others]

        def values(metric: str, weights: Weighed) -> PerUser:
            return mean_of_folds([(rows, found.metric(metric, weights)) for rows, found in held])
    else:
        values = score_cache.accuracy

    start, others = _within(default, may), [_within(w, may) for w in others]
    limits = Limits(score_cache, tuple(constraints), k) if score_cache is not None else None
    if limits is not None and constraints:
        inside = limits.inside([start, *others], may)
        start = max(inside, key=lambda w: float(values(key, w).mean()))
        others = inside
    progress("tuning", 3, 4, "coordinate search")
    columns = np.flatnonzero(may)

    def whole(part: Weighed) -> Weighed:
        full = np.zeros(len(present))
        full[columns] = part
        return full

    found, _ = cautious_search(
        lambda part: values(key, whole(part)),
        start[columns],
        [w[columns] for w in others if w[columns].max() > 0],
        allowed=(lambda part: limits.kept_by(whole(part))) if limits is not None else lambda _: True,
    )
    weights = _rounded(whole(found), limits)
    progress("tuning", 4, 4)
    return Learned(
        weights={g: float(w) for g, w in zip(present, weights, strict=True)},
        base=present[int(weights.argmax())],
        validation={f"{m}@{k}": float(values(f"{m}@{k}", weights).mean()) for m in ACCURACY},
        n_users=len(values(key, weights)),
        grid=_grid(lambda w: float(values(key, w).mean()), weights, columns, present, limits),
    )


def _within(weights: Weighed, may: NDArray[np.bool_]) -> Weighed:
    """Weights of free granularities only, the largest 1; equal ones where nothing is left."""
    kept = np.where(may, weights, 0.0)
    return kept / kept.max() if kept.max() > 0 else may.astype(np.float64)


def _rounded(weights: Weighed, limits: Limits | None) -> Weighed:
    """Four digits are enough, unless they break a limit."""
    short = np.round(weights, 4)
    return short if limits is None or limits.kept_by(short) else weights


def _grid(
    mean: Callable[[Weighed], float],
    weights: Weighed,
    columns: NDArray[np.int64],
    present: tuple[str, ...],
    limits: Limits | None,
) -> dict[str, Any] | None:
    """The best of all ratios in steps of .05, where there are few enough of them."""
    if not 1 < len(columns) <= _GRID_MOST:
        return None
    steps = np.round(np.arange(0.0, 1.0 + _GRID_STEP / 2, _GRID_STEP), 4)
    best, best_weights, points = -np.inf, weights, 0
    for part in itertools.product(steps, repeat=len(columns)):
        if max(part) < 1.0:
            continue  # the same ratio appears with the largest at 1
        tried = np.zeros(len(weights))
        tried[columns] = part
        points += 1
        value = mean(tried)
        if value > best and (limits is None or limits.kept_by(tried)):
            best, best_weights = value, tried
    return {
        "step": _GRID_STEP,
        "points": points,
        "best": best,
        "weights": {g: float(w) for g, w in zip(present, best_weights, strict=True)},
        "gap": best - mean(weights),
    }
