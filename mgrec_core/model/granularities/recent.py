"""`recent`: what the newest items of the history ask for."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from mgrec_core.foundation.config import Section
from mgrec_core.model.granularities.balance import balanced
from mgrec_core.model.granularities.controls import within_rows
from mgrec_core.model.granularities.histories import Decay, FromHistory
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Block, Granularity

NAME = "recent"


class RecentConfig(Section):
    """How fast older items fade."""

    decay: Literal["power", "exponential"] = "power"
    """``power``: (1 + 3·newer / half-life)^−½, fast at first and slow later, as people forget;
    ``exponential``: 0.5^(newer / half-life)."""
    half_life: float = Field(3.0, gt=0)
    """After so many newer items an item counts half."""
    language_share: float = Field(0.2, ge=0, le=1)
    """Share of the language-model block; the rest is the item-space block."""


def build(spaces: Spaces) -> Granularity | Absent:
    """Decay the history by age, counted in newer items.

    Two blocks, item space and language, because each alone does worse; the language block is
    scaled so that its typical score is ``language_share`` of the whole. What was disliked says nothing here,
    as in `collaborative`.
    """
    data = spaces.data
    config: RecentConfig = spaces.config.recent
    if data.age is None:
        return Absent(NAME, "events have no timestamps: import a timestamp column")
    if spaces.item_space is None and spaces.language is None:
        return Absent(NAME, "no two items share a user and no item has text: nothing relates items")
    read = FromHistory(power=spaces.sizes, decay=Decay(config.decay, config.half_life))
    weights = spaces.weighed(read)
    share = config.language_share
    blocks: list[Block] = []
    if spaces.item_space is not None:
        blocks.append(spaces.item_space.block)
    if spaces.language is not None and (share > 0 or not blocks):
        language = Block(spaces.language, spaces.language, 1.0, "language.items", "language.items")
        if blocks:
            language = balanced(weights, blocks[0], language, share)
        blocks.append(language)
    return Granularity(
        name=NAME,
        kind="item",
        evidence_ids=data.items,
        evidence_labels=data.labels,
        weights=weights,
        from_history=read,
        blocks=tuple(blocks),
        reason=f"the history, an item counts half after {config.half_life:g} newer ones",
        language=spaces.shared,
        language_name="language.items",
    )


def _ages_permuted(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    return spaces.with_data(age=within_rows(spaces.data.age, rng))


SPEC = Spec(
    name=NAME,
    order=20,
    build=build,
    options=RecentConfig,
    weight=1.0,
    weight_for_people=0.1,
    weight_for_ads=0.3,
    control=Control(sentence="ages permuted within each history", permute=_ages_permuted),
    label="Recent",
    colours=("#2E93CC", "#7CCBF5"),
    pattern="/",
    symbol="triangle-up",
    held="compared with the last things users had",
    not_held="it has neither text nor users: nothing to compare",
    coverage=Coverage(
        counted="users with a dated item; items with words, or that share a user with another",
        items=("q_shared", "q_text WHERE text IS NOT NULL"),
        users="q_pairs WHERE last_time IS NOT NULL",
        remedy="Add a timestamp column to the interactions.",
    ),
)
