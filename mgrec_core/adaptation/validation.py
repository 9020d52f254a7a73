"""Accuracy on the pairs that a model validates on, while it learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
"""Items that are encoded to validate, the most popular ones: a catalogue of 9,000 takes a minute."""

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Validation:
    """`behaviour` alone on validation pairs, by the texts' own vectors, ranked among all items of the data.

    Item vectors that are fitted to histories would hide most of what the model itself has learned.

    Attributes
    ----------
    data
        The training part without the validation pairs.
    test_users
        Users with validation pairs.
    """

    data: Dataset
    test_users: TestUsers
    config: Config

    @classmethod
    def of(cls, data: Dataset, hits: pd.DataFrame, config: Config) -> Validation:
        """Validate on the popular part of a catalogue, so that it takes little of the time for training.

        Parameters
        ----------
        hits
            Validation pairs; columns user_id, item_id.

        Raises
        ------
        InputError
            None of them is among these items.
        """
        kept = np.sort(np.argsort(-data.popularity, kind="stable")[:MOST_ITEMS])
        ids = [data.items[n] for n in kept]
        found = hits[hits["item_id"].isin(ids)]
        if found.empty:
            raise InputError("there is nothing to validate on: no held-out pair is of a popular item")

        def columns(matrix: sparse.csr_array) -> sparse.csr_array:
            return sparse.csr_array(matrix[:, kept])

        smaller = replace(  # what `behaviour` reads; it looks at nothing else
            data,
            items=ids,
            labels=[data.labels[n] for n in kept],
            texts=[data.texts[n] for n in kept],
            strength=columns(data.strength),
            against=None if data.against is None else columns(data.against),
            seen=columns(data.seen),
            age=None if data.age is None else columns(data.age),
        )
        by_texts = config.behaviour.model_copy(update={"items": "text"})
        return cls(smaller, TestUsers.of(smaller, found), config.model_copy(update={"behaviour": by_texts}))

    def __call__(self, encode: Encode) -> float:
        """Mean nDCG@10 with vectors that ``encode`` makes of the items' texts.

        Raises
        ------
        InputError
            There is no text or no event.
        """
        written = [n for n, text in enumerate(self.data.texts) if text]
        found = encode([self.data.texts[n] or "" for n in written])
        vectors: Vectors = np.zeros((len(self.data.items), found.shape[1]), np.float32)
        vectors[written] = found
        built = behaviour.build(Spaces(self.data, self.config, vectors))
        if isinstance(built, Absent):
            raise InputError(f"there is nothing to learn from: {built.reason}")
        model = Model({"behaviour": built}, {}, self.data.seen, None)
        values = under(model, self.test_users, {"behaviour": 1.0}, self.test_users.relevant)
        return float(values.mean())
