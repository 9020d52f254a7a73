"""What is held out of a ranking of people or advertisements, and the trial on it."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.model.model import Model, build_model
from mgrec_core.operations.make import encode
from mgrec_core.targets.ranker import Ranker
from mgrec_core.targets.trial import TargetTrial

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


class HeldOut(ABC):
    """Pairs of a user and a target that are gone before anything is built."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Describe the split; the fingerprint names its exact pairs."""

    @abstractmethod
    def cut(self, training: duckdb.DuckDBPyConnection) -> None:
        """Delete from a copy of the tables what may not be known."""

    @abstractmethod
    def ranker(self, training: duckdb.DuckDBPyConnection, model: Model, data: Dataset) -> Ranker:
        """The ranker over the training part."""

    @abstractmethod
    def relevant(self, ranker: Ranker) -> sparse.csr_array:
        """Held-out targets, |U| × N."""

    def needs_model(self, training: duckdb.DuckDBPyConnection) -> bool:
        """Whether any part is made from granularities."""
        return True

    def training(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Copy the tables into memory without what is held out."""
        nothing = pd.DataFrame({"user_id": [], "item_id": []}, dtype="string")
        copy = training_connection(connection, nothing)
        self.cut(copy)
        return copy


def split_for(
    connection: duckdb.DuckDBPyConnection, target: str, kind: str | None, test_ratio: float, seed: int
) -> HeldOut:
    """Hold out friendships (``users``) or redemptions (``ads``)."""
    from mgrec_core.targets.friendships import split_friendships
    from mgrec_core.targets.redemptions import split_redemptions

    if target == "users":
        return split_friendships(connection, kind, test_ratio, seed)
    return split_redemptions(connection, kind, test_ratio, seed)


def trial(
    engine: Engine, connection: duckdb.DuckDBPyConnection, split: HeldOut, progress: Progress = silent
) -> TargetTrial:
    """Build everything without what is held out, with the build's options and language model."""
    config = Config.of_build(engine.manifest.config)
    cache = engine.workspace.path / "cache"
    with contextlib.closing(split.training(connection)) as training:
        data = Dataset.load(training)
        if split.needs_model(training):
            text, sequences, _ = encode(data, engine.manifest.model_source, config, cache, progress)
            model = build_model(data, config, text, sequences, progress)
        else:
            model = Model({}, {}, data.seen, None)
        ranker = split.ranker(training, model, data)
    return TargetTrial.of(ranker, split.relevant(ranker))
