"""Permutations that keep sizes and lose meaning: what permutation controls are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.parts import Parts
from mgrec_core.model.granularities.spaces import Spaces


def items_permuted(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    """Every item of the histories stands for another one."""
    data = spaces.data
    order = rng.permutation(len(data.items))
    return spaces.with_data(
        strength=_columns(data.strength, order),
        against=_columns(data.against, order) if data.against is not None else None,
    )


def _columns(matrix: sparse.csr_array, order: NDArray[np.int64]) -> sparse.csr_array:
    found = sparse.csr_array(matrix[:, order])
    found.sort_indices()
    return found


def texts_permuted(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    """Every item that has a text has another one's; whole histories read as texts likewise."""
    text, sequences = spaces.text_vectors, spaces.sequence_vectors
    return replace(
        spaces,
        text_vectors=between_rows(text, rng) if text is not None else None,
        sequence_vectors=between_rows(sequences, rng) if sequences is not None else None,
        parts=Parts(),
    )


def between_rows(vectors: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Shuffle the rows that are not all zero among themselves."""
    written = np.flatnonzero(np.abs(vectors).sum(axis=1) > 0)
    result = vectors.copy()
    result[written] = vectors[rng.permutation(written)]
    return result


def within_rows(matrix: sparse.csr_array | None, rng: np.random.Generator) -> sparse.csr_array | None:
    """Shuffle the stored values of each row."""
    if matrix is None:
        return None
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((rng.random(matrix.nnz), rows))
    return sparse.csr_array((matrix.data[order], matrix.indices, matrix.indptr), shape=matrix.shape)


def rewire(matrix: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    """Shuffle the far ends of all edges (configuration model): row and column degrees stay.

    Edges that come to join the same pair are summed.
    """
    edges = matrix.tocoo()
    order = rng.permutation(matrix.nnz)
    found = sparse.csr_array(
        (edges.data[order], (edges.row, edges.col[order])), shape=matrix.shape
    )  # the weight goes with the far end
    found.sum_duplicates()
    return found


def rewire_both_ways(matrix: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    """Rewire a symmetric matrix; edges that come to join a node with itself are dropped."""
    upper = sparse.csr_array(sparse.triu(matrix, k=1))
    if upper.nnz == 0:
        return matrix
    edges = upper.tocoo()
    # Ends are drawn from one pool, so that a node's degree counts both of its sides.
    ends = rng.permutation(np.concatenate([edges.row, edges.col]))
    left, right = ends[: upper.nnz], ends[upper.nnz :]
    apart = left != right
    both = sparse.csr_array((edges.data[apart], (left[apart], right[apart])), shape=matrix.shape)
    found = sparse.csr_array(both + both.T)
    found.sum_duplicates()
    found.sort_indices()
    return found
