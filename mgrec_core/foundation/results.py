"""Frozen result objects: what the engine answers, in one shape for pages, files and programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
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


def _named(target: str, document: dict[str, Any], left_out: tuple[str, ...]) -> dict[str, Any]:
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
        rows = [_named(self.target, asdict(item), ("about",) if of_items else ()) for item in self.items]
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


def held_as(kind: str, label: str, weight: float) -> str:
    """Name a piece of evidence, and whether the user is against it.

    Examples
    --------
    >>> held_as("attribute", "genre: horror", -0.4), held_as("item", "Alien", -1.0)
    ('against genre: horror', 'disliked Alien')
    >>> held_as("item", "Up", 1.0)
    'Up'
    """
    if weight >= 0:
        return label
    return f"disliked {label}" if kind == "item" else f"against {label}"


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence and its signed share of a contribution.

    Attributes
    ----------
    kind
        ``item``, ``attribute``, ``entity``, ``friend`` or ``everyone``.
    value
        λ_k · c_uk · W_k[u,e] · (x_e · a_ik); over a granularity these and the baseline sum to
        the contribution.
    weight
        W_k[u,e], how strongly the user holds this evidence; negative where it is held against.
    source
        For an entity: the rules whose triples speak of it; empty elsewhere.
    confidence
        For an entity: mean confidence of those triples, in (0, 1]; ``None`` elsewhere.
    """

    kind: str
    id: str
    label: str
    value: float
    weight: float
    source: str = ""
    confidence: float | None = None

    @property
    def phrase(self) -> str:
        """What it is, in words that say whether it is for or against."""
        return held_as(self.kind, self.label or self.id, self.weight)


MOST_EVIDENCE = 100
"""Pieces of evidence of one granularity in a document or a file; the others are counted and summed."""


@dataclass(frozen=True)
class Explanation:
    """Why an item (or a person, or an ad) has its score: evidence values + baseline = contribution.

    Attributes
    ----------
    rank
        Its place among what may be ranked for the user; ``None`` for what may not: a seen item, a
        friend, an ad that was redeemed.
    seen
        Whether ``rank`` is ``None``.
    target
        ``items``, ``users`` or ``ads``.
    """

    user_id: str
    item_id: str
    title: str
    score: float
    rank: int | None
    seen: bool
    weights: dict[str, float]
    base: str
    fusion: str
    contributions: dict[str, float]
    baseline: dict[str, float]
    evidence: dict[str, tuple[Evidence, ...]]
    target: str = "items"

    def omitted(self, top: int | None = MOST_EVIDENCE) -> dict[str, dict[str, float]]:
        """How many pieces of evidence come after the ``top`` strongest, and the sum of their values.

        Granularities that have no more are left out; evidence + omitted + baseline = contribution.
        """
        return {
            g: {"n": len(held) - top, "value": sum(e.value for e in held[top:])}
            for g, held in self.evidence.items()
            if top is not None and len(held) > top
        }

    def to_dict(self, top: int | None = MOST_EVIDENCE) -> dict[str, Any]:
        """Return the document of ``explain [--target …] --json``.

        Parameters
        ----------
        top
            Strongest pieces of evidence a granularity, ``None`` for all; where there are more
            ``omitted`` says how many and what they sum to, as :meth:`omitted` does.
        """
        # not ``asdict`` of all: it copies every value of thousands of pieces of evidence
        fields = asdict(replace(self, evidence={}))
        if self.target == "items":
            found = _named(self.target, fields, ("target",))
        else:
            shown = _named(self.target, fields, ("target", "seen", "fusion"))
            found = {"target": self.target, **shown}
        found["evidence"] = {g: [dict(vars(e)) for e in held[:top]] for g, held in self.evidence.items()}
        if omitted := self.omitted(top):
            found["omitted"] = omitted
        return found

    def to_frame(self, top: int | None = MOST_EVIDENCE) -> pd.DataFrame:
        """Return one row per evidence, one for what is omitted and one ``baseline`` row per granularity.

        Parameters
        ----------
        top
            As of :meth:`to_dict`.
        """
        rows: list[dict[str, Any]] = []
        omitted = self.omitted(top)
        for g, found in self.evidence.items():
            rows += [{"granularity": g, **vars(e)} for e in found[:top]]
            sums = [("baseline", "baseline", self.baseline[g])]
            if g in omitted:
                sums.insert(0, ("omitted", f"{omitted[g]['n']:,} more", omitted[g]["value"]))
            rows += [
                {
                    "granularity": g,
                    "kind": kind,
                    "id": "",
                    "label": label,
                    "value": value,
                    "weight": float("nan"),
                }
                for kind, label, value in sums
            ]
        return pd.DataFrame(rows, columns=["granularity", "kind", "id", "label", "value", "weight"])


@dataclass(frozen=True)
class Interest:
    """A piece of evidence and its share of the user's vector (shares sum to 1 over all evidence).

    A negative ``weight`` is an interest against it: the user's vector points away from there.
    """

    kind: str
    id: str
    label: str
    share: float
    weight: float

    @property
    def phrase(self) -> str:
        """What it is, in words that say whether it is for or against."""
        return held_as(self.kind, self.label or self.id, self.weight)


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
