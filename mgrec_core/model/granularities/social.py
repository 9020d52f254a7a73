"""`social`: what a user's friends have in their histories."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.foundation.text import count
from mgrec_core.model.granularities.controls import rewire_both_ways
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Block, Granularity, Vectors, normalise_rows

NAME = "social"


def build(spaces: Spaces) -> Granularity | Absent:
    """Sum the friends' histories, weighted by tie strength; every friend's history has unit length."""
    data = spaces.data
    if data.friends.nnz == 0:
        return Absent(NAME, "there are no friendships: add a social file (user_id, friend_id)")
    histories = normalise_rows(data.strength.astype(np.float32))
    if sparse.csr_array(data.friends @ data.strength).nnz == 0:
        return Absent(NAME, "no friend has events: check that friend ids match user ids of the events")
    tastes: Vectors | None = None
    if spaces.shared is not None:
        tastes = normalise_rows(np.asarray(histories @ spaces.shared, dtype=np.float32))
    return Granularity(
        name=NAME,
        kind="friend",
        evidence_ids=data.users,
        evidence_labels=data.users,
        weights=data.friends,
        blocks=(
            Block(
                histories,
                sparse.eye_array(len(data.items), format="csr", dtype=np.float32),
                1.0,
                "social.histories",
                "identity",
            ),
        ),
        reason=f"{count(data.friends.nnz // 2, 'friendship')} and the friends' histories",
        language=tastes,
        language_name="social.tastes",
    )


def _rewired(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    return spaces.with_data(friends=rewire_both_ways(spaces.data.friends, rng))


SPEC = Spec(
    name=NAME,
    order=60,
    build=build,
    weight=0.3,
    weight_for_people=0.75,
    weight_for_ads=0.1,
    control=Control(sentence="friendships rewired, degrees kept", permute=_rewired),
    label="Social",
    colours=("#A83E00", "#EE7A2A"),
    pattern="-",
    symbol="cross",
    held="reached over friends who had it",
    not_held="no friend of anybody has had it",
    coverage=Coverage(
        counted="users with a friend who has events; items in the histories of friends",
        items=("q_pairs SEMI JOIN v_social AS f ON f.friend_id = q_pairs.user_id",),
        users="v_social SEMI JOIN q_pairs AS p ON p.user_id = v_social.friend_id",
        remedy="Add a social file (user_id, friend_id[, weight]); its ids must be those of the events.",
        absent="note",
    ),
)
