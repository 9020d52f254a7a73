"""Ranks people or advertisements for a user: what the two share beside what every subject does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mgrec_core.engine.subject import Subject
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.explanation import Explanation
from mgrec_core.foundation.results import RankedList, Weights, WeightsLike
from mgrec_core.model.fusion.weights import resolve
from mgrec_core.model.scoring import ScoreParts


class Ranker(Subject):
    """A subject with documented weights of its own.

    Attributes
    ----------
    absent
        Reason by name of part.
    defaults, bases
        λ by part until weights are learned; the first present of ``bases`` has 1.
    """

    absent: dict[str, str]
    defaults: Mapping[str, float]
    bases: tuple[str, ...]

    def resolve(self, weights: WeightsLike = None) -> Weights:
        """Complete and check λ by part; people and advertisements are fused by score.

        Raises
        ------
        NotFoundError
            An unknown part.
        InputError
            A weight outside [0, 1], a preset, another fusion mode or α, or nothing to rank by.
        """
        asked = Weights.of(weights)
        if asked.preset is not None or asked.fusion != "score" or asked.alpha is not None:
            raise InputError("presets, fusion modes and α are for items: give people and ads λ and a base")
        if not self.parts:
            raise InputError(f"{self.target} cannot be ranked: {self.why_not()}")
        first = next((p for p in self.bases if p in self.parts), self.parts[0])
        start = Weights({p: self.defaults.get(p, 0.0) for p in self.parts}, first)
        # An absent part that is named has weight 0 without complaint, as an absent granularity has.
        known = (*self.parts, *self.absent)
        return resolve(asked, start, self.parts, known)

    def use(self, learned: Weights) -> None:
        """Take learned weights in place of the documented ones."""
        self.defaults, self.bases = dict(learned.values), (learned.base, *self.bases)

    def why_not(self) -> str:
        """One sentence: why nothing can be ranked."""
        return "; ".join(dict.fromkeys(self.absent.values())) or "there are no candidates"

    def rank(self, user_id: str, k: int = 10, weights: WeightsLike = None) -> RankedList:
        """Rank a user's candidates.

        Raises
        ------
        NotFoundError
            Unknown user or part.
        InputError
            ``k`` below 1, a weight outside [0, 1], or nothing to rank by.
        """
        check_k(k)
        user, lam = self.user(user_id), self.resolve(weights)
        return self.ranked(user, k, lam, *self._one(user, lam))

    def explain(self, user_id: str, target_id: str, weights: WeightsLike = None) -> Explanation:
        """Split a target's score over parts and evidence.

        Raises
        ------
        NotFoundError
            Unknown user, target or part.
        """
        user, target = self.user(user_id), self.target_place(target_id)
        lam = self.resolve(weights)
        return self.explained(user, target, lam, *self._one(user, lam))

    def _one(self, user: int, lam: Weights) -> tuple[ScoreParts, NDArray[np.bool_]]:
        _, split, allowed = next(self.splits(np.array([user]), list(lam.values.values())))
        return split, allowed
