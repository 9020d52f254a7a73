"""Frozen result objects: what the engine answers, in one shape for pages, files and programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from mgrec_core.foundation.errors import InputError


@dataclass(frozen=True)
class Weights:
    """Fusion weights, and how they fuse.

    What is asked for may be partial; ``engine.resolve`` completes and checks it.

    Attributes
    ----------
    values
        λ by granularity, each in [0, 1]. Complete: all present ones in the fixed order, the base at 1.
    base
        The granularity whose weight is 1; empty: the preset's.
    preset
        Where λ that are not named come from; ``None``: the active preset.
    fusion
        ``score`` (late fusion with λ), ``vector`` or ``concat`` (with α).
    alpha
        α by granularity, set apart from λ; ``None``: they follow λ.

    Examples
    --------
    >>> asked = Weights({"recent": 0.5, "collaborative": 1.0}, fusion="concat", alpha={"recent": 1})
    >>> asked.shares, asked.factors
    ({'recent': 1.0, 'collaborative': 0.0}, [1.0, 0.0])
    """

    values: Mapping[str, float] = field(default_factory=dict)
    base: str = ""
    preset: str | None = None
    fusion: str = "score"
    alpha: Mapping[str, float] | None = None

    @classmethod
    def of(cls, given: WeightsLike) -> Weights:
        """As one object: λ alone are fused by score and completed from the active preset.

        Examples
        --------
        >>> Weights.of({"recent": 0.5})
        Weights(values={'recent': 0.5}, base='', preset=None, fusion='score', alpha=None)
        """
        if isinstance(given, Weights):
            return given
        if given is not None and not isinstance(given, Mapping):
            raise InputError(f"weights are {given!r:.60}: give Weights(...) or a mapping, {{'recent': 0.3}}")
        return cls(given or {})

    @property
    def shares(self) -> dict[str, float]:
        """α of complete weights: those set apart, else λ; normalised to sum 1."""
        return normalised(self.values if self.alpha is None else self.alpha, self.values)

    @property
    def factors(self) -> list[float]:
        """What complete weights multiply each granularity by: λ where scores are fused, else α."""
        return list((self.values if self.fusion == "score" else self.shares).values())


WeightsLike = Weights | Mapping[str, float] | None
"""What takes weights takes them as one object, as λ alone, or not at all: those of the active preset."""


def normalised(shares: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """Shares of the names, divided by their sum unless that is 1 already (or 0)."""
    found = {name: float(shares.get(name, 0.0)) for name in names}
    total = sum(found.values())
    # Once is enough: a second division would move the last digit of what sums to 1 but for rounding.
    if total == 0.0 or math.isclose(total, 1.0, rel_tol=1e-12):
        return found
    return {name: share / total for name, share in found.items()}


@dataclass(frozen=True)
class Preset:
    """Named weights; ``origin`` is ``built-in``, ``tuned``, ``feedback`` or ``saved``."""

    name: str
    weights: dict[str, float]
    base: str
    origin: str

    def as_weights(self) -> Weights:
        """Its λ and base, fused by score."""
        return Weights(dict(self.weights), self.base)


@dataclass(frozen=True)
class GranularityStatus:
    """Whether a granularity could be built and, if not, why.

    Attributes
    ----------
    present
        It has evidence and vectors in this build.
    reason
        One sentence: why it is absent, or what it is built from.
    n_evidence, dimensions
        |E_k| and n_k; 0 when absent.
    unreliable
        Why its scores cannot be relied on, in one sentence; empty where they can.
    """

    name: str
    present: bool
    reason: str
    n_evidence: int = 0
    dimensions: int = 0
    unreliable: str = ""


def id_column(target: str) -> str:
    """What documents and files call the id of an item, or of another target."""
    return "item_id" if target == "items" else "target_id"


def named_for(target: str, document: dict[str, Any], left_out: tuple[str, ...]) -> dict[str, Any]:
    """A document with the target's name for its id, without what says nothing of that target."""
    named = {id_column(target) if key == "item_id" else key: value for key, value in document.items()}
    return {key: value for key, value in named.items() if key not in left_out}


@dataclass(frozen=True)
class RankedItem:
    """One row of a ranked list; ``contributions`` sum to ``score`` (to 1e-5).

    Attributes
    ----------
    item_id
        What is ranked: an item, or where people or advertisements are, one of these.
    about
        Facts to show beside a person or an advertisement: friends in common, period, products.
    """

    rank: int
    item_id: str
    title: str
    score: float
    contributions: dict[str, float]
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RankedList:
    """The best ``k`` unseen items (or people, or advertisements) of a user, best first; ties by id.

    Attributes
    ----------
    n_candidates
        How many were ranked.
    target
        ``items``, ``users`` or ``ads``.
    """

    user_id: str
    k: int
    weights: dict[str, float]
    base: str
    fusion: str
    alpha: dict[str, float]
    n_candidates: int
    items: tuple[RankedItem, ...]
    target: str = "items"

    def to_dict(self) -> dict[str, Any]:
        """Return the document of ``rank [--target …] --json``; items are fused in several modes."""
        of_items = self.target == "items"
        rows = [named_for(self.target, asdict(item), ("about",) if of_items else ()) for item in self.items]
        return {
            **({} if of_items else {"target": self.target}),
            "user_id": self.user_id,
            "k": self.k,
            "weights": self.weights,
            "base": self.base,
            **({"fusion": self.fusion, "alpha": self.alpha} if of_items else {}),
            "n_candidates": self.n_candidates,
            self.target: rows,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return columns rank, item_id (or target_id), title, score and ``contribution_<g>``."""
        names = list(self.weights)
        rows = [
            (i.rank, i.item_id, i.title, i.score, *(i.contributions[g] for g in names)) for i in self.items
        ]
        columns = ["rank", id_column(self.target), "title", "score", *(f"contribution_{g}" for g in names)]
        return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class Neighbour:
    """An item near another; ``cosine`` is in [−1, 1], ``rank`` from 1."""

    rank: int
    item_id: str
    title: str
    cosine: float


@dataclass(frozen=True)
class UserProfile:
    """What the tables say of one user; times are UTC or ``None`` where events are undated."""

    user_id: str
    n_items: int
    n_events: int
    first_time: pd.Timestamp | None
    last_time: pd.Timestamp | None
    n_friends: int
    attributes: dict[str, str] = field(default_factory=dict)
