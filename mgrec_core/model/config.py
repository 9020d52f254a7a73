"""What a build can be told; every field has a default that was measured on real data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mgrec_core.foundation.errors import InputError, NotFoundError


class Section(BaseModel):
    """Base of the sections: unknown options are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class LanguageConfig(Section):
    """How texts become vectors."""

    encoding: Literal["pooled", "sequence"] = "pooled"
    """``pooled``: the user is a weighted sum of item vectors; ``sequence``: the history as one text."""
    sequence_items: int = Field(20, ge=1, le=500)
    """How many of the newest items ``sequence`` reads."""
    whitening: bool = True
    """Decorrelate the model's directions over the catalogue (nDCG@10 .0085 → .031 on MovieLens)."""
    shrinkage: float = Field(1e-2, gt=0, le=1)
    """Share of the mean variance added to every direction before whitening."""


class RecentConfig(Section):
    """How fast older items fade."""

    decay: Literal["power", "exponential"] = "power"
    """``power``: (1 + 3·newer / half-life)^−½, fast at first and slow later, as people forget;
    ``exponential``: 0.5^(newer / half-life)."""
    half_life: float = Field(3.0, gt=0)
    """After so many newer items an item counts half."""
    language_share: float = Field(0.2, ge=0, le=1)
    """Share of the language-model block; the rest is the item-space block."""


class IncidenceConfig(Section):
    """How attribute values or entities become vectors."""

    space: Literal["tfidf", "language"] = "tfidf"
    """``tfidf``: one direction a value, scaled by rarity; ``language``: the mean text of its items."""
    min_items: int = Field(2, ge=1)
    """Values of fewer items are no evidence of a shared interest."""
    max_share: float = Field(0.5, gt=0, le=1)
    """Values that more than this share of the catalogue has tell nothing."""


RuleName = Literal["given", "linked", "attribute", "decade", "franchise", "text"]

#: Rules that are no more: they did not raise the fused list on real data. Two had options of their own.
FORMER_RULES = ("cooccurrence", "neighbours", "hierarchy")


class KnowledgeConfig(IncidenceConfig):
    """Which triples make the knowledge graph, and how it is walked."""

    second_hop: float = Field(0.5, ge=0, le=1)
    """Weight of a two-hop path against a one-hop path."""
    rules: tuple[RuleName, ...] | None = None
    """Whose triples to use (:mod:`mgrec_core.data.knowledge.rules`). ``None``: the given graph where
    there is one, else attribute, decade and franchise. ``text`` is off unless named: it raised the fused
    list's nDCG@10 by .021 [.009, .033] where items have descriptions, by .000 where they have titles."""

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


class CollaborativeConfig(Section):
    """The item space: EASE (Steck 2019) with item scaling, or a low-rank ridge when that is too large."""

    regularisation: float = Field(0.02, gt=0)
    """λ of the ridge as a share of the largest eigenvalue of the Gram matrix."""
    item_scaling: float = Field(0.1, ge=0, le=1)
    """Columns are multiplied by popularity to the power of minus this."""
    max_cells: int = Field(250_000_000, ge=1)
    """Most numbers in a matrix of the exact solution (8 bytes each, a few of them at once)."""
    max_exact: int = Field(12_000, ge=1)
    """Largest min(users, items) that is solved exactly."""
    rank: int = Field(64, ge=1)
    """Rank of the ridge above that size."""
    factors: int = Field(128, ge=0)
    """Most directions of the factor space beside the item space; 0 leaves it out."""
    factor_scaling: float = Field(0.25, ge=0, le=1)
    """There, columns are divided by their summed strengths to this power."""
    factor_share: float | None = Field(None, ge=0, lt=1)
    """Share of the factor space in a typical score; chosen on held-out parts of histories when empty."""


class Config(Section):
    """All options of a build."""

    language: LanguageConfig = LanguageConfig()
    recent: RecentConfig = RecentConfig()
    attribute: IncidenceConfig = IncidenceConfig()
    knowledge: KnowledgeConfig = KnowledgeConfig()
    collaborative: CollaborativeConfig = CollaborativeConfig()

    @classmethod
    def load(cls, path: str | Path | None) -> Config:
        """Read a YAML (or JSON) file; ``None`` gives the defaults.

        Raises
        ------
        NotFoundError
            There is no such file.
        InputError
            It is no YAML, or an option is unknown or out of range.
        """
        if path is None:
            return cls()
        path = Path(path)
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except FileNotFoundError:
            raise NotFoundError(f"config file {path} does not exist: check --config") from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"config file {path} cannot be read as YAML: {reason}") from None
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "top level"
            raise InputError(
                f"config file {path}, option {where}: {first['msg'].removeprefix('Value error, ')}"
            ) from None
