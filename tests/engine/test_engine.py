"""The façade on a real workspace: sums, orders, ids, and errors that say what to do."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mgrec_core import Engine
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.granularities import GRANULARITIES
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.worlds import ODD_IDS

WEIGHTS = st.dictionaries(st.sampled_from(GRANULARITIES), st.floats(0, 1))
FUSION = st.sampled_from(("score", "vector", "concat"))
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def small(built_world: Workspace) -> Engine:
    return Engine.open(built_world.path)


# Sums and orders


@given(st.integers(0, 299), WEIGHTS, FUSION, st.sampled_from((None, "recent", "popularity")))
@SLOW
def test_contributions_sum_to_the_score(
    shop: Engine, user: int, weights: dict[str, float], fusion: str, base: str | None
) -> None:
    user_id, asked = shop.user_ids[user], Weights(weights, base or "", fusion=fusion)
    ranked = shop.rank(user_id, 15, asked)
    assert ranked.weights[ranked.base] == 1 and ranked.base == (base or "collaborative")
    assert list(ranked.weights) == list(GRANULARITIES)
    seen = set(shop.history(user_id)["item_id"])
    scores = [item.score for item in ranked.items]
    assert scores == sorted(scores, reverse=True) and len(ranked.items) == 15
    for n, item in enumerate(ranked.items, start=1):
        assert item.rank == n and item.item_id not in seen
        assert abs(sum(item.contributions.values()) - item.score) <= 1e-5
    items, names, array = shop.contributions(user_id, asked)
    totals = dict(zip(items, array.sum(axis=1), strict=True))
    assert names == shop.present
    assert all(abs(totals[i.item_id] - i.score) <= 1e-9 for i in ranked.items)


@given(st.integers(0, 299), st.integers(0, 499), WEIGHTS, FUSION)
@SLOW
def test_explanations_are_what_the_model_computed(
    shop: Engine, user: int, item: int, weights: dict[str, float], fusion: str
) -> None:
    user_id, item_id = shop.user_ids[user], shop.item_ids[item]
    asked = Weights(weights, fusion=fusion)
    why = shop.explain(user_id, item_id, asked)
    assert abs(sum(why.contributions.values()) - why.score) <= 1e-5
    for g, total in why.contributions.items():
        assert abs(sum(e.value for e in why.evidence[g]) + why.baseline[g] - total) <= 1e-5
    ranked = shop.rank(user_id, len(shop.item_ids), asked)
    places = {i.item_id: i.rank for i in ranked.items}
    assert why.rank == places.get(item_id) and why.seen == (item_id not in places)
    if not why.seen:
        assert why.score == pytest.approx(ranked.items[places[item_id] - 1].score)


def test_k_above_the_catalogue_gives_every_unseen_item_once(shop: Engine) -> None:
    ranked = shop.rank("U001", 10**6)
    seen = set(shop.history("U001")["item_id"])
    assert {i.item_id for i in ranked.items} == set(shop.item_ids) - seen
    assert ranked.n_candidates == len(ranked.items) == len({i.item_id for i in ranked.items})
    assert shop.rank("U001", 5).items == ranked.items[:5]


def test_ties_are_broken_by_item_id(small: Engine) -> None:
    only_friends = Weights(dict.fromkeys(GRANULARITIES, 0.0), "social")
    for user in small.user_ids:
        ranked = small.rank(user, 1000, only_friends)
        pairs = [(-i.score, i.item_id) for i in ranked.items]
        assert pairs == sorted(pairs)
        assert any(a[0] == b[0] for a, b in pairwise(pairs))


def test_a_weight_of_zero_is_the_granularity_switched_off(shop: Engine) -> None:
    items = shop.rank("U010", 20, {"social": 0, "recent": 0}).items
    assert len(items) == 20
    for item in items:
        assert item.contributions["social"] == 0 == item.contributions["recent"]


def test_the_base_has_weight_one_whatever_was_asked(shop: Engine) -> None:
    assert shop.resolve({"collaborative": 0.2}).values["collaborative"] == 1
    moved = shop.resolve(Weights({"recent": 0.2}, "recent"))
    assert moved.values["recent"] == 1 and moved.values["collaborative"] == 1


def test_the_same_question_gets_the_same_answer(shop: Engine, marketplace: Workspace) -> None:
    again = Engine.open(marketplace.path)
    for user in ("U001", "U150", "U300"):
        assert shop.rank(user, 20) == again.rank(user, 20) == shop.rank(user, 20)


def test_threads_share_an_engine(marketplace: Workspace) -> None:
    engine = Engine.open(marketplace.path)
    users = engine.user_ids[:24]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda u: (engine.rank(u, 5), len(engine.history(u))), users))
    assert at_once == [(engine.rank(u, 5), len(engine.history(u))) for u in users]


def test_alpha_apart_from_lambda(shop: Engine) -> None:
    ranked = shop.rank("U001", 5, Weights(fusion="concat", alpha={"behaviour": 3, "social": 1}))
    assert ranked.alpha["behaviour"] == 0.75 and ranked.alpha["recent"] == 0
    assert all(i.contributions["recent"] == 0 for i in ranked.items)
    same = shop.rank("U001", 5, Weights(fusion="concat", alpha={"behaviour": 0.3, "social": 0.1}))
    assert [i.item_id for i in same.items] == [i.item_id for i in ranked.items]


# Ids


@pytest.mark.parametrize("odd", ODD_IDS)
def test_odd_ids_stay_apart(small: Engine, odd: str) -> None:
    assert small.user_ids.count(odd) == 1 and small.item_ids.count(odd) == 1
    assert small.rank(odd, 3).user_id == odd
    assert small.explain("u00", odd).item_id == odd
    assert small.profile(odd).user_id == odd and small.profile(odd).n_items == len(small.history(odd))
    json.dumps(small.explain(odd, odd).to_dict(), allow_nan=False)


def test_ids_are_sorted(small: Engine) -> None:
    assert small.user_ids == sorted(small.user_ids) and small.item_ids == sorted(small.item_ids)


@pytest.mark.parametrize("user", ["nobody", "", "u1", "U001 ", None, 1, ["u00"]])
def test_unknown_users_and_items(small: Engine, user: object) -> None:
    calls = (
        lambda: small.rank(user),  # type: ignore[arg-type]
        lambda: small.explain(user, "i00"),  # type: ignore[arg-type]
        lambda: small.explain("u00", user),  # type: ignore[arg-type]
        lambda: small.history(user),  # type: ignore[arg-type]
        lambda: small.profile(user),  # type: ignore[arg-type]
        lambda: small.interests(user),  # type: ignore[arg-type]
        lambda: small.contributions(user),  # type: ignore[arg-type]
        lambda: small.item_label(user),  # type: ignore[arg-type]
    )
    for call in calls:
        with pytest.raises(NotFoundError, match="unknown"):
            call()


@pytest.mark.parametrize("k", [0, -1, 1.5, "10", None])
def test_lengths_that_are_none(small: Engine, k: object) -> None:
    with pytest.raises(InputError, match="at least 1"):
        small.rank("u00", k)  # type: ignore[arg-type]


def test_names_that_are_unknown(small: Engine) -> None:
    for call in (
        lambda: small.rank("u00", weights=Weights(preset="mine")),
        lambda: small.rank("u00", weights=Weights(base="mine")),
        lambda: small.rank("u00", weights={"mine": 1}),
        lambda: small.granularity_vectors("mine"),
    ):
        with pytest.raises(NotFoundError, match="mine"):
            call()
    for call in (
        lambda: small.rank("u00", weights=Weights(fusion="mine")),
        lambda: small.fused_vectors(of="mine"),
        lambda: small.granularity_vectors("recent", of="mine"),
    ):
        with pytest.raises(InputError, match="mine"):
            call()


# Tables


def test_history_is_what_was_imported(small: Engine) -> None:
    history = small.history("u00")
    assert list(history) == ["item_id", "title", "n_events", "signal", "rating", "last_time"]
    assert history["last_time"].is_monotonic_decreasing
    assert history["signal"].between(-1, 1).all() and history["signal"].abs().max() == 1
    profile = small.profile("u00")
    assert profile.n_items == len(history) and profile.n_events == history["n_events"].sum()
    assert profile.last_time == history["last_time"].max() and profile.n_friends == 2


def test_users_without_history_are_users(small: Engine) -> None:
    silent = [u for u in small.user_ids if small.profile(u).n_events == 0]
    assert len(silent) == 2
    for user in silent:
        assert len(small.history(user)) == 0 and small.profile(user).first_time is None
        ranked = small.rank(user, 1000)
        assert len(ranked.items) == len(small.item_ids)  # nothing seen
        assert all(not held for g, held in small.interests(user).items() if g != "social")
        assert small.interests(user)["social"]


def test_frames(small: Engine, shop: Engine) -> None:
    users, items = shop.users_frame(), shop.items_frame()
    assert users["user_id"].tolist() == shop.user_ids and items["item_id"].tolist() == shop.item_ids
    assert {"n_items", "n_events", "last_time", "age_band", "region"} <= set(users)
    assert {"title", "n_users", "category", "brand", "price"} <= set(items)
    assert items["n_users"].sum() == users["n_items"].sum() == shop.manifest.counts["pairs"]
    assert small.items_frame()["item_id"].tolist() == small.item_ids


def test_frames_of_results(shop: Engine) -> None:
    ranked = shop.rank("U001", 7)
    frame = ranked.to_frame()
    assert list(frame)[:4] == ["rank", "item_id", "title", "score"]
    assert frame[[c for c in frame if c.startswith("contribution_")]].sum(axis=1).to_numpy() == pytest.approx(
        frame["score"].to_numpy()
    )
    why = shop.explain("U001", ranked.items[0].item_id).to_frame()
    assert why["value"].sum() == pytest.approx(ranked.items[0].score, abs=1e-5)
    assert isinstance(why, pd.DataFrame) and (why["kind"] == "baseline").sum() == len(shop.present)


# Vectors


@pytest.mark.parametrize("of", ["users", "items"])
def test_vectors_for_maps(shop: Engine, of: str) -> None:
    ids = shop.user_ids if of == "users" else shop.item_ids
    for name in shop.present:
        found, vectors = shop.granularity_vectors(name, of=of)
        assert found == ids and vectors.shape[0] == len(ids) and 1 <= vectors.shape[1] <= 384
        assert vectors.dtype == np.float32 and np.isfinite(vectors).all()
    found, fused = shop.fused_vectors({"social": 0.5}, of=of)
    assert found == ids and fused.shape[0] == len(ids) and np.isfinite(fused).all()
    other = shop.fused_vectors({"social": 0.1}, of=of)[1]
    assert not np.allclose(fused, other)


def test_absent_granularities_say_why(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    source = tmp_path / "source"
    source.mkdir()
    (source / "interactions.csv").write_text("user_id,item_id\na,x\na,y\nb,x\nb,z\n", encoding="utf-8")
    import_data(workspace, source)
    build(workspace, with_map=False)
    engine = Engine.open(workspace.path)
    assert engine.present == ("collaborative", "popularity") and list(engine.statuses) == list(GRANULARITIES)
    with pytest.raises(InputError, match="recent is absent: events have no timestamps"):
        engine.granularity_vectors("recent")
    with pytest.raises(InputError, match="base recent is absent"):
        engine.rank("a", weights=Weights(base="recent"))
    assert [i.item_id for i in engine.rank("a").items] == ["z"]
    assert engine.rank("a", weights={"recent": 0.5}).weights == engine.rank("a").weights
    assert engine.profile("a").first_time is None and engine.history("a")["rating"].isna().all()
    assert engine.item_label("z") == "z"
    fused = engine.fused_vectors()[1]
    assert len(fused) == 2 and np.isfinite(fused).all()


def test_what_stands_out(small: Engine) -> None:
    frame = small.dominant_granularity()
    assert list(frame) == ["user_id", "granularity", "share"] and len(frame) == len(small.user_ids)
    assert frame["share"].between(0, 1).all()
    assert set(frame["granularity"].dropna()) <= set(small.present)


# What was planted is found


@pytest.fixture(scope="session")
def planted(sample_data: Path) -> pd.DataFrame:
    """The interest that drives most choices of each customer of the shop."""
    frame = pd.read_csv(sample_data / "marketplace" / "planted.csv")
    return frame[frame["group"] == frame["granularity"]]


@pytest.fixture(scope="session")
def products(sample_data: Path) -> pd.DataFrame:
    folder = sample_data / "marketplace"
    items = pd.read_csv(folder / "items.csv").merge(pd.read_csv(folder / "planted_items.csv"), on="item_id")
    return items.set_index("item_id")


def share_in_top(engine: Engine, users: pd.DataFrame, alone: str, matches: pd.Series) -> float:
    """Mean share of a user's top ten, by one granularity alone, whose value is the planted one."""
    only = Weights(dict.fromkeys(engine.present, 0.0), alone)
    shares = [
        np.mean([matches[i.item_id] in (row.id, row.label) for i in engine.rank(row.user_id, 10, only).items])
        for row in users.itertuples()
    ]
    return float(np.mean(shares))


