"""Options of the knowledge graph: which triples make it, and how it is walked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mgrec_core.foundation.config import Section

RuleName = Literal[
    "given", "linked", "attribute", "decade", "franchise", "hierarchy", "text", "cooccurrence", "neighbours"
]


class CooccurrenceConfig(Section):
    """Links between items that the same users have."""

    support: int = Field(5, ge=1)
    """Least number of users that have both."""
    per_item: int = Field(10, ge=1, le=1000)
    """An item's best so many links."""
    shrinkage: float = Field(10.0, ge=0)
    """The cosine counts n / (n + shrinkage), n users having both."""
    threshold: float = Field(0.1, gt=0, le=1)
    """Least confidence."""


class NeighboursConfig(Section):
    """Links between items with like texts."""

    per_item: int = Field(10, ge=1, le=1000)
    """k of the mutual k nearest."""
    threshold: float = Field(0.35, gt=0, le=1)
    """Least cosine of the whitened vectors."""


class GraphConfig(Section):
    """Which triples make the knowledge graph, and how it is walked."""

    second_hop: float = Field(0.5, ge=0, le=1)
    """Weight of a two-hop path against a one-hop path."""
    rules: tuple[RuleName, ...] | None = None
    """Whose triples to use (:mod:`mgrec_core.data.knowledge.rules`). ``None``: the given graph where
    there is one, else attribute, decade and franchise; no other rule raised the fused list's nDCG@10."""
    cooccurrence: CooccurrenceConfig = CooccurrenceConfig()
    neighbours: NeighboursConfig = NeighboursConfig()
