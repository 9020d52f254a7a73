"""Ranks targets for a user from several parts, exactly additive: what people and ads share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Evidence, Weights
from mgrec_core.metrics.top_k import rank_of, top_k
from mgrec_core.model.fusion.scale import scale_and_median
from mgrec_core.model.fusion.weights import resolve
from mgrec_core.model.model import Split
from mgrec_core.targets.results import TargetExplanation, TargetList, TargetRow

_CHUNK_BYTES = 128 * 2**20
#: Of two candidates the "ten best minus the median" says nothing.
_FEW = 1


class Ranker(ABC):
    """Candidates of one kind for every user.

    Attributes
    ----------
    target
        ``users`` or ``ads``.
    parts
        Names of the present parts, in fixed order.
    absent
        Reason by name of part.
    user_ids, target_ids, labels
        Ids of |U| users and N targets, and what to call the targets.
    """

    target: str
    parts: tuple[str, ...]
    absent: dict[str, str]
    user_ids: list[str]
    target_ids: list[str]
    labels: list[str]
    #: Documented default λ by part; the first present of ``bases`` has 1.
    defaults: Mapping[str, float]
    bases: tuple[str, ...]
    _users: dict[str, int]
    _targets: dict[str, int]

    @abstractmethod
    def raw(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Raw scores s_p(u, t) of some users, shape (len(rows), N, P)."""

    @abstractmethod
    def allowed(self, user: int) -> NDArray[np.bool_]:
        """Which targets may be ranked for a user, shape (N,)."""

    @abstractmethod
    def pieces(self, user: int, target: int, part: str) -> list[Evidence]:
        """Evidence whose values sum to s_p(u, t)."""

    @abstractmethod
    def active_users(self) -> NDArray[np.bool_]:
        """Users of whom anything is known that ranks, shape (|U|,)."""

    def about(self, user: int, target: int) -> dict[str, Any]:
        """Facts to show beside a row."""
        return {}

    def weights(self, given: Mapping[str, float] | None = None, base: str | None = None) -> Weights:
        """Complete and check λ by part.

        Raises
        ------
        NotFoundError
            An unknown part.
        InputError
            A weight outside [0, 1], or nothing to rank by.
        """
        if not self.parts:
            raise InputError(f"{self.target} cannot be ranked: {self.why_not()}")
        first = next((p for p in self.bases if p in self.parts), self.parts[0])
        active = Weights({p: self.defaults.get(p, 0.0) for p in self.parts}, first)
        # An absent part that is named has weight 0 without complaint, as an absent granularity has.
        known = (*self.parts, *self.absent)
        return resolve(given, active, self.parts, base, known)

    def use(self, learned: Weights) -> None:
        """Take learned weights in place of the documented ones."""
        self.defaults, self.bases = dict(learned.values), (learned.base, *self.bases)

    def why_not(self) -> str:
        """One sentence: why nothing can be ranked."""
        return "; ".join(dict.fromkeys(self.absent.values())) or "there are no candidates"

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
        return _place(self._targets, target_id, "ad" if self.target == "ads" else "user")

    def index(self) -> None:
        """Prepare the look-up of ids; called once by every subclass."""
        self._users = {u: n for n, u in enumerate(self.user_ids)}
        self._targets = {t: n for n, t in enumerate(self.target_ids)}

    def splits(
        self, rows: NDArray[np.int64], lam: NDArray[np.float64]
    ) -> Iterator[tuple[int, Split, NDArray[np.bool_]]]:
        """Take many users' scores apart, some users at a time: user, split, candidates."""
        step = max(1, _CHUNK_BYTES // max(1, len(self.target_ids) * len(self.parts) * 8))
        for start in range(0, len(rows), step):
            chunk = rows[start : start + step]
            for user, raw in zip(chunk, self.raw(chunk), strict=True):
                allowed = self.allowed(int(user))
                c, median = scale_and_median(raw, allowed)
                if allowed.sum() <= _FEW:
                    c = np.zeros_like(c)
                yield int(user), Split(raw, lam * c, median), allowed

    def rank(
        self, user_id: str, k: int = 10, weights: Mapping[str, float] | None = None, base: str | None = None
    ) -> TargetList:
        """Rank a user's candidates.

        Raises
        ------
        NotFoundError
            Unknown user or part.
        InputError
            ``k`` below 1, a weight outside [0, 1], or nothing to rank by.
        """
        if not isinstance(k, int) or k < 1:
            raise InputError(f"k is {k}: ask for at least 1")
        user, lam = self.user(user_id), self.weights(weights, base)
        split, allowed = self._one(user, lam)
        contributions = split.contributions
        scores = contributions.sum(axis=1)
        rows = tuple(
            TargetRow(
                n,
                self.target_ids[t],
                self.labels[t],
                float(scores[t]),
                dict(zip(self.parts, contributions[t].tolist(), strict=True)),
                self.about(user, int(t)),
            )
            for n, t in enumerate(top_k(scores, k, allowed), start=1)
        )
        return TargetList(self.target, user_id, k, lam.values, lam.base, int(allowed.sum()), rows)

    def explain(
        self,
        user_id: str,
        target_id: str,
        weights: Mapping[str, float] | None = None,
        base: str | None = None,
    ) -> TargetExplanation:
        """Split a target's score over parts and evidence.

        Raises
        ------
        NotFoundError
            Unknown user, target or part.
        """
        user, target = self.user(user_id), self.target_place(target_id)
        lam = self.weights(weights, base)
        split, allowed = self._one(user, lam)
        scores = split.contributions.sum(axis=1)
        evidence = {}
        for p, part in enumerate(self.parts):
            found = [
                Evidence(e.kind, e.id, e.label, e.value * float(split.factor[p]), e.weight)
                for e in self.pieces(user, target, part)
            ]
            kept = [e for e in found if e.value != 0.0]
            evidence[part] = tuple(sorted(kept, key=lambda e: (-abs(e.value), e.kind, e.id)))
        baseline = (-split.factor * split.median + 0.0).tolist()
        return TargetExplanation(
            target=self.target,
            user_id=user_id,
            target_id=target_id,
            title=self.labels[target],
            score=float(scores[target]),
            rank=rank_of(scores, target, allowed) if allowed[target] else None,
            weights=lam.values,
            base=lam.base,
            contributions=dict(zip(self.parts, split.contributions[target].tolist(), strict=True)),
            baseline=dict(zip(self.parts, baseline, strict=True)),
            evidence=evidence,
        )

    def _one(self, user: int, lam: Weights) -> tuple[Split, NDArray[np.bool_]]:
        factors = np.array(list(lam.values.values()))
        _, split, allowed = next(iter(self.splits(np.array([user]), factors)))
        return split, allowed


def _place(places: Mapping[str, int], id: str, what: str) -> int:
    try:
        return places[id]
    except (KeyError, TypeError):
        raise NotFoundError(f"unknown {what} {str(id)[:80]!r}") from None
