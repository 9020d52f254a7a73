"""Links between items of the same histories.

They are computed from the events that a build reads and never stored in the tables, where a hold-out's
training part would meet its test events in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

RULE = "cooccurrence"
RELATION = "in_the_same_histories"
_ROWS = 1024

Links = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def cooccurrence(
    strength: sparse.csr_array, *, support: int, per_item: int, shrinkage: float, threshold: float
) -> sparse.csr_array:
    """Items that the same users have: cosine of their users, shrunk where those are few.

    Parameters
    ----------
    strength : |U| × |I|
        Stored entries are pairs; their values do not matter.
    support
        Least number of users that have both.
    per_item
        Each item's best so many; a link holds when either end chose it.
    shrinkage
        n / (n + shrinkage) times the cosine n / √(n_i·n_j), n users having both.
    threshold
        Least confidence.

    Returns
    -------
    |I| × |I|
        Symmetric confidences in (0, 1], only of pairs that more users have than chance would bring together.
    """
    from scipy import sparse  # imports of data, which start a process each, need none of it

    ones = np.ones(strength.nnz, dtype=np.float32)
    pattern = sparse.csr_array((ones, strength.indices, strength.indptr), shape=strength.shape)
    users, items = pattern.shape
    having = np.bincount(pattern.indices, minlength=items).astype(np.float64)
    columns = sparse.csr_array(pattern.T)
    parts: list[Links] = []
    for start in range(0, items, _ROWS):  # the whole product would not fit at a large catalogue
        both = sparse.coo_array(columns[start : start + _ROWS] @ pattern)
        left, right, n = both.row.astype(np.int64) + start, both.col.astype(np.int64), both.data.astype(float)
        keep = (left != right) & (n >= support) & (n * users > having[left] * having[right])
        left, right, n = left[keep], right[keep], n[keep]
        value = n / np.sqrt(having[left] * having[right]) * n / (n + shrinkage)
        keep = value >= threshold
        parts.append(_best(left[keep], right[keep], value[keep], per_item))
    if not parts:
        return sparse.csr_array((items, items))
    left, right, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    chosen = sparse.csr_array((value, (left, right)), shape=(items, items))
    found = sparse.csr_array(chosen.maximum(chosen.T))
    found.sort_indices()
    return found


def _best(
    left: NDArray[np.int64], right: NDArray[np.int64], value: NDArray[np.float64], per_item: int
) -> Links:
    """The largest values of each row, ties by column."""
    order = np.lexsort((right, -value, left))
    left, right, value = left[order], right[order], value[order]
    starts = np.searchsorted(left, left)  # where each one's row begins
    kept = np.arange(len(left)) - starts < per_item
    return left[kept], right[kept], value[kept]
