"""Why something has its score, as a frozen result: evidence, the ways it came, explanations."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

from mgrec_core.foundation.results import named_for
from mgrec_core.foundation.themes import ThemeValue


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
class Way:
    """An item through which a piece of evidence came to its value: the user's, or for a friend the friend's.

    Attributes
    ----------
    id, label
        The item; an empty id and a count where it stands for several.
    value
        Its signed part of the evidence's value; over all ways they sum to it.
    relations
        For an entity: how the item leads to it, such as ``directed_by`` or ``part_of → Saga → theme``.
    """

    id: str
    label: str
    value: float
    relations: tuple[str, ...] = ()


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
    theme
        Name of the user's theme that it belongs to, ``everybody`` for the prior; empty for people and
        advertisements.
    cumulative
        Share of the sizes of the granularity's values that this piece and those before it make up, in
        (0, 1]; ``None`` where themes are not told.
    through
        Items through which an attribute, an entity or a friend came to its value, where that was asked for.
    joins
        For an entity: the relations that join it with the explained item.
    """

    kind: str
    id: str
    label: str
    value: float
    weight: float
    source: str = ""
    confidence: float | None = None
    theme: str = ""
    cumulative: float | None = None
    through: tuple[Way, ...] = ()
    joins: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """What it is, in words that say whether it is for or against."""
        return held_as(self.kind, self.label or self.id, self.weight)


def _told(evidence: Evidence) -> dict[str, Any]:
    """As documents have it, without what it says nothing of: people and advertisements have no themes."""
    # not ``asdict``: it copies every value of thousands of pieces
    found = {
        name: value
        for name, value in vars(evidence).items()
        if value or name not in ("theme", "cumulative", "through", "joins")
    }
    if evidence.through:
        found["through"] = [vars(way) | {"relations": list(way.relations)} for way in evidence.through]
    if evidence.joins:
        found["joins"] = list(evidence.joins)
    return found


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
    rank_if_unseen
        For a seen item, which is explained as if it were not in the user's history: the place that it would
        have; else ``None``.
    note
        What a reader has to know first, in a sentence or two; empty for what may be ranked.
    seen
        Whether ``rank`` is ``None``.
    target
        ``items``, ``users`` or ``ads``.
    themes
        By granularity what each of the user's themes adds, the largest size first; themes + baseline =
        contribution. Empty for people and advertisements.
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
    themes: dict[str, tuple[ThemeValue, ...]] = field(default_factory=dict)
    rank_if_unseen: int | None = None
    note: str = ""

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
        if self.target == "items":
            found = named_for(self.target, self._document(), ("target",))
        else:
            shown = named_for(
                self.target,
                self._document(),
                ("target", "seen", "fusion", "themes", "rank_if_unseen", "note"),
            )
            found = {"target": self.target, **shown}
        if "themes" in found:
            found["themes"] = {g: [dict(vars(theme)) for theme in held] for g, held in self.themes.items()}
        found["evidence"] = {g: [_told(e) for e in held[:top]] for g, held in self.evidence.items()}
        if omitted := self.omitted(top):
            found["omitted"] = omitted
        return found

    def _document(self) -> dict[str, Any]:
        # not the evidence: to write out 10,000 pieces takes longer than to explain
        return asdict(replace(self, evidence={}))

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
