"""What a user is interested in: the evidence that carries each user vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.explanation import Interest
from mgrec_core.model.granularities import Granularity
from mgrec_core.model.granularities.structure import Matrix
from mgrec_core.model.model import Model

_CELLS = 2**23


def interests_of(model: Model, user: int, top: int) -> dict[str, tuple[Interest, ...]]:
    """The ``top`` pieces of evidence by their share of the user vector.

    The share of e in z = Σ_e W[u,e]·x_e is W[u,e]·(x_e·z) / (z·z): its projection on the
    vector, so that shares sum to 1 and a piece that points elsewhere counts against it.
    The prior is no interest and is left out.
    """
    found: dict[str, tuple[Interest, ...]] = {}
    for name, g in model.granularities.items():
        if g.kind == "everyone":
            continue
        rows, shares, held = vector_shares(g, user)
        order = np.lexsort((rows, -shares))[:top]
        found[name] = tuple(
            Interest(
                g.kind, g.evidence_ids[rows[e]], g.evidence_labels[rows[e]], float(shares[e]), float(held[e])
            )
            for e in order
        )
    return found


def vector_shares(
    g: Granularity, user: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Evidence rows of a user, their shares of the user vector (sum 1) and their weights."""
    start, stop = g.weights.indptr[user], g.weights.indptr[user + 1]
    rows = g.weights.indices[start:stop].astype(np.int64)
    held = np.asarray(g.weights.data[start:stop], dtype=np.float64)
    along = np.zeros(len(rows))
    for block in g.blocks:
        along += block.scale * along_own(block.evidence, rows, held)
    shares = held * along
    total = shares.sum()
    return rows, shares / total if total > 0 else np.zeros(len(rows)), held


def pooled(evidence: Matrix, rows: NDArray[np.int64], held: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ_e held·x_e in double precision, shape (n,); of dense evidence a part of the rows at a time."""
    total = np.zeros(evidence.shape[1])
    for part in slices(len(rows), evidence.shape[1], _CELLS if not sparse.issparse(evidence) else 2**62):
        total += np.asarray(held[part] @ evidence[rows[part]].astype(np.float64), dtype=np.float64)
    return total


def along_own(evidence: Matrix, rows: NDArray[np.int64], held: NDArray[np.float64]) -> NDArray[np.float64]:
    """x_e · Σ held·x of each row, shape (len(rows),)."""
    vector = pooled(evidence, rows, held)
    found = np.zeros(len(rows))
    for part in slices(len(rows), evidence.shape[1], _CELLS if not sparse.issparse(evidence) else 2**62):
        found[part] = np.asarray(evidence[rows[part]].astype(np.float64) @ vector, dtype=np.float64)
    return found
