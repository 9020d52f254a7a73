"""Coordinate search on the metric itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_FACTORS = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 4.0)
_STEPS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
_SEED_SHARE = 0.1  # a weight that is 0 is tried at this share of the largest


def grid_search(
    metric: Callable[[NDArray[np.float64]], float], start: NDArray[np.float64], rounds: int = 3
) -> tuple[NDArray[np.float64], float]:
    """Give every weight in turn the best of a few values in [0, 1], until a round changes nothing.

    For objectives with one answer a user, such as friendships, where parts are many and mostly
    redundant: ties go to the smaller weight, so that a part that does not help is switched off.

    Parameters
    ----------
    metric
        Mean of the objective under weights.
    start : K
        Weights in [0, 1].

    Returns
    -------
    weights, value
        At least one weight is above 0, and ``value`` is never below the start's (to 1e-9 a step).
    """
    best, value = start.copy(), metric(start)
    for _ in range(rounds):
        before = best.copy()
        for k in range(len(best)):
            for step in _STEPS:
                tried = best.copy()
                tried[k] = step
                if not tried.any():
                    continue
                found = metric(tried)
                if found > value + 1e-6 or (found >= value - 1e-9 and step < best[k]):
                    best, value = tried, found
        if (best == before).all():
            break
    return best, value


def cautious_search(
    metric: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    start: NDArray[np.float64],
    others: Sequence[NDArray[np.float64]] = (),
    rounds: int = 6,
    caution: float = 1.0,
    allowed: Callable[[NDArray[np.float64]], bool] = lambda _: True,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Leave the start only for gains above ``caution`` standard errors (paired over users).

    A metric of a few hundred users is noisy: a search that takes any gain fits the noise. On
    halves of MovieLens' users the weights that such a search finds lose to the start on the
    other half, while these keep its level and still move where the gain is real (Last.fm).

    Parameters
    ----------
    metric
        The objective of each user, shape (U,), under weights; only their ratios matter.
    start : K
        Non-negative weights.
    others
        Weights that may take the start's place, by the same rule.
    allowed
        Tells weights that keep the constraints; the start must.

    Returns
    -------
    weights, values : K, U
        Weights with maximum 1, and the metric under them.
    """
    best = start / start.max() if start.max() > 0 else np.ones_like(start)
    values = metric(best)

    def better(tried: Sequence[NDArray[np.float64]]) -> bool:
        nonlocal best, values
        found = [(one, metric(one)) for one in tried if one.max() > 0]
        gains = [(v - values).mean() / max(_standard_error(v - values), 1e-12) for _, v in found]
        worth = [pair for pair, gain in zip(found, gains, strict=True) if gain > caution]
        for one, value in sorted(worth, key=lambda pair: -pair[1].mean()):
            if allowed(one):
                best, values = one, value
                return True
        return False

    better([np.asarray(w, dtype=np.float64) / max(w.max(), 1e-12) for w in others])
    for _ in range(rounds):
        moved = False
        for k in range(len(best)):
            current = best[k] if best[k] > 1e-6 else _SEED_SHARE * best.max()
            tried = [best.copy() for _ in _FACTORS]
            for one, factor in zip(tried, _FACTORS, strict=True):
                one[k] = current * factor
            moved |= better(tried)
        if not moved:
            break
    return best / best.max(), values


def _standard_error(differences: NDArray[np.float64]) -> float:
    return float(differences.std() / np.sqrt(max(len(differences), 1)))
