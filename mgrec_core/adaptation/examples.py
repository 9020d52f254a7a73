"""What a language model learns from: a bag of texts, and the text that belongs to it.

=============  ===============================================  =====================================
kind           the bag                                          what belongs to it
=============  ===============================================  =====================================
next           some items that a user had before another one    that item
together       one item of a user                               another of the same user
value          an attribute's value, or an entity, by its name  an item that has it
itself         an item's text without its attributes            the whole text
=============  ===============================================  =====================================

``next`` is what the engine does with the vectors; ``together`` is its smallest case (Barkan & Koenigstein
2016, "Item2Vec"); ``value`` names things in words (Zhou et al. 2020, "S3-Rec", associate items with
attributes alike); ``itself`` is a view of the same text, as SimCSE has by dropout (Gao et al. 2021), which
stays on while training. Texts without attributes also stand, now and then, for the whole ones elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.errors import InputError

KINDS = ("next", "together", "value", "itself")
SHARES = {"next": 0.6, "together": 0.15, "value": 0.15, "itself": 0.1}
"""How often each kind is drawn, where it exists."""

LEAST = 50
"""Fewer pairs of users and items teach nothing."""

_SHORT = 0.1
"""How often a text stands without its attributes."""


@dataclass(frozen=True)
class Examples:
    """Examples in the order in which they are learned from.

    Attributes
    ----------
    texts : T
        Every text there is: of items, then the same items without attributes, then names of values.
    n_items
        |I|; text i and |I| + i are item i's, the rest are names.
    bags : N × m
        Texts of each bag, −1 where it has fewer.
    targets : N
        The item that belongs to it.
    owners : N
        Row of ``owned``.
    owned : (|U| + values) × |I|
        Items that are no negatives: what the user had, or what has the value.
    hard : |owners| × h
        Items of another owner that the engine took for this one's, −1 where there are fewer.
    popularity : |I|
        How often each item is a target, as a share.
    """

    texts: list[str]
    n_items: int
    bags: NDArray[np.int64]
    targets: NDArray[np.int64]
    owners: NDArray[np.int64]
    owned: sparse.csr_array
    hard: NDArray[np.int64]
    popularity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.targets)


def make_examples(
    data: Dataset,
    short: Sequence[str | None],
    count: int,
    *,
    bag: int = 4,
    hard: NDArray[np.int64] | None = None,
    prompt: str = "",
    seed: int = 0,
) -> Examples:
    """Draw examples from the training part.

    Parameters
    ----------
    data
        The training part, and nothing of what is held out.
    short : |I|
        The items' texts without attributes.
    count
        How many, N.
    bag
        m, items of a bag at most.
    hard : |U| × h
        Hard negatives by user (:mod:`mgrec_core.adaptation.hard_negatives`).
    prompt
        What the model reads before every text.

    Raises
    ------
    InputError
        There are fewer than :data:`LEAST` pairs of users and items with a text.
    """
    n_users, n_items = data.strength.shape
    written = np.array([bool(text) for text in data.texts])
    liked = data.strength.copy()
    liked.data = np.where(written[liked.indices], liked.data, 0)
    liked.eliminate_zeros()
    if liked.nnz < LEAST:
        raise InputError(
            f"there is too little to learn from: {liked.nnz} pairs of a user and an item with a text, and"
            f" {LEAST} are needed; import more events or texts"
        )
    values, names = _values(data, written)
    texts = [
        *(prompt + (text or "") for text in data.texts),
        *(prompt + (cut or text or "") for cut, text in zip(short, data.texts, strict=True)),
        *(prompt + name for name in names),
    ]
    owned = sparse.csr_array(sparse.vstack([data.seen, values], format="csr"))
    draw = _Draw(
        liked,
        data.age,
        values,
        np.array([bool(s) and s != t for s, t in zip(short, data.texts, strict=True)]),
        bag,
        seed,
    )
    bags, targets, owners = draw(count)
    popularity = np.bincount(targets, minlength=n_items) + 1.0
    negatives = np.full((n_users + len(names), 0 if hard is None else hard.shape[1]), -1, np.int64)
    if hard is not None:
        negatives[:n_users] = hard
    return Examples(texts, n_items, bags, targets, owners, owned, negatives, popularity / popularity.sum())


def _values(data: Dataset, written: NDArray[np.bool_]) -> tuple[sparse.csr_array, list[str]]:
    """Which items have each value or entity that two items or more share, and not most of them; its name."""
    parts = sparse.csr_array(sparse.hstack([data.item_values, data.item_entities]).T)
    names = [*data.value_names, *data.entity_names]
    parts.data = np.where(written[parts.indices], 1.0, 0.0)
    parts.eliminate_zeros()
    held = np.diff(parts.indptr)
    kept = np.flatnonzero((held >= 2) & (held <= max(2, len(written) // 2)))
    return sparse.csr_array(parts[kept]), [names[n] for n in kept]


class _Draw:
    """Draws examples of all kinds."""

    def __init__(
        self,
        liked: sparse.csr_array,
        age: sparse.csr_array | None,
        values: sparse.csr_array,
        shorter: NDArray[np.bool_],
        bag: int,
        seed: int,
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._liked, self._age, self._values, self._shorter, self._bag = liked, age, values, shorter, bag
        self._pairs = np.stack(
            [np.repeat(np.arange(liked.shape[0]), np.diff(liked.indptr)), liked.indices], 1
        )
        self._pairs = self._pairs[np.diff(liked.indptr)[self._pairs[:, 0]] >= 2]
        self._with_short = np.flatnonzero(shorter)
        self._having = np.flatnonzero(np.diff(values.indptr))

    def __call__(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        possible = {
            "next": len(self._pairs),
            "together": len(self._pairs),
            "value": len(self._having),
            "itself": len(self._with_short),
        }
        shares = np.array([SHARES[kind] * bool(possible[kind]) for kind in KINDS])
        kinds = self._rng.choice(len(KINDS), size=count, p=shares / shares.sum())
        bags = np.full((count, self._bag), -1, np.int64)
        targets, owners = np.zeros(count, np.int64), np.zeros(count, np.int64)
        n_items = self._liked.shape[1]
        for row, kind in enumerate(kinds):
            if kind < 2:
                owner, target = self._pairs[self._rng.integers(len(self._pairs))]
                chosen = self._before(owner, target, self._bag if kind == 0 else 1)
            elif kind == 2:
                value = self._having[self._rng.integers(len(self._having))]
                owner, chosen = self._liked.shape[0] + value, np.array([2 * n_items + value])
                target = self._rng.choice(_row(self._values, value))
            else:
                target = self._with_short[self._rng.integers(len(self._with_short))]
                owner, chosen = -1, np.array([n_items + target])
            if kind < 2:
                cut = self._shorter[chosen] & (self._rng.random(len(chosen)) < _SHORT)
                chosen = chosen + n_items * cut
            bags[row, : len(chosen)] = chosen
            targets[row], owners[row] = target, owner
        return bags, targets, owners

    def _before(self, user: int, item: int, most: int) -> NDArray[np.int64]:
        """Some other items of a user, of those that came no later where that is known."""
        had = _row(self._liked, user)
        others = had[had != item]
        if self._age is not None:
            start, stop = self._age.indptr[user], self._age.indptr[user + 1]
            ages = dict(zip(self._age.indices[start:stop], self._age.data[start:stop], strict=True))
            earlier = others[[ages.get(i, np.inf) >= ages.get(item, 0) for i in others]]
            others = earlier if len(earlier) else others
        return self._rng.choice(others, size=min(most, len(others)), replace=False)


def _row(matrix: sparse.csr_array, row: int) -> NDArray[np.int64]:
    return np.asarray(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]], np.int64)
