"""`behaviour`: the whole history, read through the language model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from mgrec_core.model.granularities.controls import texts_permuted
from mgrec_core.model.granularities.histories import FromHistory
from mgrec_core.model.granularities.learned_texts import BehaviourConfig
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Block, Granularity

NAME = "behaviour"
_READ = FromHistory(signed=True)


def build(spaces: Spaces) -> Granularity | Absent:
    """Pool the text vectors of all items of the history, weighted by strength, what is disliked against.

    They meet item vectors that are learned from histories with the text as prior
    (:mod:`~mgrec_core.model.granularities.learned_texts`), or with ``items: text`` the texts themselves.

    With ``encoding: sequence`` the evidence is the history as one text, a single piece.
    """
    data = spaces.data
    if spaces.language is None:
        return Absent(NAME, "no item has a title, description or attribute: add an items file with text")
    if data.strength.nnz == 0:
        return Absent(NAME, "there are no events: import interactions")
    if spaces.sequence_vectors is not None:
        return _sequence(spaces)
    config: BehaviourConfig = spaces.config.behaviour
    reason = "the text of every item in the history, weighted by what its events say"
    block = Block(spaces.language, spaces.language, 1.0, "language.items", "language.items")
    if config.items == "learned":
        block = replace(block, items=spaces.learned_texts, item_name="language.learned")
        reason += ", and what people with such a history choose"
    return Granularity(
        name=NAME,
        kind="item",
        evidence_ids=data.items,
        evidence_labels=data.labels,
        weights=spaces.weighed(_READ),
        from_history=_READ,
        blocks=(block,),
        reason=reason,
        language=spaces.language,
        language_name="language.items",
    )


def _sequence(spaces: Spaces) -> Granularity:
    """Evidence e is user e's own history text, so W is the identity on users with events."""
    assert spaces.sequence_vectors is not None and spaces.language is not None
    data = spaces.data
    vectors = spaces.whiten(spaces.sequence_vectors)
    active = np.flatnonzero(np.diff(data.strength.indptr) > 0)
    shape = (len(data.users), len(data.users))
    return Granularity(
        name=NAME,
        kind="history",
        evidence_ids=data.users,
        evidence_labels=["the newest items of the history, read as one text"] * len(data.users),
        weights=sparse.csr_array((np.ones(len(active)), (active, active)), shape=shape),
        blocks=(Block(vectors, spaces.language, 1.0, "language.sequences", "language.items"),),
        reason="the newest items of the history, read by the language model as one text",
        language=vectors,
        language_name="language.sequences",
    )


SPEC = Spec(
    name=NAME,
    order=10,
    build=build,
    options=BehaviourConfig,
    weight=0.1,
    weight_for_people=0.1,
    weight_for_ads=0.1,
    control=Control(sentence="texts shuffled between items", permute=texts_permuted),
    label="Behaviour",
    colours=("#00659E", "#3D93D6"),
    pattern="",
    symbol="circle",
    held="its text, and who chose it, is compared with the texts of what users have had",
    not_held="it has no text: nothing to compare",
    coverage=Coverage(
        counted="users with an item that has words; items with words",
        items=("q_text WHERE text IS NOT NULL",),
        remedy="Add an items file with titles, descriptions or attributes.",
        absent="medium",
    ),
)
