"""Weights are recovered where they were planted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.learning.candidates import ValidationScores
from mgrec_core.learning.listwise import listwise_weights
from mgrec_core.learning.search import cautious_search, grid_search


def planted(weights: list[float], seed: int, users: int = 400, items: int = 60) -> ValidationScores:
    """Held-out items drawn from the softmax of planted weights."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(users, items, len(weights))).astype(np.float32)
    z = scores @ np.asarray(weights, dtype=np.float32)
    gumbel = rng.gumbel(size=z.shape)
    chosen = np.argsort(-(z + gumbel), axis=1)[:, :1]
    relevant = np.zeros(z.shape, dtype=bool)
    np.put_along_axis(relevant, chosen, True, axis=1)
    return ValidationScores(scores, np.ones(z.shape, dtype=bool), relevant, relevant.sum(axis=1))


def test_the_listwise_optimum_is_the_planted_softmax() -> None:
    found = listwise_weights(planted([2.0, 1.0, 0.0, 0.5], seed=0, users=4000))
    np.testing.assert_allclose(found, [2.0, 1.0, 0.0, 0.5], atol=0.12)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_harmful_sources_get_weight_zero(seed: int) -> None:
    found = listwise_weights(planted([1.5, -1.5], seed=seed))
    assert found[1] < 1e-6
    assert found[0] > 0.5


def test_the_search_comes_close_to_a_fine_grid() -> None:
    candidates = planted([1.0, 0.6, 0.2], seed=3)

    def mean(weights: np.ndarray) -> float:
        return float(candidates.metric("ndcg@10", np.asarray(weights, dtype=np.float64)).mean())

    grid = np.linspace(0, 1, 11)
    best = max(mean(np.array(w)) for w in itertools.product(grid, repeat=3) if max(w) == 1.0)
    start = listwise_weights(candidates)
    start /= start.max()
    weights, value = grid_search(mean, start)
    assert value >= mean(start)
    assert value >= best - 0.01
    assert value == pytest.approx(mean(weights))
    assert 0.0 <= weights.min() <= weights.max() <= 1.0


def test_the_search_switches_off_what_does_not_help() -> None:
    """Of two copies of one source either does alone: the first goes, and its copy stays."""
    weights, value = grid_search(lambda w: float(w[:2].any()), np.array([0.5, 0.5, 0.5]))
    assert value == 1.0 and weights.tolist() == [0.0, 0.05, 0.0]


def test_padding_is_never_ranked() -> None:
    scores = np.zeros((1, 4, 1), dtype=np.float32)
    scores[0, :2, 0] = [-5.0, -6.0]  # worse than the padding's 0
    real = np.array([[True, True, False, False]])
    relevant = np.array([[True, False, False, False]])
    candidates = ValidationScores(scores, real, relevant, np.array([1]))
    assert candidates.metric("ndcg@2", np.ones(1))[0] == 1.0


def test_the_cautious_search_stays_where_nothing_is_gained() -> None:
    """Two copies of one source and one of noise: no weight is worth moving."""
    candidates = planted([1.0, 0.0], seed=4)
    doubled = ValidationScores(
        np.repeat(candidates.scores[:, :, :1], 2, axis=2),
        candidates.real,
        candidates.relevant,
        candidates.n_relevant,
    )
    start = np.array([1.0, 0.4])
    weights, _ = cautious_search(lambda w: doubled.metric("ndcg@10", w), start)
    np.testing.assert_array_equal(weights, start)


def test_the_cautious_search_finds_planted_weights_from_a_bad_start() -> None:
    candidates = planted([1.0, 0.6, 0.0], seed=5, users=1500)
    start = np.array([0.1, 0.1, 1.0])
    weights, values = cautious_search(lambda w: candidates.metric("ndcg@10", w), start)
    assert weights[2] < 0.3 < weights[1] < 1.0 == weights[0]
    assert values.mean() > candidates.metric("ndcg@10", start).mean() + 0.05
    again, _ = cautious_search(lambda w: candidates.metric("ndcg@10", w), start, [np.array([5.0, 3.0, 0.0])])
    assert again[2] < 0.1
