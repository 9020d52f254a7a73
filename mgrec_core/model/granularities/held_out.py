"""A tenth of each history held out inside a build, on which its options are chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.refinement import mixed, refined
from mgrec_core.model.granularities.structure import Block, inner

K = 10
"""Length of the lists."""

_HELD = 0.1
LEAST_ITEMS = 5
"""Items in a history of which one is held out."""


def hold_out(strength: sparse.csr_array, age: sparse.csr_array | None) -> sparse.csr_array:
    """A tenth of each history of five and more, at least one pair; the other entries are left out.

    Pairs of one age are drawn, as all are without ages: by what the matrix says of their user and item,
    never by their places, which come from ids.
    """
    n_users = strength.shape[0]
    users = np.repeat(np.arange(n_users), np.diff(strength.indptr))
    items = strength.indices.astype(np.int64)
    order_by = np.zeros(strength.nnz)
    if age is not None:
        found = np.asarray(sparse.csr_matrix(age)[users, items], dtype=np.float64).ravel()
        order_by = np.where(found > 0, found, np.inf)
    values = (strength.data.astype(np.float64).view(np.uint64), order_by.view(np.uint64))
    colours = np.repeat(np.array([0, 1], dtype=np.uint64), strength.shape)
    colours = refined(colours, users, items + n_users, mixed(mixed(values[0]) + values[1]))
    drawn = mixed(mixed(colours[users]) + colours[items + n_users])
    order = np.lexsort((drawn, order_by, users))
    place = np.empty(strength.nnz, dtype=np.int64)
    place[order] = np.arange(strength.nnz) - strength.indptr[users[order]]
    lengths = np.diff(strength.indptr)
    wanted = np.where(lengths >= LEAST_ITEMS, np.maximum(1, np.round(_HELD * lengths)), 0)
    held = strength.copy()
    held.data = np.where(place < wanted[users], held.data, 0.0)
    held.eliminate_zeros()
    return held


def ndcg_of(
    training: sparse.csr_array,
    held: sparse.csr_array,
    blocks: Sequence[Block],
    scales: Sequence[Sequence[float]],
    rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """nDCG@10 of users on their held-out pairs.

    Parameters
    ----------
    training, held : |U| × |I|
        What histories keep, and what is to be found again.
    blocks
        Spaces in which the histories are pooled.
    scales
        Factors on the blocks' scores; each is tried.
    rows : n
        The users.

    Returns
    -------
    len(scales) × n
    """
    from mgrec_core.metrics import hits_of
    from mgrec_core.metrics.accuracy import ndcg
    from mgrec_core.metrics.top_k import top_k

    found = np.zeros((len(scales), len(rows)))
    for chunk in slices(len(rows), 1, 64):
        part = rows[chunk]
        relevant = held[part].toarray() > 0
        seen = training[part].toarray() > 0
        scores = [inner(training[part] @ block.evidence, block.items) for block in blocks]
        for n, factors in enumerate(scales):
            fused = sum(np.float32(factor) * of for factor, of in zip(factors, scores, strict=True))
            top = np.stack([top_k(row, K) for row in np.where(seen, -np.inf, fused)])
            found[n, chunk] = ndcg(hits_of(top, relevant), relevant.sum(axis=1))
    return found
