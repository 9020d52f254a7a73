"""Ranked people and advertisements, and why each is where it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from mgrec_core.foundation.results import Evidence, Explanation, RankedItem, RankedList


@dataclass(frozen=True)
class TargetRow:
    """One row of a ranked list; ``contributions`` sum to ``score`` (to 1e-5).

    Attributes
    ----------
    about
        Facts to show beside it: friends in common, period, number of items.
    """

    rank: int
    target_id: str
    title: str
    score: float
    contributions: dict[str, float]
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetList:
    """The best ``k`` people or advertisements for a user, best first; ties by id.

    Attributes
    ----------
    target
        ``users`` or ``ads``.
    n_candidates
        How many were ranked.
    """

    target: str
    user_id: str
    k: int
    weights: dict[str, float]
    base: str
    n_candidates: int
    rows: tuple[TargetRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the document of ``rank --target users|ads --json``."""
        return {
            "target": self.target,
            "user_id": self.user_id,
            "k": self.k,
            "weights": self.weights,
            "base": self.base,
            "n_candidates": self.n_candidates,
            self.target: [asdict(row) for row in self.rows],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return columns rank, target_id, title, score and ``contribution_<part>``."""
        columns = ["rank", "target_id", "title", "score", *(f"contribution_{p}" for p in self.weights)]
        rows = [
            (r.rank, r.target_id, r.title, r.score, *(r.contributions[p] for p in self.weights))
            for r in self.rows
        ]
        return pd.DataFrame(rows, columns=columns)

    def as_ranked(self) -> RankedList:
        """As a list of items, for the figures; parts of weight 0 are left out."""
        shown = {p: w for p, w in self.weights.items() if w > 0}
        items = tuple(
            RankedItem(r.rank, r.target_id, r.title, r.score, {p: r.contributions[p] for p in shown})
            for r in self.rows
        )
        return RankedList(self.user_id, self.k, shown, self.base, "score", {}, self.n_candidates, items)


@dataclass(frozen=True)
class TargetExplanation:
    """Why a person or advertisement has its score: evidence values + baseline = contribution.

    ``rank`` is ``None`` for somebody who is not a candidate (a friend already, an ad redeemed).
    """

    target: str
    user_id: str
    target_id: str
    title: str
    score: float
    rank: int | None
    weights: dict[str, float]
    base: str
    contributions: dict[str, float]
    baseline: dict[str, float]
    evidence: dict[str, tuple[Evidence, ...]]

    def to_dict(self, top: int | None = None) -> dict[str, Any]:
        """As a JSON object; with ``top`` the further evidence of a part is summed in ``rest``."""
        document = asdict(self)
        document["evidence"] = {p: [asdict(e) for e in found[:top]] for p, found in self.evidence.items()}
        if top is not None:
            document["rest"] = {p: sum(e.value for e in v[top:]) for p, v in self.evidence.items()}
        return document

    def as_explanation(self) -> Explanation:
        """As the explanation of an item, for the figures."""
        return Explanation(
            user_id=self.user_id,
            item_id=self.target_id,
            title=self.title,
            score=self.score,
            rank=self.rank,
            seen=self.rank is None,
            weights=self.weights,
            base=self.base,
            fusion="score",
            contributions=self.contributions,
            baseline=self.baseline,
            evidence=self.evidence,
        )
