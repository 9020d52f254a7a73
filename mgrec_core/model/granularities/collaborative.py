"""`collaborative`: what people with the same history go on to, by the item space and the factor space."""

from __future__ import annotations

from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.structure import Absent, Granularity

NAME = "collaborative"


def build(spaces: Spaces) -> Granularity | Absent:
    """Pool the vectors of the history's items in both spaces, weighted by strength."""
    data, space = spaces.data, spaces.item_space
    if space is None:
        return Absent(NAME, "no user has two items: nothing shows which items go together")
    blocks, said = [space.block], space.solver
    if spaces.factor_space is not None:
        blocks.append(spaces.factor_space)
        said += f", and {spaces.factor_space.dimensions} directions of taste"
    return Granularity(
        name=NAME,
        kind="item",
        evidence_ids=data.items,
        evidence_labels=data.labels,
        weights=data.strength,
        blocks=tuple(blocks),
        reason=f"which items go together in {len(data.users):,} histories ({said})",
        language=spaces.shared,
        language_name="language.items",
    )
