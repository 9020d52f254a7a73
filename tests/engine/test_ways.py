"""Evidence traced back to items: exact parts, and the relations that the graph has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core import Engine
from mgrec_core.engine.relations import between
from mgrec_core.foundation.results import Weights
from tests.engine.test_engine import FUSION, SLOW


@given(st.integers(0, 299), st.integers(0, 499), FUSION)
@SLOW
def test_ways_sum_to_the_evidence(shop: Engine, user: int, item: int, fusion: str) -> None:
    user_id, item_id = shop.user_ids[user], shop.item_ids[item]
    why = shop.explain(user_id, item_id, Weights(fusion=fusion), ways=True)
    history = set(shop.history(user_id)["item_id"])
    for g in ("attribute", "knowledge", "social"):
        for piece in why.evidence[g][:20]:
            assert piece.through, (g, piece)
            assert sum(way.value for way in piece.through) == pytest.approx(piece.value, abs=1e-9)
            own = {way.id for way in piece.through if way.id}
            theirs = set(shop.history(piece.id)["item_id"]) if g == "social" else history
            assert own <= theirs
    assert not any(e.through for g in ("behaviour", "recent", "popularity") for e in why.evidence[g])


def test_every_way_of_the_graph_has_a_relation(shop: Engine) -> None:
    user = shop.user_ids[0]
    for ranked in shop.rank(user, 3).items:
        why = shop.explain(user, ranked.item_id, ways=True)
        for piece in why.evidence["knowledge"][:20]:
            assert piece.joins, piece
            assert all(way.relations for way in piece.through if way.id), piece


def test_what_is_not_asked_for_is_not_told(shop: Engine) -> None:
    user = shop.user_ids[0]
    item = shop.rank(user, 1).items[0].item_id
    plain = shop.explain(user, item).to_dict()
    assert not any("through" in e or "joins" in e for held in plain["evidence"].values() for e in held)
    asked = shop.explain(user, item, ways=True).to_dict()
    first = asked["evidence"]["attribute"][0]["through"][0]
    assert set(first) == {"id", "label", "value", "relations"}
    assert asked["contributions"] == plain["contributions"] and asked["themes"] == plain["themes"]
    bare = shop.explain(user, item, themes=False)
    assert not bare.themes and bare.contributions == plain["contributions"]
    assert not any(e.theme for held in bare.evidence.values() for e in held)


def test_direct_relations_come_before_those_over_another_node() -> None:
    edges = {"a": {"x": ["by", "by", "of"], "b": ["near"]}, "b": {"x": ["at"]}}
    assert between(edges, "a", "x", {}) == ("by", "of")
    assert between(edges, "b", "y", {}) == ()
