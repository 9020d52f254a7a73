"""Links between items that a build computes: from histories, and from language-model vectors.

Both give a symmetric |I| × |I| matrix of confidences in (0, 1]. They are never stored in the tables:
co-occurrence must not see a hold-out's test events, and neighbours need the language model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_ROWS = 1024
_CELLS = 2**24  # cosines held at once; choosing the nearest of them takes three times as many bytes again


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
        Only pairs that more users have than chance would bring together.
    """
    pattern = sparse.csr_array(
        (np.ones(strength.nnz, dtype=np.float32), strength.indices, strength.indptr), shape=strength.shape
    )
    users, items = pattern.shape
    having = np.bincount(pattern.indices, minlength=items).astype(np.float64)
    columns = sparse.csr_array(pattern.T)
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for start in range(0, items, _ROWS):  # the whole product would not fit at a large catalogue
        both = sparse.coo_array(columns[start : start + _ROWS] @ pattern)
        left, right, n = both.row.astype(np.int64) + start, both.col.astype(np.int64), both.data.astype(float)
        keep = (left != right) & (n >= support) & (n * users > having[left] * having[right])
        left, right, n = left[keep], right[keep], n[keep]
        value = n / np.sqrt(having[left] * having[right]) * n / (n + shrinkage)
        keep = value >= threshold
        parts.append(_best(left[keep], right[keep], value[keep], per_item))
    return _symmetric(parts, items)


def neighbours(vectors: NDArray[np.float32], *, per_item: int, threshold: float) -> sparse.csr_array:
    """Items whose vectors are each among the other's nearest.

    Parameters
    ----------
    vectors : |I| × d
        Of unit length; rows of zeros have no neighbours.
    per_item
        k of the k nearest.
    threshold
        Least cosine.
    """
    items = len(vectors)
    k = min(per_item, max(items - 1, 0))
    found: set[tuple[int, int]] = set()
    values: dict[tuple[int, int], float] = {}
    step = max(1, min(_ROWS, _CELLS // max(items, 1)))
    for start in range(0, items if k else 0, step):
        block = vectors[start : start + step] @ vectors.T
        rows = np.arange(len(block))
        block[rows, rows + start] = -np.inf
        best = np.argpartition(-block, k - 1, axis=1)[:, :k]
        for row in rows:
            for other in best[row]:
                # Rounded, so that both ends of a pair say the same number.
                value = round(float(block[row, other]), 4)
                if value >= threshold:
                    pair = (int(row) + start, int(other))
                    found.add(pair)
                    values[pair] = value
    mutual = sorted((a, b) for a, b in found if a < b and (b, a) in found)
    left, right = np.array(mutual, dtype=np.int64).reshape(-1, 2).T
    cosine = np.array([values[pair] for pair in mutual], dtype=np.float64)
    return _symmetric([(left, right, np.minimum(cosine, 1.0))], items)


def _best(
    left: NDArray[np.int64], right: NDArray[np.int64], value: NDArray[np.float64], per_item: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The largest values of each row, ties by column."""
    order = np.lexsort((right, -value, left))
    left, right, value = left[order], right[order], value[order]
    first = np.concatenate([[True], left[1:] != left[:-1]]) if len(left) else np.zeros(0, dtype=bool)
    starts = np.flatnonzero(first)
    place = np.arange(len(left)) - np.repeat(starts, np.diff([*starts, len(left)]))
    kept = place < per_item
    return left[kept], right[kept], value[kept]


def _symmetric(
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]], items: int
) -> sparse.csr_array:
    if not parts:
        return sparse.csr_array((items, items))
    left, right, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    chosen = sparse.csr_array((value, (left, right)), shape=(items, items))
    both = sparse.csr_array(chosen.maximum(chosen.T))
    both.sort_indices()
    return both
