"""Comparisons: exact differences, what is shared, rank-biased overlap."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.analysis.comparison import Side, compare, most_alike
from mgrec_core.engine.engine import Engine
from mgrec_core.metrics.overlap import rbo

_LISTS = st.lists(st.integers(0, 12), max_size=12, unique=True)


def test_differences_of_contributions_sum_to_the_difference_of_scores(shop: Engine) -> None:
    weights = shop.resolve({"recent": 0.4})
    a, b = (Side(user, weights, user) for user in shop.user_ids[:2])
    found = compare(shop, a, b, 8)
    both = {i.item_id for i in (*found.first.items, *found.second.items)}
    assert {d.item_id for d in found.differences} == both
    for d in found.differences:
        assert sum(d.by.values()) == pytest.approx(d.score_a - d.score_b, abs=1e-9)
        for user, rank, score in ((a, d.rank_a, d.score_a), (b, d.rank_b, d.score_b)):
            why = shop.explain(user.user_id, d.item_id, weights)
            assert why.rank == rank and why.score == pytest.approx(score)
    assert sum(found.making().values()) == pytest.approx(1)
    assert sum(found.shares[0].values()) == pytest.approx(1)
    json.dumps(found.to_dict())
    assert len(found.to_frame()) == len(both)


def test_two_presets_of_one_user_differ_where_the_weights_do(shop: Engine) -> None:
    one, two = (shop.resolve({"social": s}) for s in (0.0, 1.0))
    user = shop.user_ids[0]
    found = compare(shop, Side(user, one, "without"), Side(user, two, "with"), 6)
    assert {g for d in found.differences for g, v in d.by.items() if abs(v) > 1e-12} == {"social"}
    assert len(found.common) == found.history[0] == found.history[1]
    same = compare(shop, Side(user, one, "a"), Side(user, one, "b"), 6)
    assert same.rbo == pytest.approx(1) and same.overlap == 1 and not sum(same.making().values())


def test_sides_swapped_differ_in_sign_alone(shop: Engine) -> None:
    weights = shop.resolve()
    a, b = (Side(user, weights, user) for user in shop.user_ids[3:5])
    there, back = compare(shop, a, b, 5), compare(shop, b, a, 5)
    assert {d.item_id: d.difference for d in there.differences} == pytest.approx(
        {d.item_id: -d.difference for d in back.differences}
    )
    assert there.rbo == pytest.approx(back.rbo) and set(there.shared) == set(back.shared)


def test_the_most_alike_user_has_the_largest_overlap_of_histories(shop: Engine) -> None:
    held = {u: set(shop.history(u)["item_id"]) for u in shop.user_ids}
    for user in shop.user_ids[:5]:
        alike = {v: len(held[user] & held[v]) / max(len(held[user] | held[v]), 1) for v in held if v != user}
        assert alike[most_alike(shop, user)] == max(alike.values())


@settings(deadline=None)
@given(_LISTS, _LISTS)
def test_rank_biased_overlap_is_a_symmetric_share(first: list[int], second: list[int]) -> None:
    value = rbo(first, second)
    assert -1e-12 <= value <= 1 + 1e-12
    assert value == pytest.approx(rbo(second, first))
    assert rbo(first, first) == pytest.approx(1)


def test_rank_biased_overlap_by_hand() -> None:
    """Lists ab and ba: agreement 0 at depth 1, 1 at depth 2: (1 − p)/p·(0 + p²) + p² = p."""
    assert rbo("ab", "ba", 0.9) == pytest.approx(0.9)
    assert rbo("ab", "ac", 0.5) == pytest.approx(0.5 / 0.5 * (0.5 + 0.5 * 0.25) + 0.5 * 0.25)
