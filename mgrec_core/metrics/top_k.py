"""The best k of a score vector, ties by position (that is, by item id)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def top_k(
    scores: NDArray[np.floating], k: int, allowed: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Positions of the ``k`` largest scores, best first.

    Parameters
    ----------
    scores : n
        Any real scores; NaN is not allowed.
    k
        How many; fewer come back where fewer are allowed.
    allowed : n, optional
        Positions that may be returned.

    Examples
    --------
    >>> top_k(np.array([1.0, 3.0, 3.0, 2.0]), 3).tolist()
    [1, 2, 3]
    """
    positions = np.arange(len(scores)) if allowed is None else np.flatnonzero(allowed)
    chosen = scores[positions]
    k = min(k, len(chosen))
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    if k < len(chosen):
        threshold = np.partition(chosen, len(chosen) - k)[len(chosen) - k]
        near = np.flatnonzero(chosen >= threshold)  # all ties at the edge, then cut by position
        positions, chosen = positions[near], chosen[near]
    order = np.lexsort((positions, -chosen))[:k]
    return positions[order].astype(np.int64)


def rank_of(scores: NDArray[np.floating], position: int, allowed: NDArray[np.bool_]) -> int:
    """Rank (from 1) of one allowed position under the order of :func:`top_k`."""
    score = scores[position]
    ahead = allowed & ((scores > score) | ((scores == score) & (np.arange(len(scores)) < position)))
    return int(ahead.sum()) + 1
