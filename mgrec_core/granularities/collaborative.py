"""`collaborative`: what people with the same history go on to, by the item space."""

from __future__ import annotations

from mgrec_core.granularities.spaces import Spaces
from mgrec_core.granularities.structure import Absent, Block, Granularity

NAME = "collaborative"


def build(spaces: Spaces) -> Granularity | Absent:
    """Pool the item-space vectors of the history, weighted by strength."""
    data, space = spaces.data, spaces.item_space
    if space is None:
        return Absent(NAME, "no user has two items: nothing shows which items go together")
    return Granularity(
        name=NAME,
        kind="item",
        evidence_ids=data.items,
        evidence_labels=data.labels,
        weights=data.strength,
        blocks=(Block(space.evidence, space.items, 1.0, "items.evidence", "items.vectors"),),
        reason=f"which items go together in {len(data.users):,} histories ({space.solver})",
        language=spaces.shared,
        language_name="language.items",
    )
