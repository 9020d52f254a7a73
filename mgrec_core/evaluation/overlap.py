"""How alike two sets of ranked lists are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.evaluation.metrics import PerUser


def overlap(first: NDArray[np.int64], second: NDArray[np.int64]) -> PerUser:
    """Share of each user's items that are in both lists: |A ∩ B| / max(|A|, |B|).

    Parameters
    ----------
    first, second : U × k
        Item positions, −1 where a list is shorter.

    Examples
    --------
    >>> overlap(np.array([[1, 2], [3, -1]]), np.array([[2, 4], [3, -1]])).tolist()
    [0.5, 1.0]
    """
    same = (first[:, :, None] == second[:, None, :]) & (first >= 0)[:, :, None]
    longest = np.maximum((first >= 0).sum(axis=1), (second >= 0).sum(axis=1))
    return np.asarray(same.any(axis=2).sum(axis=1) / np.maximum(longest, 1), dtype=np.float64)


def same_first(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Share of users whose first item is the same."""
    return float((first[:, 0] == second[:, 0]).mean()) if len(first) else 1.0
