"""What ranked lists are like beyond their hits: reach, surprise, variety, bias and balance.

All take the same U × k lists of item positions (−1 where a list is shorter) and what was known
when they were made: the training part.

=================  ==========================================================================
coverage@k         |items in any list| / |I|
gini@k             Σ_j (2j − n − 1)·x_j / (n·Σ x), x_j the times each of the n = |I| items is
                   recommended, ascending: 0 all equally often, 1 one item only
novelty@k          mean over the list of −log2(max(users_i, 1) / |U|), in bits
diversity@k        1 − mean cosine of the list's pairs in the shared space (texts, or
                   principal directions where there are none)
popularity@k       mean over the list of users_i
popularity_lift@k  popularity@k / mean users_i of the user's history − 1: 0 the list is as
                   popular as what the user chose, 1 twice as popular
calibration@k      KL(p ‖ q̃) in nats, p the categories of the history (by strength), q those of
                   the list, q̃ = (1 − α)·q + α·p, α = .01: 0 is perfectly calibrated
=================  ==========================================================================

Coverage and Gini belong to a set of lists, the others to each user. Novelty: Zhou et al. 2010;
diversity: Ziegler et al. 2005; popularity lift: Abdollahpouri et al. 2019; calibration: Steck
2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.metrics import PerUser
from mgrec_core.foundation.chunks import slices
from mgrec_core.model.granularities.structure import Matrix, Vectors, dense, normalise_rows

Lists = NDArray[np.int64]

_CHUNK_BYTES = 128 * 2**20
_ALPHA = 0.01
#: Attributes that are taken for the category, the first that the data have.
_CATEGORIES = ("category", "genre", "genres", "categories", "department", "type", "tag")


def coverage(top: Lists, n_items: int) -> float:
    """Share of the catalogue that is in any list: |∪ lists| / |I|."""
    return len(np.unique(top[top >= 0])) / max(n_items, 1)


def gini(top: Lists, n_items: int) -> float:
    """How unequally recommendations fall on items: Σ_j (2j − n − 1)·x_j / (n·Σ x), x ascending.

    Examples
    --------
    >>> gini(np.array([[0, 1], [2, 3]]), 4)
    0.0
    >>> gini(np.array([[0], [0]]), 4)
    0.75
    """
    times = np.sort(np.bincount(top[top >= 0], minlength=n_items)).astype(np.float64)
    total, n = times.sum(), len(times)
    if total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ times / (n * total))


def novelty(top: Lists, users_of_item: NDArray[np.floating], n_users: int) -> PerUser:
    """Mean self-information of the list in bits: −log2(max(users_i, 1) / |U|)."""
    bits = -np.log2(np.maximum(users_of_item, 1.0) / max(n_users, 1))
    return _mean(bits, top)


def popularity(top: Lists, users_of_item: NDArray[np.floating]) -> PerUser:
    """Mean number of users of the list's items."""
    return _mean(np.asarray(users_of_item, dtype=np.float64), top)


def popularity_lift(top: Lists, users_of_item: NDArray[np.floating], history: sparse.csr_array) -> PerUser:
    """Popularity of the list over that of the user's history, minus 1.

    Parameters
    ----------
    history : U × |I|
        Stored entries are the user's training items.
    """
    held = sparse.csr_array((np.ones(history.nnz), history.indices, history.indptr), shape=history.shape)
    chosen = _divide(held @ np.asarray(users_of_item, dtype=np.float64), np.diff(history.indptr))
    listed = popularity(top, users_of_item)
    return np.where(chosen > 0, _divide(listed, chosen) - 1.0, 0.0)


def diversity(top: Lists, vectors: Matrix) -> PerUser:
    """1 − mean cosine over the list's pairs; 0 for a list of one.

    Parameters
    ----------
    vectors : |I| × d
        Item vectors; an item without one (zeros) has cosine 0 with every other.
    """
    unit = normalise_rows(dense(vectors))
    lengths = (unit**2).sum(axis=1)
    result = np.zeros(len(top))
    for rows in slices(len(top), top.shape[1] * unit.shape[1] * 4, _CHUNK_BYTES):
        part = top[rows]
        there = part >= 0
        chosen = unit[np.maximum(part, 0)] * there[:, :, None]
        # Σ_{i≠j} v_i·v_j = |Σ v|² − Σ |v|²
        pairs = (chosen.sum(axis=1, dtype=np.float64) ** 2).sum(axis=1)
        pairs -= (lengths[np.maximum(part, 0)] * there).sum(axis=1)
        n = there.sum(axis=1)
        result[rows] = np.where(n > 1, 1.0 - _divide(pairs, n * (n - 1)), 0.0)
    return result


