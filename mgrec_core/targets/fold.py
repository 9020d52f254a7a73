"""A ranker that never saw what it is tested on, and whom it is tested for."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.model.model import Model
from mgrec_core.model.training import train_model
from mgrec_core.targets.held_out import HeldOut
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.ranker import Ranker
from mgrec_core.targets.registry import target_of

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


@dataclass(frozen=True)
class TargetFold:
    """A ranker over the training part, and its test users.

    Attributes
    ----------
    rows : U
        Positions of the test users: all who have a held-out target among at least two candidates.
    relevant : U × N
        Their held-out targets.
    sizes : U
        How many targets are ranked for each.
    """

    ranker: Ranker
    rows: NDArray[np.int64]
    relevant: sparse.csr_array
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, ranker: Ranker, relevant: sparse.csr_array) -> TargetFold:
        """Find the test users among all.

        Parameters
        ----------
        relevant : |U| × N
            Held-out targets.

        Raises
        ------
        InputError
            There is nobody to test on.
        """
        rows, sizes = [], []
        for user in np.flatnonzero(np.diff(relevant.indptr) > 0):
            allowed = ranker.allowed(int(user))
            held = relevant.indices[relevant.indptr[user] : relevant.indptr[user + 1]]
            if allowed.sum() > 1 and allowed[held].any():
                rows.append(user)
                sizes.append(allowed.sum())
        if not rows:
            raise InputError(
                "nobody has a held-out target among at least two candidates: "
                "try another --test-ratio or --seed"
            )
        chosen = np.array(rows, dtype=np.int64)
        return cls(ranker, chosen, sparse.csr_array(relevant[chosen]), np.array(sizes, dtype=np.int64))

    @classmethod
    def prepare(
        cls,
        engine: Engine,
        connection: duckdb.DuckDBPyConnection,
        target: str,
        split: HeldOut,
        progress: Progress = silent,
    ) -> TargetFold:
        """Build everything without what is held out, as the engine's build was made.

        Raises
        ------
        InputError
            There is nobody to test on.
        """
        config = Config.of_build(engine.manifest.config)
        source, cache = engine.model_source, engine.workspace.path / "cache"
        with contextlib.closing(split.training(connection)) as training:
            if split.needs_model(training):
                trained = train_model(
                    training, config, model=source, cache=cache, order=split.order[:2], progress=progress
                )
                data, model = trained.data, trained.model
            else:
                data = Dataset.load(training, config.knowledge, split.order[:2], config.language.template)
                model = Model({}, {}, data.seen, None)
            held = Holdings(data.users, data.items, data.labels, data.strength, data.friends, split.order.ads)
            ranker = target_of(target).open(training, model, held, split.since)
        return cls.of(ranker, split.relevant(ranker.user_ids, ranker.target_ids))
