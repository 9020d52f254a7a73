"""`popularity`: a prior, not an interest; the same for every user."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.model.granularities.controls import items_permuted
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Block, Granularity

NAME = "popularity"


def build(spaces: Spaces) -> Granularity | Absent:
    """Score log(1 + users of the item), with everyone as the single piece of evidence."""
    data = spaces.data
    if data.strength.nnz == 0:
        return Absent(NAME, "there are no events: import interactions")
    one = np.ones((1, 1), dtype=np.float32)
    log_users = np.log1p(data.popularity).astype(np.float32)[:, None]
    return Granularity(
        name=NAME,
        kind="everyone",
        evidence_ids=["everyone"],
        evidence_labels=[f"all {int((np.diff(data.strength.indptr) > 0).sum()):,} users with events"],
        weights=sparse.csr_array(np.ones((len(data.users), 1))),
        blocks=(Block(one, log_users, 1.0, "popularity.everyone", "popularity.items"),),
        reason="how many users have each item (a prior, not an interest)",
    )


SPEC = Spec(
    name=NAME,
    order=70,
    build=build,
    weight=0.1,
    control=Control(sentence="popularity shuffled between items", permute=items_permuted),
    label="Popularity",
    colours=("#5C5F66", "#8F949E"),
    pattern="+",
    symbol="star",
    held="a prior: {users}",
    not_held="nobody has had it",
    coverage=Coverage(
        counted="all users; items with a user",
        items=("q_items WHERE n_users > 0",),
        users="q_users",
        remedy="Import interactions.",
    ),
    prior=True,
)
