"""`collaborative`: what people with the same history go on to, by the item space and the factor space."""

from __future__ import annotations

from mgrec_core.foundation.text import count
from mgrec_core.model.granularities.controls import items_permuted
from mgrec_core.model.granularities.histories import FromHistory
from mgrec_core.model.granularities.item_space import CollaborativeConfig, Fit
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Granularity

NAME = "collaborative"


def build(spaces: Spaces) -> Granularity | Absent:
    """Pool the vectors of the history's items in both spaces, weighted by strength.

    What was disliked says nothing here: the item space's relations are partial ones and often negative, so
    that a dislike of one item would be read as interest in its rivals.
    """
    data, space = spaces.data, spaces.item_space
    if space is None:
        return Absent(NAME, "no user has two items: nothing shows which items go together")
    blocks, said = [space.block], space.solver
    if spaces.factor_space is not None:
        blocks.append(spaces.factor_space)
        said += f", and {spaces.factor_space.dimensions} directions of taste"
    if space.fit != Fit():
        said += f"; chosen on held-out parts of histories: {space.fit}"
    read = FromHistory(power=spaces.sizes)
    return Granularity(
        name=NAME,
        kind="item",
        evidence_ids=data.items,
        evidence_labels=data.labels,
        weights=spaces.weighed(read),
        from_history=read,
        blocks=tuple(blocks),
        reason=f"which items go together in {count(len(data.users), 'history', 'histories')} ({said})",
        language=spaces.shared,
        language_name="language.items",
    )


SPEC = Spec(
    name=NAME,
    order=50,
    build=build,
    options=CollaborativeConfig,
    weight=1.0,
    weight_for_people=0.1,
    weight_for_ads=0.5,
    control=Control(sentence="item ids of the histories permuted", permute=items_permuted),
    label="Collaborative",
    colours=("#B87800", "#F0AE1A"),
    pattern="\\",
    symbol="diamond",
    held="learned from histories: {users}",
    not_held="nobody has had it, so histories say nothing of it",
    coverage=Coverage(
        counted="users with events; items of users who have two or more",
        items=("q_shared",),
        users="q_users WHERE n_items > 0",
        remedy="Import more than one item a user: a longer period, or weaker event types.",
        absent="medium",
    ),
)
