"""One user as she might be: the model with a row for each variant of her history or of her evidence.

The item spaces, the items' vectors and what is known of everybody else (rarity, the catalogue's shares) stay
as they are built. What changes is her row: its weights over the evidence of every granularity are computed by
the code that the build computes them with. What she has had stays out of her list, also where a variant is
without.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.histories import Histories
from mgrec_core.model.granularities.structure import Block, Granularity, Matrix, Vectors, dense, inner, pooled
from mgrec_core.model.model import Model


def with_histories(model: Model, user: int, histories: Histories) -> Model:
    """The model whose users are N variants of one user's history.

    A granularity whose weights do not follow from the history (friends, the prior) keeps the user's.
    """
    n = histories.signal.shape[0]
    return _of_rows(
        model,
        user,
        n,
        {
            name: g.from_history.weights(histories)
            for name, g in model.granularities.items()
            if g.from_history is not None
        },
    )


def with_evidence(model: Model, user: int, name: str, keep: NDArray[np.bool_]) -> Model:
    """The model whose users are N variants of one user's evidence at one granularity.

    Parameters
    ----------
    keep : N × pieces
        Which of the user's pieces of evidence are still there, in the order of the stored row; the
        weights of the others stay as they are.
    """
    g = model.granularities[name]
    start, stop = g.weights.indptr[user], g.weights.indptr[user + 1]
    held, rows = g.weights.data[start:stop], g.weights.indices[start:stop]
    counts = keep.sum(axis=1)
    weights = sparse.csr_array(
        (np.tile(held, len(keep))[keep.ravel()], np.tile(rows, len(keep))[keep.ravel()], _ends(counts)),
        shape=(len(keep), g.weights.shape[1]),
    )
    return _of_rows(model, user, len(keep), {name: weights})


def raw_of_variants(model: Model, names: Collection[str]) -> dict[str, Vectors]:
    """Raw scores of all rows at some granularities, N × |I| each, as :meth:`Granularity.scores`.

    Granularities that meet the same item vectors are scored together: reading these is what takes the time.
    """
    spaces: dict[int, list[tuple[str, Block, Matrix]]] = {}
    for name in names:
        g = model.granularities[name]
        weights = g.weights.astype(np.float32)
        for block in g.blocks:
            spaces.setdefault(id(block.items), []).append((name, block, pooled(weights, block.evidence)))
    found: dict[str, Vectors] = {}
    for held in spaces.values():
        vectors = [z for _, _, z in held]
        joint: Matrix
        if all(sparse.issparse(z) for z in vectors):
            joint = sparse.csr_array(sparse.vstack([sparse.csr_array(z) for z in vectors]))
        else:
            joint = np.vstack([dense(z) for z in vectors])
        scores = inner(joint, held[0][1].items)
        for n, (name, block, _) in enumerate(held):
            part = scores[n * model.n_users : (n + 1) * model.n_users] * np.float32(block.scale)
            found[name] = found[name] + part if name in found else part
    return found


def _of_rows(model: Model, user: int, n: int, weights: Mapping[str, sparse.csr_array]) -> Model:
    granularities: dict[str, Granularity] = {}
    for name, g in model.granularities.items():
        own = weights[name] if name in weights else _repeated(g.weights, user, n)
        granularities[name] = replace(g, weights=own)
    found = replace(model, granularities=granularities, seen=_repeated(model.seen, user, n))
    found.__dict__["global_scale"] = model.global_scale  # the population's, a cached property
    return found


def _repeated(matrix: sparse.csr_array, row: int, n: int) -> sparse.csr_array:
    start, stop = matrix.indptr[row], matrix.indptr[row + 1]
    return sparse.csr_array(
        (
            np.tile(matrix.data[start:stop], n),
            np.tile(matrix.indices[start:stop], n),
            _ends(np.full(n, stop - start)),
        ),
        shape=(n, matrix.shape[1]),
    )


def _ends(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
