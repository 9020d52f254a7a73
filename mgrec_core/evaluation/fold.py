"""One experiment: what is held out, a model that never saw it, and the lists that models give."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.nameless import nameless_order
from mgrec_core.evaluation.relevance import Relevance
from mgrec_core.evaluation.splits import Split
from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.model import Model
from mgrec_core.model.training import train_model


@dataclass(frozen=True)
class Fold:
    """The training part, the model built on it, and the test users to test it on.

    Attributes
    ----------
    data
        The training part.
    text_vectors, sequence_vectors
        What the language model says of items and of whole training histories.
    test_users
        The users with hits among the held-out pairs, and these hits.
    relevant
        What counts as a hit, as :meth:`~mgrec_core.evaluation.relevance.Relevance.describe` says it.
    """

    split: Split
    data: Dataset
    config: Config
    text_vectors: Vectors | None
    sequence_vectors: Vectors | None
    model: Model
    test_users: TestUsers
    relevant: dict[str, Any]

    @classmethod
    def prepare(
        cls,
        connection: duckdb.DuckDBPyConnection,
        split: Split,
        model: str | None,
        config: Config,
        cache: Path,
        progress: Progress = silent,
        relevance: Relevance | None = None,
    ) -> Fold:
        """Build everything without the test pairs; ``relevance`` says which of these are hits.

        Users and items stand in an order without regard to their ids, so that neither equal scores nor
        sums of floats are put in order by them: renaming ids changes no figure. The order is made of all
        the data, and random with respect to what is held out.

        Raises
        ------
        InputError
            None of the held-out pairs is a hit.
        """
        relevance = relevance or Relevance()
        hits = relevance.hits(connection, split.test)
        said = relevance.describe(connection, hits)
        order = split.order or nameless_order(connection, split.seed)
        with contextlib.closing(training_connection(connection, split.test)) as training:
            made = train_model(training, config, model=model, cache=cache, order=order[:2], progress=progress)
        test_users = TestUsers.of(made.data, hits)
        vectors = made.text_vectors, made.sequence_vectors
        return cls(split, made.data, config, *vectors, made.model, test_users, said)