@pytest.mark.parametrize(
    ("group", "kind", "column", "chance"),
    [
        ("behaviour", "topic", "topic", "popularity"),
        ("knowledge", "entity", "theme", "popularity"),
        ("attribute", "category", "category", "popularity"),
        ("recent", "category", "category", "popularity"),
    ],
)
def test_a_planted_interest_is_ranked_up_by_its_own_granularity(
    shop: Engine,
    planted: pd.DataFrame,
    products: pd.DataFrame,
    group: str,
    kind: str,
    column: str,
    chance: str,
) -> None:
    users = planted[(planted["group"] == group) & (planted["kind"] == kind)][:24]
    own = share_in_top(shop, users, group, products[column])
    assert own > 0.35
    assert own > 4 * share_in_top(shop, users, chance, products[column])


def test_recent_sees_the_shift_better_than_the_whole_history(
    shop: Engine, planted: pd.DataFrame, products: pd.DataFrame
) -> None:
    users = planted[(planted["group"] == "recent") & (planted["kind"] == "category")]
    recent = share_in_top(shop, users, "recent", products["category"])
    assert recent > share_in_top(shop, users, "behaviour", products["category"]) + 0.06
    assert recent > share_in_top(shop, users, "collaborative", products["category"]) + 0.15


@pytest.mark.parametrize(
    ("group", "kind", "top", "floor"),
    [
        ("attribute", "category", 3, 0.95),
        ("attribute", "brand", 3, 0.85),
        ("knowledge", "entity", 8, 0.85),
        ("social", "friend", 6, 0.95),
    ],
)
def test_planted_evidence_is_among_the_top_interests(
    shop: Engine, planted: pd.DataFrame, group: str, kind: str, top: int, floor: float
) -> None:
    users = planted[(planted["group"] == group) & (planted["kind"] == kind)]
    found = []
    for row in users.itertuples():
        ids = [i.id for i in shop.interests(row.user_id, top=top)[group]]
        found.append(row.id in ids or f"{kind}: {row.id}" in ids)
    assert np.mean(found) >= floor


def test_friends_explain_what_their_circle_likes(shop: Engine, planted: pd.DataFrame) -> None:
    circles = planted[(planted["group"] == "social")].groupby("user_id")["id"].agg(set)
    only = Weights(dict.fromkeys(shop.present, 0.0), "social")
    hits = []
    for user in circles.index[:12]:
        top = shop.rank(user, 3, only).items
        for item in top:
            evidence = shop.explain(user, item.item_id, only).evidence["social"]
            hits.append(evidence[0].id in circles[user])
    assert np.mean(hits) > 0.9


def test_item_attributes_hold_every_value(shop: Engine) -> None:
    frame = shop.items_frame()
    item = frame["item_id"].iloc[0]
    found = shop.item_attributes(item)
    assert {"category", "brand", "price"} <= set(found)
    assert found["brand"] == frame["brand"].iloc[0]
    with pytest.raises(NotFoundError, match="nothing"):
        shop.item_attributes("nothing")


def test_ids_and_weights_of_another_type_are_told(shop: Engine) -> None:
    with pytest.raises(NotFoundError, match="ids are text, ask for '42'"):
        shop.rank(42)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a mapping"):
        shop.rank("U001", weights="recent=0.3")  # type: ignore[arg-type]
