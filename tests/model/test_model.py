"""Scores and their parts: exact sums, whatever the weights, the data and the fusion mode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mgrec_core.engine.subject import Items
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.granularities.structure import Block, Granularity, Matrix, concatenate, dense
from mgrec_core.model.interests import interests_of, vector_shares
from mgrec_core.model.model import Model
from mgrec_core.model.scale import scale_and_median
from tests.worlds import WORLDS, model

FUSIONS = ("score", "concat", "vector")


def weights_of(found: Model, seed: int) -> list[float]:
    return np.random.default_rng(seed).random(len(found.present)).tolist()


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("name", WORLDS)
def test_evidence_and_baseline_sum_to_the_contribution(name: str, fusion: str) -> None:
    found = model(name)
    if fusion == "vector" and found.shared is None:
        return
    users, ids = ([f"{n:03}" for n in range(size)] for size in (found.n_users, found.n_items))
    items = Items(found, users, ids, ids, fusion)
    for user in range(0, found.n_users, 3):
        weights = weights_of(found, user)
        split = found.split(user, weights, fusion)
        assert np.isfinite(split.contributions).all()
        scores = split.contributions.sum(axis=1)
        lam = Weights(dict(zip(found.present, weights, strict=True)), "none", fusion=fusion)
        for item in range(0, found.n_items, 7):
            why = items.explained(user, item, lam, split, found.unseen(user))
            contributions, baseline, evidence = why.contributions, why.baseline, why.evidence
            assert list(contributions) == list(baseline) == list(evidence) == list(found.present)
            assert abs(sum(contributions.values()) - scores[item]) <= 1e-5
            for g, total in contributions.items():
                assert abs(sum(e.value for e in evidence[g]) + baseline[g] - total) <= 1e-5
                assert len({e.id for e in evidence[g]}) == len(evidence[g])
                sizes = [abs(e.value) for e in evidence[g]]
                assert sizes == sorted(sizes, reverse=True)


@given(st.integers(0, 23), st.lists(st.floats(0, 1), min_size=7, max_size=7), st.sampled_from(FUSIONS))
@settings(max_examples=60, deadline=None)
def test_additivity_for_any_weights(user: int, weights: list[float], fusion: str) -> None:
    found = model("full")
    split = found.split(user, weights, fusion)
    by_hand = sum(
        f * (split.raw[:, k].astype(float) - m)
        for k, (f, m) in enumerate(zip(split.factor, split.median, strict=True))
    )
    np.testing.assert_allclose(split.contributions.sum(axis=1), by_hand, atol=1e-9)


def test_the_score_is_the_documented_sum() -> None:
    found = model("full")
    weights = weights_of(found, 4)
    expected = np.zeros(found.n_items)
    for weight, g in zip(weights, found.granularities.values(), strict=True):
        raw = g.scores(np.array([5]))[0].astype(float)
        best = np.sort(raw[found.unseen(5)])
        if best[-10:].mean() > np.median(best):
            expected += weight * (raw - np.median(best)) / (best[-10:].mean() - np.median(best))
    np.testing.assert_allclose(found.split(5, weights).contributions.sum(axis=1), expected, atol=1e-5)


@pytest.mark.parametrize("fusion", ["score", "concat"])
def test_the_classical_form_differs_by_a_constant_a_user(fusion: str) -> None:
    """r = z_u1·a_i + Σ λ_k z_uk·a_i, with the scale folded into z_uk and spaces side by side."""
    found = model("full")
    for user in (0, 7, 23):
        weights = weights_of(found, user)
        split = found.split(user, weights, fusion)
        rows = np.array([user])
        parts = [g.user_vectors(rows) for g in found.granularities.values()]
        z = np.hstack([dense(p) * np.float32(f) for p, f in zip(parts, split.factor, strict=True)])
        a = np.hstack([dense(g.item_vectors()) for g in found.granularities.values()])
        gap = split.contributions.sum(axis=1) - (z.astype(float) @ a.T.astype(float))[0]
        assert np.ptp(gap) <= 1e-4
        np.testing.assert_allclose(gap.mean(), -(split.factor * split.median).sum(), atol=1e-4)


def test_the_median_changes_no_ranking() -> None:
    found = model("full")
    split = found.split(3, weights_of(found, 1))
    without = replace(split, median=np.zeros_like(split.median))
    scores, plain = split.contributions.sum(axis=1), without.contributions.sum(axis=1)
    np.testing.assert_allclose(scores - plain, (scores - plain)[0], atol=1e-9)


def scaled_by(g: Granularity, factor: float) -> Granularity:
    return replace(g, blocks=tuple(replace(b, scale=b.scale * factor) for b in g.blocks))


@given(
    st.sampled_from(("behaviour", "recent", "attribute", "knowledge", "collaborative", "social")),
    st.floats(0.01, 100),
)
@settings(max_examples=25, deadline=None)
def test_a_granularitys_own_unit_changes_nothing(name: str, factor: float) -> None:
    found = model("full")
    changed = replace(
        found, granularities={**found.granularities, name: scaled_by(found.granularities[name], factor)}
    )
    weights = weights_of(found, 2)
    for fusion in FUSIONS:
        if fusion == "concat":
            assert (changed.global_scale > 0).all()
        np.testing.assert_allclose(
            changed.split(4, weights, fusion).contributions,
            found.split(4, weights, fusion).contributions,
            atol=1e-4,
        )


@pytest.mark.parametrize("fusion", FUSIONS)
def test_weight_zero_is_the_granularity_left_out(fusion: str) -> None:
    found = model("full")
    for dropped in found.present:
        rest = replace(found, granularities={n: g for n, g in found.granularities.items() if n != dropped})
        weights = dict(zip(found.present, weights_of(found, 9), strict=True))
        with_zero = found.split(2, list({**weights, dropped: 0.0}.values()), fusion)
        without = rest.split(2, [w for n, w in weights.items() if n != dropped], fusion)
        np.testing.assert_allclose(
            with_zero.contributions.sum(axis=1), without.contributions.sum(axis=1), atol=1e-9
        )
        assert not with_zero.contributions[:, found.present.index(dropped)].any()


def test_seen_items_do_not_touch_the_scale() -> None:
    found = model("full")
    raw, unseen = found.raw(0).copy(), found.unseen(0)
    before = scale_and_median(raw, unseen)
    raw[~unseen] = 1e6
    after = scale_and_median(raw, unseen)
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("fusion", ["", "Score", "late"])
def test_unknown_fusion_modes(fusion: str) -> None:
    with pytest.raises(InputError, match="fusion mode"):
        model("full").view(fusion)


def test_fusion_of_vectors_without_a_shared_space_says_what_to_do() -> None:
    with pytest.raises(InputError, match="use fusion mode score"):
        model("one event").split(0, [1.0], "vector")


def test_a_user_without_history_still_gets_what_friends_have() -> None:
    found = model("full")
    user = 22  # of the last two users, who have friends but no events
    split = found.split(user, [1.0] * len(found.present))
    by_name = dict(zip(found.present, np.abs(split.contributions).sum(axis=0), strict=True))
    assert by_name["popularity"] > 0
    assert found.unseen(user).sum() > 0


@pytest.mark.parametrize("name", WORLDS)
def test_shares_of_the_user_vector_sum_to_one(name: str) -> None:
    found = model(name)
    for user in range(found.n_users):
        for g in found.granularities.values():
            rows, shares, held = vector_shares(g, user)
            assert len(rows) == len(shares) == len(held)
            vector = dense(g.user_vectors(np.array([user])))[0].astype(float)
            if np.linalg.norm(vector) > 1e-6:
                assert shares.sum() == pytest.approx(1, abs=1e-6)
                by_hand = [
                    held[n] * (concatenated(g, int(e)) @ vector) / (vector @ vector)
                    for n, e in enumerate(rows)
                ]
                np.testing.assert_allclose(shares, by_hand, atol=1e-4)
            else:
                assert not shares.any() or shares.sum() == pytest.approx(1)


def concatenated(g: Granularity, e: int) -> np.ndarray:
    parts: list[Matrix] = [dense(b.evidence[[e]]) * np.float32(b.scale**0.5) for b in g.blocks]
    return np.asarray(dense(concatenate(parts))[0], dtype=float)


def test_interests_are_ordered_cut_and_leave_out_the_prior() -> None:
    found = model("full")
    for user in range(found.n_users):
        interests = interests_of(found, user, top=3)
        assert "popularity" not in interests and set(interests) <= set(found.present)
        for held in interests.values():
            shares = [i.share for i in held]
            assert len(held) <= 3 and shares == sorted(shares, reverse=True)


def test_a_granularity_without_a_space_is_refused() -> None:
    empty = Granularity("x", "item", [], [], sparse.csr_array((1, 0)), (), "")
    with pytest.raises(ValueError, match="no space"):
        empty.scores(slice(None))
    block = Block(np.ones((1, 2), dtype=np.float32), np.ones((3, 2), dtype=np.float32), 1.0, "", "")
    assert block.dimensions == 2


def test_what_a_user_has_is_not_unseen() -> None:
    found = model("full")
    for user in range(found.n_users):
        np.testing.assert_array_equal(found.unseen(user), found.seen.toarray()[user] == 0)
