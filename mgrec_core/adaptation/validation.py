"""Accuracy on the pairs that a model validates on, while it learns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.adaptation.measuring import under
from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import behaviour
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.structure import Absent, Vectors
from mgrec_core.model.model import Model

MOST_ITEMS = 3_000
"""Items that are encoded to validate: a catalogue of 9,000 takes a minute."""

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
Held = tuple[Dataset, pd.DataFrame]
"""Data without some pairs, and the hits among these."""


@dataclass(frozen=True)
class _Part:
    """What is validated on at once: the data without some pairs, and the users that have these."""

    data: Dataset
    test_users: TestUsers


@dataclass(frozen=True)
class Validation:
    """`behaviour` alone on validation pairs, by the texts' own vectors, ranked among all items of the data.

    Item vectors that are fitted to histories would hide most of what the model itself has learned. Known
    items and such as nobody has had count alike: a training that looks at one kind alone loses on the other.

    Attributes
    ----------
    parts
        One of known items, one of new ones where there are any; all of the same items with their texts.
    """

    parts: tuple[_Part, ...]
    config: Config

    @classmethod
    def of(cls, known: Held, new: Held | None, config: Config) -> Validation:
        """Validate on a part of a catalogue, so that it takes little of the time for training.

        A third of it are hits of each kind, a third any items: among popular ones alone a model can get
        better while it gets worse at telling a new item from all that are hardly ever chosen.

        Parameters
        ----------
        known, new
            The training part without some pairs, and the hits among these, columns user_id, item_id: pairs of
            known items, and all pairs of some items.

        Raises
        ------
        InputError
            There are no known pairs.
        """
        rng = np.random.default_rng(0)

        def drawn(ids: Iterable[str]) -> list[str]:
            different = sorted(set(ids))
            return [different[n] for n in rng.permutation(len(different))[: MOST_ITEMS // 3]]

        parts = [one for one in (known, new) if one is not None and len(one[1])]
        if not len(known[1]):
            raise InputError("there is nothing to validate on: no pair of a user and an item is held out")
        ids = {*drawn(known[0].items), *(item for _, hits in parts for item in drawn(hits["item_id"]))}
        by_texts = config.behaviour.model_copy(update={"items": "text"})
        return cls(
            tuple(_part(*one, ids) for one in parts), config.model_copy(update={"behaviour": by_texts})
        )

    def __call__(self, encode: Encode) -> float:
        """nDCG@10 with vectors that ``encode`` makes of the items' texts.

        Returns
        -------
        float
            The geometric mean over the parts of each one's mean over users, so that the same relative gain
            counts alike in each: new items are found more rarely than known ones.

        Raises
        ------
        InputError
            There is no text or no event.
        """
        texts = self.parts[0].data.texts
        written = [n for n, text in enumerate(texts) if text]
        found = encode([texts[n] or "" for n in written])
        vectors: Vectors = np.zeros((len(texts), found.shape[1]), np.float32)
        vectors[written] = found
        means = [self._mean(part, vectors) for part in self.parts]
        return float(np.prod(means) ** (1 / len(means)))

    def _mean(self, part: _Part, vectors: Vectors) -> float:
        built = behaviour.build(Spaces(part.data, self.config, vectors))
        if isinstance(built, Absent):
            raise InputError(f"there is nothing to learn from: {built.reason}")
        model = Model({"behaviour": built}, {}, part.data.seen, None)
        values = under(model, part.test_users, {"behaviour": 1.0}, part.test_users.relevant)
        return float(values.mean())


def _part(data: Dataset, hits: pd.DataFrame, ids: set[str]) -> _Part:
    """What `behaviour` reads of some items; it looks at nothing else."""
    kept = np.array(sorted(data.item_index[item] for item in ids), dtype=np.int64)

    def columns(matrix: sparse.csr_array) -> sparse.csr_array:
        return sparse.csr_array(matrix[:, kept])

    smaller = replace(
        data,
        items=[data.items[n] for n in kept],
        labels=[data.labels[n] for n in kept],
        texts=[data.texts[n] for n in kept],
        strength=columns(data.strength),
        against=None if data.against is None else columns(data.against),
        seen=columns(data.seen),
        age=None if data.age is None else columns(data.age),
    )
    return _Part(smaller, TestUsers.of(smaller, hits[hits["item_id"].isin(ids)]))
