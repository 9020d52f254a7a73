"""A short coordinate search on the metric itself, after the convex loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_FACTORS = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 4.0)
_SEED_SHARE = 0.1  # a weight that is 0 is tried at this share of the largest


def coordinate_search(
    metric: Callable[[NDArray[np.float64]], float],
    start: NDArray[np.float64],
    rounds: int = 6,
    tolerance: float = 1e-4,
) -> tuple[NDArray[np.float64], float]:
    """Improve weights one at a time until nothing gains more than ``tolerance``.

    Parameters
    ----------
    metric
        Mean of the objective under weights; only their ratios matter.
    start : K
        Non-negative weights.

    Returns
    -------
    weights, value
        ``value`` is never below the start's.
    """
    best = start / max(start.max(), 1e-12) if start.max() > 0 else np.ones_like(start)
    value = metric(best)
    for _ in range(rounds):
        before = value
        for k in range(len(best)):
            current = best[k] if best[k] > 1e-6 else _SEED_SHARE * best.max()
            for factor in _FACTORS if best[k] > 1e-6 else (0.5, 1.0, 2.0, 5.0):
                trial = best.copy()
                trial[k] = current * factor
                if trial.max() <= 0:
                    continue
                found = metric(trial)
                if found > value + tolerance / 10:
                    best, value = trial, found
        if value - before < tolerance:
            break
    return best / best.max(), value
