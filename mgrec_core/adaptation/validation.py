"""Accuracy on the pairs that a model validates on, while it learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.adaptation.measuring import under
from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import behaviour
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.structure import Absent, Vectors
from mgrec_core.model.model import Model

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Validation:
    """`behaviour` alone on validation pairs, full ranking.

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
