"""How alike two sets of ranked lists are."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.metric import PerUser


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


def rbo(first: Sequence[Hashable], second: Sequence[Hashable], p: float = 0.9) -> float:
    """Rank-biased overlap of two lists, extrapolated from what is seen of them, in [0, 1].

    Agreement at depth d weighs p^d, so that the first ranks count most; with p = 0.9 the first ten
    hold 86 % of the weight. Webber, Moffat and Zobel (2010), equation 32: RBO_ext for lists of
    different lengths.

    Parameters
    ----------
    first, second
        Distinct things, best first.
    p
        In (0, 1).

    Examples
    --------
    >>> round(rbo("abc", "abc"), 6), rbo("abc", "xyz"), rbo("", "")
    (1.0, 0.0, 1.0)
    >>> rbo("abc", "acb") > rbo("abc", "bac") > 0
    True
    """
    short, long = sorted((first, second), key=len)
    s, n = len(short), len(long)
    if s == 0:
        return 1.0 if n == 0 else 0.0
    common = [0] * (n + 1)
    for d in range(1, n + 1):
        common[d] = len({*long[:d]} & {*short[:d]})
    total = sum(common[d] / d * p**d for d in range(1, n + 1))
    total += sum(common[s] * (d - s) / (s * d) * p**d for d in range(s + 1, n + 1))
    return (1 - p) / p * total + ((common[n] - common[s]) / n + common[s] / s) * p**n
