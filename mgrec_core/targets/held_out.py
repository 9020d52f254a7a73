"""What is held out of a ranking of people or advertisements."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse

from mgrec_core.data.dataset import sparse_matrix
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.nameless import Order


@dataclass(frozen=True)
class HeldOut(ABC):
    """Pairs of a user and a target that are gone before anything is built.

    Attributes
    ----------
    kind
        ``random`` or ``time``.
    of
        What the pairs are.
    n_pairs
        Pairs there are, held out or not.
    test
        Columns user_id and the target's id, sorted.
    order
        The nameless order that was drawn by; of all the data, with ``seed``.
    """

    kind: str
    of: str
    test_ratio: float
    seed: int
    n_pairs: int
    test: pd.DataFrame
    order: Order = field(compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Describe the split; the fingerprint names its exact pairs."""
        text = "\n".join(self.test.iloc[:, 0] + "\t" + self.test.iloc[:, 1])
        return {
            "kind": self.kind,
            "of": self.of,
            "test_ratio": self.test_ratio,
            "seed": self.seed,
            **self.details(),
            "n_pairs": len(self.test),
            "n_training": self.n_pairs - len(self.test),
            "fingerprint": hashlib.sha256(text.encode()).hexdigest()[:16],
        }

    def details(self) -> dict[str, Any]:
        """What else there is to say of the split."""
        return {}

    @abstractmethod
    def cut(self, training: duckdb.DuckDBPyConnection) -> None:
        """Delete from a copy of the tables what may not be known; ``held_out`` has the pairs there."""

    @property
    def since(self) -> np.datetime64 | None:
        """The moment (UTC) from which targets must be to be had; ``None`` for any."""
        return None

    def needs_model(self, training: duckdb.DuckDBPyConnection) -> bool:
        """Whether any part is made from granularities."""
        return True

    def relevant(self, user_ids: Sequence[str], target_ids: Sequence[str]) -> sparse.csr_array:
        """Held-out targets, |U| × N."""
        users, targets = pd.Index(user_ids), pd.Index(target_ids)
        return sparse_matrix(users, targets, self.test.iloc[:, 0], self.test.iloc[:, 1])

    def training(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Copy the tables into memory without what is held out."""
        nothing = pd.DataFrame({"user_id": [], "item_id": []}, dtype="string")
        copy = training_connection(connection, nothing)
        copy.register("held_out", self.test.astype("string"))
        self.cut(copy)
        copy.unregister("held_out")
        return copy
