"""What a granularity is: evidence, user weights over it, and a space (nothing else).

The user vector is a pooled sum, z_uk = Σ_e W_k[u,e]·x_e, and the raw score is the inner
product s_k(u,i) = z_uk · a_ik. Scores, explanations and maps all follow from these two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.histories import FromHistory
from mgrec_core.model.granularities.matrices import Matrix, Vectors, normalise_rows

__all__ = [
    "Absent",
    "Block",
    "Granularity",
    "Matrix",
    "Vectors",
    "concatenate",
    "dense",
    "inner",
    "normalise_rows",
    "pooled",
    "pull",
    "scaled",
]


@dataclass(frozen=True)
class Block:
    """One space of a granularity.

    Attributes
    ----------
    evidence : |E_k| × n
        x_e.
    items : |I| × n
        a_ik.
    scale
        Factor on this block's scores, ≥ 0.
    evidence_name, item_name
        Names under which the matrices are stored; granularities that share one store it once.
    """

    evidence: Matrix
    items: Matrix
    scale: float
    evidence_name: str
    item_name: str

    @property
    def dimensions(self) -> int:
        """Width n of the space."""
        return int(self.items.shape[1])


@dataclass(frozen=True)
class Granularity:
    """Evidence, user weights and one or more spaces.

    Attributes
    ----------
    name
        One of :data:`mgrec_core.model.granularities.GRANULARITIES`.
    kind
        What a piece of evidence is: ``item``, ``attribute``, ``entity``, ``friend``, ``everyone``.
    evidence_ids, evidence_labels : |E_k|
        In the order of the rows of the evidence matrices.
    weights : |U| × |E_k|
        W_k, sparse; negative where the data say that the user is against it.
    blocks
        The spaces; z_uk is the concatenation of the blocks' pooled sums.
    language : |E_k| × d or None
        Each piece of evidence in the shared language space, for the fused vector.
    language_name
        Name under which that matrix is stored.
    reason
        One sentence on what it is built from.
    origins : |E_k| or None
        For evidence of the knowledge graph: its rules, and the mean confidence of its triples.
    from_history
        How a user's history becomes W_k; ``None`` where the weights follow from something else.
    """

    name: str
    kind: str
    evidence_ids: list[str]
    evidence_labels: list[str]
    weights: sparse.csr_array
    blocks: tuple[Block, ...]
    reason: str
    language: Matrix | None = None
    language_name: str = ""
    origins: list[tuple[str, float]] | None = None
    from_history: FromHistory | None = None

    @property
    def dimensions(self) -> int:
        """n_k, summed over blocks."""
        return sum(block.dimensions for block in self.blocks)

    def scores(self, rows: NDArray[np.int64] | slice) -> Vectors:
        """Raw scores s_k(u, i) of the users ``rows``, shape (len(rows), |I|)."""
        weights = self.weights[rows]
        total: Vectors | None = None
        for block in self.blocks:
            part = inner(pooled(weights, block.evidence), block.items) * np.float32(block.scale)
            total = part if total is None else total + part
        if total is None:
            raise ValueError(f"granularity {self.name} has no space")
        return total

    def evidence_scores(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Split s_k(u, i) over the user's evidence.

        Returns
        -------
        rows, values
            Evidence rows with weight, and W[u,e]·(x_e · a_i) of each; the values sum to the score.
        """
        start, stop = self.weights.indptr[user], self.weights.indptr[user + 1]
        rows = self.weights.indices[start:stop].astype(np.int64)
        values = np.zeros(len(rows))
        for block in self.blocks:
            values += block.scale * pull(block.evidence, rows, block.items, item)
        return rows, values * self.weights.data[start:stop]

    def user_vectors(self, rows: NDArray[np.int64] | slice) -> Matrix:
        """z_uk of the users ``rows``, blocks concatenated with √scale, shape (len(rows), n_k)."""
        weights = self.weights[rows]
        return concatenate([scaled(weights @ b.evidence, b.scale**0.5) for b in self.blocks])

    def item_vectors(self) -> Matrix:
        """a_ik of all items, blocks concatenated with √scale, shape (|I|, n_k)."""
        return concatenate([scaled(b.items, b.scale**0.5) for b in self.blocks])


@dataclass(frozen=True)
class Absent:
    """A granularity that the data do not allow, and why (one sentence with the fix)."""

    name: str
    reason: str


def inner(left: Matrix, right: Matrix) -> Vectors:
    """``left @ right.T`` as a dense float32 array, whichever side is sparse."""
    if not sparse.issparse(right):
        # in another type, or sparse, the left side would have all of ``right`` copied first
        left = dense(left)
    product = left @ right.T
    return np.asarray(product.toarray() if sparse.issparse(product) else product, dtype=np.float32)


def pooled(weights: sparse.csr_array, evidence: Matrix) -> Matrix:
    """``weights @ evidence``; of dense evidence only the rows with a weight are read.

    All of them would be copied into the weights' type first, however few users there are.
    """
    if sparse.issparse(evidence) or weights.nnz * 2 > evidence.shape[0]:
        return weights @ evidence
    held, place = np.unique(weights.indices, return_inverse=True)
    few = sparse.csr_array((weights.data, place, weights.indptr), shape=(weights.shape[0], len(held)))
    return few @ evidence[held]


def pull(evidence: Matrix, rows: NDArray[np.int64], items: Matrix, item: int) -> NDArray[np.float64]:
    """x_e · a_i for the evidence ``rows`` and one item, shape (len(rows),)."""
    if sparse.issparse(items):
        vector = items[[item]].toarray()[0].astype(np.float64)
    else:
        vector = np.asarray(items[item], dtype=np.float64)
    return np.asarray(evidence[rows] @ vector, dtype=np.float64)


def scaled(matrix: Matrix, factor: float) -> Matrix:
    """``matrix × factor`` as float32; the same object when the factor is 1."""
    return matrix if factor == 1.0 else (matrix * np.float32(factor)).astype(np.float32)


def concatenate(parts: list[Matrix]) -> Matrix:
    """Blocks side by side; sparse only when all of them are."""
    if len(parts) == 1:
        return parts[0]
    if all(sparse.issparse(part) for part in parts):
        return sparse.csr_array(sparse.hstack([sparse.csr_array(part) for part in parts]))
    return np.hstack([dense(part) for part in parts])


def dense(matrix: Matrix) -> Vectors:
    """The matrix as a float32 array."""
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix, dtype=np.float32)
