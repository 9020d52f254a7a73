"""How much the factor space says: chosen on a tenth of each history that is held out for it.

Whether broad directions help depends on the domain: they do where people keep to genres
(Last.fm), and not where a few directions are everybody's (MovieLens). The choice is made inside
the histories that a build is given, so that an evaluation's test part has no say in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.refinement import mixed, refined
from mgrec_core.model.granularities.balance import balanced
from mgrec_core.model.granularities.factors import fit_factor_space
from mgrec_core.model.granularities.item_space import CollaborativeConfig, fit_item_space
from mgrec_core.model.granularities.structure import Block, inner

SHARES = (0.2, 1 / 3, 0.5)
"""Candidates beside 0."""

_HELD = 0.1
_LEAST_ITEMS = 5  # in a history of which one is held out
_MOST_EXACT = 4_000  # min(users, items) above which the second fit would cost too much time
_MOST_USERS = 2_000
_K = 10


def choose_share(
    strength: sparse.csr_array, age: sparse.csr_array | None, config: CollaborativeConfig
) -> float:
    """The share with the best nDCG@10 on held-out pairs among those better than 0 beyond chance, or 0.

    Beyond chance: the mean difference is above two of its standard errors.

    Parameters
    ----------
    strength : |U| × |I|
        In (0, 1].
    age : |U| × |I| or None
        Age of each pair, the smallest is the newest. The newest pairs are held out, without ages
        random ones (the same every time).
    """
    if min(strength.shape) > _MOST_EXACT:
        return 0.0
    held = hold_out(strength, age)
    rows = np.flatnonzero(np.diff(held.indptr) > 0)
    if len(rows) < 2:
        return 0.0
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, _MOST_USERS).astype(int))]
    training = sparse.csr_array(strength - held)
    training.eliminate_zeros()
    space, factors = fit_item_space(training, config), fit_factor_space(training, config)
    if space is None or factors is None or not space.exact:
        return 0.0
    first = space.block
    blocks = [balanced(training, first, factors, share) for share in SHARES]
    found = _ndcg(training, held, first, factors, [0.0, *(block.scale for block in blocks)], rows)
    gain = found[1:] - found[0]
    means, errors = gain.mean(axis=1), gain.std(axis=1) / np.sqrt(len(rows))
    sure = np.where(means > 2 * errors, means, 0.0)
    return SHARES[int(np.argmax(sure))] if sure.any() else 0.0


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
    wanted = np.where(lengths >= _LEAST_ITEMS, np.maximum(1, np.round(_HELD * lengths)), 0)
    held = strength.copy()
    held.data = np.where(place < wanted[users], held.data, 0.0)
    held.eliminate_zeros()
    return held


def _ndcg(
    training: sparse.csr_array,
    held: sparse.csr_array,
    first: Block,
    second: Block,
    scales: list[float],
    rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """nDCG@10 of each user (columns) under each scale of the second block (rows)."""
    from mgrec_core.metrics import hits_of
    from mgrec_core.metrics.accuracy import ndcg
    from mgrec_core.metrics.top_k import top_k

    found = np.zeros((len(scales), len(rows)))
    for chunk in slices(len(rows), 1, 64):
        part = rows[chunk]
        relevant = held[part].toarray() > 0
        seen = training[part].toarray() > 0
        pooled = training[part]
        of_items = inner(pooled @ first.evidence, first.items)
        of_factors = inner(pooled @ second.evidence, second.items)
        for n, scale in enumerate(scales):
            scores = np.where(seen, -np.inf, of_items + np.float32(scale) * of_factors)
            top = np.stack([top_k(row, _K) for row in scores])
            found[n, chunk] = ndcg(hits_of(top, relevant), relevant.sum(axis=1))
    return found