def calibration(top: Lists, history: sparse.csr_array, categories: sparse.csr_array) -> PerUser:
    """KL(p ‖ q̃) between the categories of the history and of the list (Steck 2018, eq. 6).

    Parameters
    ----------
    history : U × |I|
        Strengths.
    categories : |I| × C
        Each row sums to 1: an item's share in each of its categories.
    """
    places = np.flatnonzero(top.ravel() >= 0)
    rows = np.repeat(np.arange(len(top)), top.shape[1])[places]
    listed = sparse.csr_array(
        (np.ones(len(places)), (rows, top.ravel()[places])), shape=(len(top), categories.shape[0])
    )
    p = _shares((history @ categories).toarray())
    q = _shares((listed @ categories).toarray())
    mixed = (1 - _ALPHA) * q + _ALPHA * p
    terms = np.zeros_like(p)
    np.log(np.divide(p, mixed, out=np.ones_like(p), where=p > 0), out=terms, where=p > 0)
    result: PerUser = np.where(q.sum(axis=1) > 0, (p * terms).sum(axis=1), 0.0)
    return result


@dataclass(frozen=True)
class Catalogue:
    """What is known of items and histories when lists are made: the training part.

    Attributes
    ----------
    users_of_item : |I|
    n_users
        Users with events.
    history : U × |I|
        Strengths of the evaluated users.
    vectors : |I| × d or None
        The shared space.
    categories : |I| × C or None
        Rows sum to 1 (0 for an item without a category).
    category
        The attribute they come from.
    """

    users_of_item: NDArray[np.float64]
    n_users: int
    history: sparse.csr_array
    vectors: Vectors | None
    categories: sparse.csr_array | None
    category: str | None

    @classmethod
    def of(cls, data: Dataset, shared: Matrix | None, rows: NDArray[np.int64]) -> Catalogue:
        """Look at the training data from the evaluated users ``rows``."""
        category, columns = _category(data.value_names)
        categories = None
        if category is not None:
            values = sparse.csr_array(data.item_values[:, columns])
            total = np.asarray(values.sum(axis=1)).ravel()
            share = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
            categories = sparse.csr_array(sparse.diags_array(share) @ values)
        return cls(
            users_of_item=data.popularity,
            n_users=int((np.diff(data.strength.indptr) > 0).sum()),
            history=sparse.csr_array(data.strength[rows]),
            vectors=None if shared is None else dense(shared),
            categories=categories,
            category=category,
        )

    def overall(self, top: Lists) -> dict[str, float]:
        """What belongs to all lists together: ``coverage@k`` and ``gini@k``."""
        k, n_items = top.shape[1], len(self.users_of_item)
        return {f"coverage@{k}": coverage(top, n_items), f"gini@{k}": gini(top, n_items)}

    def per_user(self, top: Lists, *, with_diversity: bool = True) -> dict[str, PerUser]:
        """What belongs to each list; diversity, the dearest, can be left out."""
        k = top.shape[1]
        found = {
            f"novelty@{k}": novelty(top, self.users_of_item, self.n_users),
            f"popularity@{k}": popularity(top, self.users_of_item),
            f"popularity_lift@{k}": popularity_lift(top, self.users_of_item, self.history),
        }
        if with_diversity and self.vectors is not None:
            found[f"diversity@{k}"] = diversity(top, self.vectors)
        if self.categories is not None:
            found[f"calibration@{k}"] = calibration(top, self.history, self.categories)
        return found

    def describe(self, top: Lists) -> dict[str, float]:
        """Every figure of a set of lists, keyed ``coverage@k`` and so on."""
        return self.overall(top) | {key: float(v.mean()) for key, v in self.per_user(top).items()}


def _category(names: list[str]) -> tuple[str | None, list[int]]:
    """The attribute that says what kind of thing an item is, and its columns."""
    columns: dict[str, list[int]] = {}
    for n, name in enumerate(names):
        columns.setdefault(name.split(": ", 1)[0].lower(), []).append(n)
    for wanted in _CATEGORIES:
        if wanted in columns:
            return wanted, columns[wanted]
    return None, []


def _mean(values: NDArray[np.float64], top: Lists) -> PerUser:
    there = top >= 0
    return _divide((values[np.maximum(top, 0)] * there).sum(axis=1), there.sum(axis=1))


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_divide(weights, weights.sum(axis=1, keepdims=True)))


def _divide(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.asarray(np.divide(part, whole, out=np.zeros(shape), where=whole > 0), dtype=np.float64)
