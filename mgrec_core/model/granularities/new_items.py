"""How long the vectors of items without events are: how much new items may cost the known ones.

The length decides how often a new item gets into a list, and no history says how often it should. What is
chosen is the price: where a tenth of the items is made new, lists of the known ones may lose so much of their
nDCG@10 and no more. It is measured on held-out parts of the histories that a build is given, so that an
evaluation's test part has no say.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.refinement import mixed, refined
from mgrec_core.model.granularities.held_out import LEAST_ITEMS, K, hold_out
from mgrec_core.model.granularities.structure import Vectors, inner

SHARE = 0.1
"""Share of the items that are made new for it."""
SHORTEST, LONGEST = 0.5, 6.0
_STEPS = 7
_ENOUGH = 20_000  # users that vectors are learned from to choose
_CELLS = 20_000_000
_MOST_USERS, _LEAST_USERS = 1_000, 50


def draw_items(weights: sparse.csr_array) -> NDArray[np.bool_]:
    """A tenth of the items with events, drawn by what the matrix says of them, never by their places."""
    n_users, n_items = weights.shape
    users = np.repeat(np.arange(n_users), np.diff(weights.indptr))
    items = weights.indices.astype(np.int64)
    colours = np.repeat(np.array([0, 1], dtype=np.uint64), (n_users, n_items))
    said = weights.data.astype(np.float64).view(np.uint64)
    drawn = mixed(refined(colours, users, items + n_users, mixed(said))[n_users:])
    held = np.bincount(items, minlength=n_items) > 0
    order = np.argsort(np.where(held, drawn, np.iinfo(np.uint64).max), kind="stable")
    found = np.zeros(n_items, dtype=bool)
    found[order[: int(SHARE * held.sum())]] = True
    return found


def _sampled(texts: Vectors, weights: sparse.csr_array) -> tuple[Vectors, sparse.csr_array]:
    """An even sample of many users, and the items that they have: the choice takes seconds, however large."""
    if weights.shape[0] <= _ENOUGH:
        return texts, weights
    some = sparse.csr_array(weights[np.unique(np.linspace(0, weights.shape[0] - 1, _ENOUGH).astype(int))])
    items = np.unique(some.indices)
    return texts[items], sparse.csr_array(some[:, items])


def choose_length(
    texts: Vectors,
    weights: sparse.csr_array,
    learn: Callable[[Vectors, sparse.csr_array], Vectors],
    price: float,
    usual: float,
) -> float:
    """Largest length of new items' vectors that costs the lists of known items no more than ``price``.

    Parameters
    ----------
    texts : |I| × d
    weights : |U| × |I|
        How much users are for items, negative where against.
    learn
        Makes item vectors of texts and weights, those of items without events of the length 1.
    price
        Share of the nDCG@10 that they have without new items in their lists, in [0, 1).
    usual
        The length where there are too few histories to tell.

    Returns
    -------
    float
        From 0.5 to 6, times the typical length of learned vectors.
    """
    texts, weights = _sampled(texts, weights)
    new = draw_items(weights)
    known = sparse.csr_array(weights @ sparse.diags_array((~new).astype(weights.dtype)))
    known.eliminate_zeros()
    liked = known.copy()
    liked.data = np.maximum(liked.data, 0)
    liked.eliminate_zeros()
    held = hold_out(liked, None)
    rows = np.flatnonzero((np.diff(held.indptr) > 0) & (np.diff(known.indptr) >= LEAST_ITEMS))
    most = int(np.clip(_CELLS // len(texts), _LEAST_USERS, _MOST_USERS))
    if not new.any() or len(rows) < _LEAST_USERS:
        return usual
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, most).astype(int))]
    training = sparse.csr_array(known - held)
    training.eliminate_zeros()
    items = learn(texts, training)
    fresh = np.diff(sparse.csc_array(training).indptr) == 0
    scores = inner(training[rows] @ texts, items)
    scores[:, fresh & ~new] = -np.inf  # the price is that of a tenth, however many are new anyway
    scores[training[rows].toarray() != 0] = -np.inf
    relevant = held[rows].toarray() > 0

    def accuracy(tried: Vectors) -> float:
        from mgrec_core.metrics import hits_of
        from mgrec_core.metrics.accuracy import ndcg
        from mgrec_core.metrics.top_k import top_k

        top = np.stack([top_k(row, K) for row in tried])
        return float(ndcg(hits_of(top, relevant), relevant.sum(axis=1)).mean())

    def affordable(length: float) -> bool:
        return accuracy(scores * np.where(new, np.float32(length), np.float32(1))) >= least

    least = (1 - price) * accuracy(np.where(new, np.float32(-np.inf), scores))
    low, high = SHORTEST, LONGEST
    if affordable(high):
        return high
    for _ in range(_STEPS):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if affordable(middle) else (low, middle)
    return round(low, 2)
