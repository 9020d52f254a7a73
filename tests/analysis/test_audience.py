"""Audiences: against the engine's own lists, for every user and fusion mode."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.analysis.audience import MOST, by_segment
from mgrec_core.analysis.cold_start import cold_start
from mgrec_core.analysis.item import audience_of, item_document, lists_of, segment_of
from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights


@pytest.mark.parametrize("fusion", ["score", "vector", "concat"])
def test_an_audience_is_who_has_the_item_in_the_engines_list(shop: Engine, fusion: str) -> None:
    weights = Weights({"recent": 0.4, "popularity": 0.9}, fusion=fusion)
    lists = lists_of(shop, weights, 5)
    ranked = {user: shop.rank(user, 5, weights) for user in shop.user_ids}
    item = max(range(len(shop.item_ids)), key=lambda i: lists.reach()[i])
    found = audience_of(shop, lists, shop.item_ids[item])
    expected = {
        user: (row.rank, max(row.contributions, key=lambda g: row.contributions[g]))
        for user, got in ranked.items()
        for row in got.items
        if row.item_id == found.item_id
    }
    rows = {r.user_id: (r.rank, r.granularity) for r in found.rows.itertuples()}
    assert rows == expected and len(rows) > 3
    assert found.more == 1 - 1 / (len(shop.item_ids) - 1) * ((lists.reach() == lists.reach()[item]).sum() - 1)
    assert sum(found.by_granularity().values()) == len(rows)
    assert not set(rows) & {
        shop.user_ids[u] for u in range(len(shop.user_ids)) if not shop.model.unseen(u)[item]
    }


def test_segments_share_the_audience_out(shop: Engine) -> None:
    lists = lists_of(shop, None, 10)
    item = shop.item_ids[int(lists.reach().argmax())]
    groups = segment_of(shop, lists, item, "activity")
    assert list(groups["group"]) == ["low", "middle", "high"]
    assert groups["users"].sum() == len(lists.users)
    assert groups["seeing"].sum() == len(audience_of(shop, lists, item).rows)
    with pytest.raises(InputError, match="unknown segment 'nothing'"):
        segment_of(shop, lists, item, "nothing")


def test_small_groups_are_suppressed_and_nothing_gives_them_away() -> None:
    labels = np.array(["a"] * 3 + ["b"] * 40 + ["c"] * 9 + [None], dtype=object)
    frame = by_segment(np.ones(53, dtype=bool), labels, ["a", "b", "c"]).set_index("group")
    assert frame["share"].isna().to_dict() == {"a": True, "b": False, "c": True}
    assert frame.loc["b"].to_dict() == {"users": 40, "seeing": 40, "share": 1.0}


def test_lists_too_long_to_keep(shop: Engine) -> None:
    with pytest.raises(InputError, match=f"1 to {MOST}"):
        lists_of(shop, None, MOST + 1)


def test_a_cold_item_is_told_where_nothing_can_bring_it_up(shop: Engine) -> None:
    warm = cold_start(shop.model, 0)
    assert warm.warmth == "warm" and all(r.held for r in warm.at)
    assert warm.n_users == int((shop.model.seen.indices == 0).sum())
    seen = sparse.lil_array(shop.model.seen)
    seen[:, 0] = 0
    cold = cold_start(dataclasses.replace(shop.model, seen=sparse.csr_array(seen)), 0)
    assert (cold.n_users, cold.part, cold.warmth) == (0, "new", "cold")
    assert cold.rank == cold.n_items
    assert {r.granularity: r.held for r in cold.at}["popularity"] is False


def test_a_granularity_without_words_of_its_own_is_told_too(shop: Engine) -> None:
    new = dataclasses.replace(next(iter(shop.model.granularities.values())), name="new")
    (told,) = cold_start(dataclasses.replace(shop.model, granularities={"new": new}), 0).at
    assert told.granularity == "new" and told.held and told.meaning == "it has a vector there"


def test_the_document_holds_it_all(shop: Engine) -> None:
    document = item_document(shop, shop.item_ids[2], None, 4)
    assert document["k"] == 4 and len(document["neighbours"]["fused"]) == 4
    assert document["audience"]["n_users"] == len(shop.user_ids)
    assert [g["group"] for g in document["audience"]["groups"]] == ["low", "middle", "high"]
    with pytest.raises(NotFoundError):
        item_document(shop, "nothing", None, 4)
