"""Options of the knowledge graph: which triples make it, and how it is walked."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from mgrec_core.foundation.config import Section

RuleName = Literal["given", "linked", "attribute", "decade", "franchise", "text", "cooccurrence"]

#: Rules that are no more: they raised the fused list nowhere. The first had options of its own.
FORMER_RULES = ("neighbours", "hierarchy")


class CooccurrenceConfig(Section):
    """Links between items that the same users have (:mod:`mgrec_core.data.knowledge.cooccurrence`)."""

    support: int = Field(5, ge=1)
    """Least number of users that have both."""
    per_item: int = Field(10, ge=1, le=1000)
    """An item's best so many links."""
    shrinkage: float = Field(10.0, ge=0)
    """The cosine counts n / (n + shrinkage), n users having both."""
    threshold: float = Field(0.1, gt=0, le=1)
    """Least confidence."""


class GraphConfig(Section):
    """Which triples make the knowledge graph, and how it is walked."""

    second_hop: float = Field(0.5, ge=0, le=1)
    """Weight of a two-hop path against a one-hop path."""
    rules: tuple[RuleName, ...] | None = None
    """Whose triples to use (:mod:`mgrec_core.data.knowledge.rules`). ``None``: the given graph where
    there is one, else attribute, decade and franchise. Two are off unless named. ``text`` raised the fused
    list's nDCG@10 by .011 to .014 where items have descriptions, by .001 at most where they have titles;
    ``cooccurrence`` by .005 on one set of four."""
    cooccurrence: CooccurrenceConfig = CooccurrenceConfig()

    @model_validator(mode="before")
    @classmethod
    def _no_former_rule(cls, options: Any) -> Any:
        rules = options.get("rules") if isinstance(options, dict) else None
        named = [*(options if isinstance(options, dict) else ()), *(rules if isinstance(rules, list) else ())]
        for name in FORMER_RULES:
            if name in named:
                raise ValueError(f"the knowledge graph has no rule {name} any more: take it out")
        return options


def without_former(options: dict[str, Any]) -> dict[str, Any]:
    """Take what is no more out of the options that an earlier version built with.

    Examples
    --------
    >>> without_former({"knowledge": {"rules": ["text", "neighbours"], "neighbours": {"per_item": 5}}})
    {'knowledge': {'rules': ['text']}}
    """
    knowledge = {name: v for name, v in options.get("knowledge", {}).items() if name not in FORMER_RULES}
    if knowledge.get("rules"):
        knowledge["rules"] = [rule for rule in knowledge["rules"] if rule not in FORMER_RULES]
    return {**options, **({"knowledge": knowledge} if knowledge else {})}
