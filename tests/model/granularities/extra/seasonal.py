"""`seasonal`: what comes round again: everything that mgrec needs to know of it is in this file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydantic import Field
from scipy import sparse

from mgrec_core.foundation.config import Section
from mgrec_core.model.granularities import Absent, Control, Coverage, Granularity, Spaces, Spec
from mgrec_core.model.granularities.controls import within_rows


class SeasonalConfig(Section):
    """How long a season is."""

    period: float = Field(4.0, gt=0)
    """After so many newer items an item is in season again."""


def build(spaces: Spaces) -> Granularity | Absent:
    """Weigh an item of the history by (1 + cos(2π·newer / period)) / 2."""
    data, space = spaces.data, spaces.item_space
    options: SeasonalConfig = spaces.config.seasonal
    if data.age is None:
        return Absent("seasonal", "events have no timestamps: import a timestamp column")
    if space is None:
        return Absent("seasonal", "no user has two items: nothing shows which items go together")
    phase = data.age.copy()
    phase.data = (1.0 + np.cos(2 * np.pi * (data.age.data - 1) / options.period)) / 2
    return Granularity(
        name="seasonal",
        kind="item",
        evidence_ids=data.items,
        evidence_labels=data.labels,
        weights=sparse.csr_array(data.strength.multiply(phase)),
        blocks=(replace(space.block, scale=0.5),),
        reason=f"the history, an item comes round again after {options.period:g} newer ones",
        language=spaces.shared,
        language_name="language.items",
    )


def _ages_permuted(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    return spaces.with_data(age=within_rows(spaces.data.age, rng))


SPEC = Spec(
    name="seasonal",
    order=25,
    build=build,
    options=SeasonalConfig,
    weight=0.4,
    control=Control(sentence="ages permuted within each history", permute=_ages_permuted),
    label="Seasonal",
    colours=("#7A5195", "#C3A5DC"),
    pattern="|",
    symbol="hexagon",
    held="compared with what users had a season ago",
    not_held="it has no users: nothing to compare",
    coverage=Coverage(
        counted="users with a dated item; items that share a user with another",
        items=("q_shared",),
        users="q_pairs WHERE last_time IS NOT NULL",
        remedy="Add a timestamp column to the interactions.",
    ),
)
