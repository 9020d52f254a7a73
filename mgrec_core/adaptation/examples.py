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

from mgrec_core.adaptation.drawing import Draw
from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.errors import InputError

LEAST = 50
"""Fewer pairs of users and items teach nothing."""


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
        Row of ``owned``, −1 for nobody.
    n_users
        |U|; the first rows are users', the others values'.
    owned : (|U| + values) × |I|
        Items that are no negatives: what the user had, or what has the value.
    had : |I|
        Whether anybody has had the item: that nobody has is no sign that nobody would.
    hard : |owners| × h
        Items of another owner that the engine took for this one's, −1 where there are fewer.
    popularity : |I|
        How probable each item is as a target.
    """

    texts: list[str]
    n_items: int
    bags: NDArray[np.int64]
    targets: NDArray[np.int64]
    owners: NDArray[np.int64]
    n_users: int
    owned: sparse.csr_array
    had: NDArray[np.bool_]
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
    draw = Draw(
        liked,
        data.age,
        values,
        np.array([bool(s) and s != t for s, t in zip(short, data.texts, strict=True)]),
        bag,
        seed,
    )
    bags, targets, owners = draw(count)
    negatives = np.full((n_users + len(names), 0 if hard is None else hard.shape[1]), -1, np.int64)
    if hard is not None:
        negatives[:n_users] = hard
    had = np.diff(sparse.csc_array(data.seen).indptr) > 0
    return Examples(texts, n_items, bags, targets, owners, n_users, owned, had, negatives, draw.popularity())


def _values(data: Dataset, written: NDArray[np.bool_]) -> tuple[sparse.csr_array, list[str]]:
    """Which items have each value or entity that two items or more share, and not most of them; its name."""
    parts = sparse.csr_array(sparse.hstack([data.item_values, data.item_entities]).T)
    names = [*data.value_names, *data.entity_names]
    parts.data = np.where(written[parts.indices], 1.0, 0.0)
    parts.eliminate_zeros()
    held = np.diff(parts.indptr)
    kept = np.flatnonzero((held >= 2) & (held <= max(2, len(written) // 2)))
    return sparse.csr_array(parts[kept]), [names[n] for n in kept]
