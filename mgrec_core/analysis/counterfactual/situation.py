"""Who asks under which weights: what every question about one user starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import RankedList, Weights, WeightsLike
from mgrec_core.metrics.top_k import rank_of
from mgrec_core.model.model import Model
from mgrec_core.model.scoring import ScoreParts, take_apart

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


@dataclass(frozen=True)
class Situation:
    """One user of one build under complete weights, fused by score.

    Attributes
    ----------
    user
        Row of the user.
    weights
        Complete.
    """

    engine: Engine
    user_id: str
    user: int
    weights: Weights

    @classmethod
    def of(cls, engine: Engine, user_id: str, weights: WeightsLike = None) -> Situation:
        """Look the user up and complete the weights.

        Raises
        ------
        NotFoundError
            Unknown user, granularity or preset.
        InputError
            Another fusion mode than ``score``.
        """
        complete = engine.resolve(weights)
        if complete.fusion != "score":
            raise InputError(
                f"what would be otherwise is computed for scores fused by λ, not for {complete.fusion}: "
                "choose fusion mode score"
            )
        return cls(engine, user_id, engine.user_position(user_id), complete)

    @cached_property
    def model(self) -> Model:
        """The build's model, whose files are looked at once."""
        return self.engine.model

    @cached_property
    def factors(self) -> NDArray[np.float64]:
        """λ, shape (K,)."""
        return np.asarray(self.weights.factors, dtype=np.float64)

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """Items that may be ranked, shape (|I|,)."""
        return self.model.unseen(self.user)

    @cached_property
    def split(self) -> ScoreParts:
        """Scores of all items taken apart, as the engine does; factors are λ_k·c_uk."""
        return self.engine.score_parts(self.user_id, self.weights)

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """Scores of all items as the engine ranks them, shape (|I|,)."""
        return np.asarray(self.split.contributions.sum(axis=1))

    def scores_of(
        self, model: Model, row: int, allowed: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Scores of one row of a model, the very way that a list is ranked.

        Parameters
        ----------
        allowed
            Items that may be ranked; by default those that the row has not seen.
        """
        if allowed is None:
            return np.asarray(model.split(row, self.factors).contributions.sum(axis=1))
        rows = np.array([row])
        ((_, split, _),) = take_apart(rows, self.factors, model.scores, lambda _: allowed, 1)
        return np.asarray(split.contributions.sum(axis=1))

    def ranked(self, model: Model, row: int, k: int) -> RankedList:
        """The list of one row of a model, as a result."""
        from mgrec_core.engine.subject import Items

        check_k(k)
        engine = self.engine
        users = [self.user_id] * model.n_users
        items = Items(model, users, engine.item_ids, engine.subject().labels)
        return items.ranked(row, k, self.weights, model.split(row, self.factors), self.unseen)

    def candidate(self, item_id: str) -> int:
        """Row of an item that may be ranked.

        Raises
        ------
        NotFoundError
            The item is unknown.
        InputError
            The user has had it.
        """
        item = self.engine.item_position(item_id)
        if not self.unseen[item]:
            raise InputError(
                f"user {self.user_id[:80]!r} has had item {item_id[:80]!r}, which is never recommended "
                "again: choose an item that the user has not had"
            )
        return item

    def rank(self, item: int, scores: NDArray[np.float64] | None = None) -> int:
        """Place of an item in the list, from 1; by default in the list as it is."""
        return rank_of(self.scores if scores is None else scores, item, self.unseen)
