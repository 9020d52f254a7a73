"""Themes of the façade, and explanations taken apart by them: exact to 1e-5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core import Engine
from mgrec_core.engine.attribution import EVERYBODY
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from tests.engine.test_engine import FUSION, SLOW, WEIGHTS


@given(st.integers(0, 299), st.integers(0, 499), WEIGHTS, FUSION)
@SLOW
def test_themes_and_baseline_sum_to_the_contribution(
    shop: Engine, user: int, item: int, weights: dict[str, float], fusion: str
) -> None:
    why = shop.explain(shop.user_ids[user], shop.item_ids[item], Weights(weights, fusion=fusion))
    assert sum(why.contributions.values()) == pytest.approx(why.score, abs=1e-5)
    for g, contribution in why.contributions.items():
        themes, held = why.themes[g], why.evidence[g]
        assert sum(t.value for t in themes) + why.baseline[g] == pytest.approx(contribution, abs=1e-5)
        assert [abs(t.value) for t in themes] == sorted((abs(t.value) for t in themes), reverse=True)
        for theme in themes:
            own = [e.value for e in held if e.theme == theme.name]
            assert len(own) == theme.n_evidence and sum(own) == pytest.approx(theme.value, abs=1e-9)
        shares = [e.cumulative for e in held]
        assert shares == sorted(shares) and (not held or shares[-1] == pytest.approx(1.0))  # type: ignore[type-var]


def test_documents_name_the_theme_of_each_piece(shop: Engine) -> None:
    user = shop.user_ids[0]
    item = shop.rank(user, 1).items[0].item_id
    document = shop.explain(user, item).to_dict()
    names = {g: {t.name for t in themes} for g, themes in shop.themes(user).granularities.items()}
    for g, held in document["evidence"].items():
        assert all(e["theme"] in names.get(g, {EVERYBODY}) for e in held)
    assert document["themes"]["popularity"][0]["name"] == EVERYBODY


def test_result_objects(shop: Engine) -> None:
    user = shop.user_ids[3]
    found = shop.themes(user, top=2)
    frame = found.to_frame()
    assert list(frame["granularity"].unique()) == [g for g in shop.present if g != "popularity"]
    assert frame.groupby("granularity")["share"].sum().round(6).eq(1.0).all()
    assert found.to_dict()["granularities"].keys() == found.granularities.keys()
    assert all(len(t.items) <= 2 for themes in found.granularities.values() for t in themes)
    assert (
        shop.themes(user, granularity="recent").granularities["recent"][0].name
        == frame[frame["granularity"] == "recent"]["theme"].iloc[0]
    )


def test_refusals(shop: Engine) -> None:
    user = shop.user_ids[3]
    with pytest.raises(NotFoundError):
        shop.themes("nobody")
    with pytest.raises(NotFoundError, match="unknown granularity"):
        shop.themes(user, granularity="taste")
    with pytest.raises(InputError, match="prior"):
        shop.themes(user, granularity="popularity")
    with pytest.raises(InputError, match="at least 1"):
        shop.themes(user, top=0)


@given(st.integers(0, 299), st.integers(0, 9), WEIGHTS, FUSION)
@SLOW
def test_a_seen_item_is_no_evidence_of_itself(
    shop: Engine, user: int, nth: int, weights: dict[str, float], fusion: str
) -> None:
    user_id = shop.user_ids[user]
    history = shop.history(user_id)["item_id"]
    item = history.iloc[nth % len(history)]
    why = shop.explain(user_id, item, Weights(weights, fusion=fusion))
    assert why.seen and why.rank is None and "as if it were not in the history" in why.note
    assert why.rank_if_unseen is not None and f"number {why.rank_if_unseen:,}." in why.note
    assert sum(why.contributions.values()) == pytest.approx(why.score, abs=1e-5)
    for g, contribution in why.contributions.items():
        held = why.evidence[g]
        assert sum(e.value for e in held) + why.baseline[g] == pytest.approx(contribution, abs=1e-5)
        assert sum(t.value for t in why.themes[g]) + why.baseline[g] == pytest.approx(contribution, abs=1e-5)
        assert not any(e.kind == "item" and e.id == item for e in held)
        for piece in held:
            assert item not in {way.id for way in piece.through}
    document = why.to_dict()
    assert document["rank_if_unseen"] == why.rank_if_unseen and document["note"] == why.note


def test_ways_of_a_seen_item_leave_it_out(shop: Engine) -> None:
    user = shop.user_ids[0]
    item = shop.history(user)["item_id"].iloc[0]
    why = shop.explain(user, item, ways=True)
    for g in ("attribute", "knowledge"):
        for piece in why.evidence[g][:20]:
            assert piece.through and item not in {way.id for way in piece.through}
            assert sum(way.value for way in piece.through) == pytest.approx(piece.value, abs=1e-9)
