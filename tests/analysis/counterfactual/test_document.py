"""The whole answer: its keys, its words, items to have next."""

from __future__ import annotations

import json

import pytest

from mgrec_core.analysis.counterfactual import counterfactual
from mgrec_core.analysis.counterfactual.events import Events
from mgrec_core.analysis.counterfactual.next_items import next_items
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError, NotFoundError

KEYS = {
    "user_id", "item_id", "k", "rank_before", "remove", "rank_after", "verified", "minimal", "weights",
}  # fmt: skip


def test_the_keys_that_programs_read(shop: Engine) -> None:
    user = shop.user_ids[1]
    for row in shop.rank(user, 9).items[::2]:
        found = counterfactual(shop, user, row.item_id, k=5)
        document = found.to_dict()
        json.dumps(document, allow_nan=False)
        assert set(document) >= KEYS
        assert document["rank_before"] == row.rank and found.leaves == (row.rank <= 5)
        assert document["verified"] == found.found == (document["rank_after"] is not None)
        if found.found:
            assert (document["rank_after"] > 5) == found.leaves
            assert all(set(piece) == {"kind", "id", "label"} for piece in document["remove"])
            after = {m["item_id"]: m["after"] for m in document["moves"]}
            assert after.get(row.item_id, found.rank_after) == found.rank_after
        if document["weights"] is not None:
            assert all(set(change) == {"from", "to"} for change in document["weights"].values())


def test_the_words_say_what_was_found(shop: Engine) -> None:
    user = shop.user_ids[1]
    first = shop.rank(user, 1).items[0]
    found = counterfactual(shop, user, first.item_id, k=5)
    said = " ".join(found.sentences)
    assert first.title in said and "place 1 " in said
    if found.found:
        assert all(piece.label in said for piece in found.remove[:5]) and f"place {found.rank_after}" in said
        assert ("no smaller set does it" in said) == found.minimal
    else:
        assert "No set of items of the history was found" in said


def test_items_to_have_next_bring_it_in(shop: Engine) -> None:
    found = 0
    for user in shop.user_ids[:4]:
        situation = Situation.of(shop, user)
        events = Events(situation)
        item = situation.candidate(shop.rank(user, 12).items[-1].item_id)
        for one in next_items(events, item, 5):
            found += 1
            assert 1 <= len(one.pieces) <= 2 and 1 <= one.rank <= 5
            ids = [piece.id for piece in one.pieces]
            assert not set(ids) & set(shop.history(user)["item_id"]) and shop.item_ids[item] not in ids
    assert found


def test_what_cannot_be_asked(shop: Engine) -> None:
    user = shop.user_ids[0]
    seen = shop.history(user)["item_id"].iloc[0]
    item = shop.rank(user, 1).items[0].item_id
    with pytest.raises(InputError, match="has had item"):
        counterfactual(shop, user, seen)
    with pytest.raises(NotFoundError, match="unknown item"):
        counterfactual(shop, user, "nothing")
    with pytest.raises(InputError, match="k is 0"):
        counterfactual(shop, user, item, k=0)
