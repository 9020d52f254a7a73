"""Cosines between users' vectors of one granularity, split exactly over evidence.

cos(u, v) = z_u·z_v / (|z_u|·|z_v|) = Σ_e W[u,e]·(x_e·z_v) / (|z_u|·|z_v|). Nobody's z is kept: all
cosines of u are W·(X·z_u) over the lengths, two products instead of a |U| × n matrix of vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.chunks import slices
from mgrec_core.model.granularities.structure import Block, Granularity, dense

_CHUNK_CELLS = 16_000_000


class Similarity:
    """Cosines of user vectors of one granularity.

    Attributes
    ----------
    lengths : |U|
        |z_u|; 0 without evidence.
    """

    def __init__(self, g: Granularity) -> None:
        self.granularity = g
        n_users = g.weights.shape[0]
        self.lengths = np.zeros(n_users)
        for rows in slices(n_users, g.dimensions, _CHUNK_CELLS):
            for block in g.blocks:
                z = dense(g.weights[rows] @ block.evidence).astype(np.float64)
                self.lengths[rows] += block.scale * np.einsum("ud,ud->u", z, z)
        self.lengths = np.sqrt(self.lengths)

    def rows(self, users: NDArray[np.int64]) -> NDArray[np.float64]:
        """Cosines of some users with all, shape (len(users), |U|)."""
        g = self.granularity
        total = np.zeros((len(users), len(self.lengths)))
        for block in g.blocks:
            pulled = _pull(block, g.weights[users])
            total += block.scale * np.asarray((g.weights @ pulled.T).T)
        return _over(total, np.outer(self.lengths[users], self.lengths))

    def pieces(self, user: int, other: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Evidence rows of ``user`` and their shares of the cosine with ``other``; they sum to it."""
        g = self.granularity
        held = slice(g.weights.indptr[user], g.weights.indptr[user + 1])
        rows = g.weights.indices[held].astype(np.int64)
        values = np.zeros(len(rows))
        for block in g.blocks:
            values += block.scale * _pull(block, g.weights[[other]])[0][rows]
        length = self.lengths[user] * self.lengths[other]
        return rows, _over(values * g.weights.data[held], np.full(len(rows), length))


def _pull(block: Block, weights: sparse.csr_array) -> NDArray[np.float64]:
    """x_e·z_u of all evidence e for each row u of ``weights``, dense in double precision."""
    z = dense(weights @ block.evidence)
    found = (block.evidence @ z.T).T if sparse.issparse(block.evidence) else z @ block.evidence.T
    return np.asarray(found, dtype=np.float64)


def _over(values: NDArray[np.float64], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 1e-12)
