"""Reach: how much of the catalogue lists show, and how evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.metric import FromAllLists, Lists


def coverage(top: Lists, n_items: int) -> float:
    """Share of the catalogue that is in any list: |∪ lists| / |I|."""
    return len(np.unique(top[top >= 0])) / max(n_items, 1)


def gini(top: Lists, n_items: int) -> float:
    """How unequally recommendations fall on items: the Gini coefficient of how often each is in a list.

    Examples
    --------
    >>> gini(np.array([[0, 1], [2, 3]]), 4)
    0.0
    >>> gini(np.array([[0], [0]]), 4)
    0.75
    """
    return gini_coefficient(np.bincount(top[top >= 0], minlength=n_items))


def gini_coefficient(counts: NDArray[np.number]) -> float:
    """Σ_r (2r − n − 1)·x_(r) / (n·Σx) of counts in ascending order: 0 equal, →1 one has all.

    Examples
    --------
    >>> gini_coefficient(np.array([2.0, 2.0])), gini_coefficient(np.array([0.0, 0.0, 0.0, 4.0]))
    (0.0, 0.75)
    """
    n, total = len(counts), counts.sum()
    if n == 0 or total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(counts).astype(np.float64) / (n * total))


METRICS = (
    FromAllLists(
        name="coverage",
        title="Coverage",
        formula="items in any list / items of the catalogue",
        compute=lambda top, catalogue: coverage(top, len(catalogue.users_of_item)),
        headline=True,
        order=10,
    ),
    FromAllLists(
        name="gini",
        title="Gini",
        formula="how unequally lists fall on items: 0 all equally often, 1 one item only",
        compute=lambda top, catalogue: gini(top, len(catalogue.users_of_item)),
        better="lower",
        order=11,
    ),
)
