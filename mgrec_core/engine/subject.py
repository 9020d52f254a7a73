"""What is recommended: items, people and advertisements are subjects of one protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.foundation.explanation import Evidence, Explanation
from mgrec_core.foundation.results import RankedItem, RankedList, Weights, id_column
from mgrec_core.metrics.top_k import rank_of, top_k
from mgrec_core.model.explanation import evidence_of
from mgrec_core.model.model import Model
from mgrec_core.model.scoring import ScoreParts, Scores, Splits, take_apart

_CHUNK_CELLS = 2**24
"""Raw scores of this many cells at once; they may be in double precision."""


class Subject(ABC):
    """Targets of one kind for every user, scored in parts: r = Σ_p λ_p·c_up·(s_p − m_up).

    Attributes
    ----------
    target
        ``items``, ``users`` or ``ads``.
    parts
        Names of the present parts, in fixed order: granularities, for items.
    user_ids, target_ids, labels
        Ids of |U| users and N targets, sorted, and what to call the targets.
    """

    target: str
    parts: tuple[str, ...]
    user_ids: list[str]
    target_ids: list[str]
    labels: list[str]

    @abstractmethod
    def scores(self, rows: NDArray[np.int64]) -> Sequence[Scores]:
        """Raw scores s_p(u, t) of some users, one array of shape (len(rows), N) a part."""

    @abstractmethod
    def allowed(self, user: int) -> NDArray[np.bool_]:
        """Which targets may be ranked for a user, shape (N,)."""

    @abstractmethod
    def pieces(self, user: int, target: int, part: str, factor: float = 1.0) -> list[Evidence]:
        """Evidence whose values sum to factor · s_p(u, t), in order of id."""

    @abstractmethod
    def active_users(self) -> NDArray[np.bool_]:
        """Users of whom anything is known that ranks, shape (|U|,)."""

    def about(self, user: int, target: int) -> dict[str, Any]:
        """Facts to show beside a row."""
        return {}

    @property
    def id_column(self) -> str:
        """What files call the id of a target."""
        return id_column(self.target)

    def user(self, user_id: str) -> int:
        """Row of a user.

        Raises
        ------
        NotFoundError
            The user is unknown.
        """
        return _place(self._users, user_id, "user")

    def target_place(self, target_id: str) -> int:
        """Row of a target.

        Raises
        ------
        NotFoundError
            The target is unknown.
        """
        return _place(self._targets, target_id, self.target.removesuffix("s"))

    @cached_property
    def _users(self) -> dict[str, int]:
        return {u: n for n, u in enumerate(self.user_ids)}

    @cached_property
    def _targets(self) -> dict[str, int]:
        return {t: n for n, t in enumerate(self.target_ids)}

    def splits(self, rows: NDArray[np.int64], weights: Sequence[float] | NDArray[np.float64]) -> Splits:
        """Take many users' scores apart, some users at a time."""
        chunk = _CHUNK_CELLS // max(1, len(self.target_ids) * len(self.parts))
        return take_apart(rows, weights, self.scores, self.allowed, chunk)

    def ranked(
        self, user: int, k: int, weights: Weights, split: ScoreParts, allowed: NDArray[np.bool_]
    ) -> RankedList:
        """The best ``k`` allowed targets by the scores of ``split``, as a result."""
        contributions = split.contributions
        scores = contributions.sum(axis=1)
        rows = tuple(
            RankedItem(
                rank=n,
                item_id=self.target_ids[t],
                title=self.labels[t],
                score=float(scores[t]),
                contributions=dict(zip(self.parts, contributions[t].tolist(), strict=True)),
                about=self.about(user, int(t)),
            )
            for n, t in enumerate(top_k(scores, k, allowed), start=1)
        )
        return RankedList(
            user_id=self.user_ids[user],
            k=k,
            weights=dict(weights.values),
            base=weights.base,
            fusion=weights.fusion,
            alpha=weights.shares,
            n_candidates=int(allowed.sum()),
            items=rows,
            target=self.target,
        )

    def explained(
        self, user: int, target: int, weights: Weights, split: ScoreParts, allowed: NDArray[np.bool_]
    ) -> Explanation:
        """One target's score over parts and evidence, as a result: exact, not approximated.

        Evidence comes in order of the size of its value, ties by id; that of value 0 is left out.
        """
        contributions = split.contributions
        scores = contributions.sum(axis=1)
        evidence = {}
        for part, factor in zip(self.parts, split.factor, strict=True):
            found = [e for e in self.pieces(user, target, part, float(factor)) if e.value != 0.0]
            evidence[part] = tuple(sorted(found, key=lambda e: -abs(e.value)))
        baseline = (-split.factor * split.median + 0.0).tolist()  # no −0
        may = bool(allowed[target])
        return Explanation(
            user_id=self.user_ids[user],
            item_id=self.target_ids[target],
            title=self.labels[target],
            score=float(scores[target]),
            rank=rank_of(scores, target, allowed) if may else None,
            seen=not may,
            weights=dict(weights.values),
            base=weights.base,
            fusion=weights.fusion,
            contributions=dict(zip(self.parts, contributions[target].tolist(), strict=True)),
            baseline=dict(zip(self.parts, baseline, strict=True)),
            evidence=evidence,
            target=self.target,
        )


class Items(Subject):
    """A model's items; candidates are those that the user has not seen.

    Parameters
    ----------
    fusion
        As which fusion mode sees them evidence is taken apart; lists of many users are of ``score``.
    """

    target = "items"

    def __init__(
        self, model: Model, user_ids: list[str], item_ids: list[str], labels: list[str], fusion: str = "score"
    ) -> None:
        self.model, self.parts = model, model.present
        self.user_ids, self.target_ids, self.labels = user_ids, item_ids, labels
        self._view = model.view(fusion)

    def scores(self, rows: NDArray[np.int64]) -> Sequence[Scores]:
        """Raw scores, one array of shape (len(rows), |I|) a granularity."""
        return self.model.scores(rows)

    def allowed(self, user: int) -> NDArray[np.bool_]:
        """Items not in the user's history."""
        return self.model.unseen(user)

    def splits(self, rows: NDArray[np.int64], weights: Sequence[float] | NDArray[np.float64]) -> Splits:
        """Take many users' scores apart, by the model's chunks."""
        return self.model.splits(rows, weights)

    def pieces(self, user: int, target: int, part: str, factor: float = 1.0) -> list[Evidence]:
        """What of the user's evidence speaks for the item."""
        g = self._view[part]
        return evidence_of(g, user, factor, *g.evidence_scores(user, target))

    def active_users(self) -> NDArray[np.bool_]:
        """Users with a history."""
        return np.diff(self.model.seen.indptr) > 0


def _place(places: Mapping[str, int], id: str, what: str) -> int:
    try:
        return places[id]
    except (KeyError, TypeError):
        raise NotFoundError(f"unknown {what} {str(id)[:80]!r}") from None
