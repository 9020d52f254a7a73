"""Candidates and their bound: what is called exact is exact, under any weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mgrec_core import Engine
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.fusion.candidates import find_candidates
from mgrec_core.model.scale import scale_and_median

# Few distinct values make ties, which are where an order can go wrong.
VALUES = st.one_of(st.integers(-3, 3).map(float), st.floats(-5, 5, width=32))
SCORES = hnp.arrays(np.float32, st.tuples(st.integers(1, 60), st.integers(1, 7)), elements=VALUES)


@given(SCORES, st.data())
@settings(max_examples=400, deadline=None)
def test_what_is_called_exact_is_the_full_ranking(raw: np.ndarray, data: st.DataObject) -> None:
    n, width = raw.shape
    unseen = data.draw(hnp.arrays(bool, n))
    scale, median = scale_and_median(raw, unseen)
    limit, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    weights = data.draw(hnp.arrays(np.float64, width, elements=st.floats(0, 1)))
    found = find_candidates(raw, scale, median, unseen, limit)
    assert len(found.positions) <= max(limit, 0) or unseen.sum() <= limit
    assert unseen[found.positions].all() and (np.diff(found.positions) > 0).all()
    chosen, exact = found.top(weights, k)
    scores = ((raw.astype(np.float64) - median) * (weights * scale)).sum(axis=1)
    np.testing.assert_array_equal(found.scores(weights), scores[found.positions])
    outside = unseen.copy()
    outside[found.positions] = False
    if outside.any():
        assert scores[outside].max() <= found.bound(weights)
    if exact:
        assert found.positions[chosen].tolist() == top_k(scores, k, unseen).tolist()


@given(SCORES, st.data())
@settings(max_examples=100, deadline=None)
def test_the_best_of_each_granularity_is_in(raw: np.ndarray, data: st.DataObject) -> None:
    n, width = raw.shape
    unseen = np.ones(n, dtype=bool)
    scale, median = scale_and_median(raw, unseen)
    found = find_candidates(raw, scale, median, unseen, limit=max(width, n // 2))
    for k in np.flatnonzero(scale > 0):
        centred = raw[:, k].astype(float) - median[k]  # what is fused: equal where the median swallows more
        assert centred.max() in centred[found.positions]


def test_the_limit_is_used() -> None:
    raw = np.random.default_rng(3).normal(size=(5000, 7)).astype(np.float32)
    unseen = np.ones(5000, dtype=bool)
    found = find_candidates(raw, *scale_and_median(raw, unseen), unseen, limit=2000)
    assert 1990 < len(found.positions) <= 2000


def test_wanted_items_are_added_and_seen_ones_are_not() -> None:
    raw = np.arange(20, dtype=np.float32)[:, None]
    unseen = np.ones(20, dtype=bool)
    unseen[3] = False
    found = find_candidates(raw, *scale_and_median(raw, unseen), unseen, 4, np.array([2, 3]))
    assert found.positions.tolist() == [2, 16, 17, 18, 19]
    assert found.top([1.0], 4)[1] and not found.top([1.0], 5)[1]


@pytest.mark.parametrize("limit", [4, 40, 2000])
def test_the_engine_ranks_the_same(shop: Engine, limit: int) -> None:
    rng = np.random.default_rng(5)
    certain = 0
    for user in shop.user_ids[:6]:
        found = shop.candidates(user, limit)
        for _ in range(10):
            weights = dict(zip(shop.present, rng.random(len(shop.present)).tolist(), strict=True))
            base = str(rng.choice(shop.present))
            ranked = shop.rank(user, k=3, weights=Weights(weights, base))
            chosen, exact = found.top(list(ranked.weights.values()), 3)
            certain += exact
            if exact:
                ids = [shop.item_ids[i] for i in found.positions[chosen]]
                assert ids == [item.item_id for item in ranked.items]
                scores = found.scores(list(ranked.weights.values()))[chosen]
                assert scores.tolist() == [item.score for item in ranked.items], "to the last bit"
    assert certain == 60 or limit < 2000
