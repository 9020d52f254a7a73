"""One experiment: what is held out, a model that never saw it, and the lists that models give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.holdout import training_data
from mgrec_core.evaluation.splits import Split
from mgrec_core.evaluation.test_users import Population
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.model import Model, build_model
from mgrec_core.operations.make import encode


@dataclass(frozen=True)
class Trial:
    """The training part, the model built on it, and the population to test it on.

    Attributes
    ----------
    data
        The training part.
    text_vectors, sequence_vectors
        What the language model says of items and of whole training histories.
    """

    split: Split
    data: Dataset
    config: Config
    text_vectors: Vectors | None
    sequence_vectors: Vectors | None
    model: Model
    population: Population

    @classmethod
    def prepare(
        cls,
        connection: duckdb.DuckDBPyConnection,
        split: Split,
        model: str | None,
        config: Config,
        cache: Path,
        progress: Progress = silent,
    ) -> Trial:
        """Build everything without the test pairs."""
        data = training_data(connection, split.test, config.knowledge)
        text, sequences, _ = encode(data, model, config, cache, progress)
        built = build_model(data, config, text, sequences, progress)
        return cls(split, data, config, text, sequences, built, Population.of(data, split.test))
