"""Scale and median: what makes granularities comparable for one user."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mgrec_core.model.scale import scale_and_median, spread_and_median

SCORES = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.floats(-5, 5, width=32)
)


def all_of(scores: np.ndarray) -> np.ndarray:
    return np.ones(len(scores), dtype=bool)


def test_the_documented_formula() -> None:
    scores = np.random.default_rng(1).normal(size=(50, 2))
    unseen = np.arange(50) % 5 > 0
    c, m = scale_and_median(scores, unseen)
    for k in range(2):
        chosen = np.sort(scores[unseen, k])
        assert m[k] == pytest.approx(np.median(chosen))
        assert c[k] == pytest.approx(1 / (chosen[-10:].mean() - np.median(chosen)))


@given(SCORES)
@settings(max_examples=150, deadline=None)
def test_never_negative_never_infinite(scores: np.ndarray) -> None:
    spread, median = spread_and_median(scores.T)
    assert (spread >= -1e-12).all()
    np.testing.assert_allclose(median, np.median(scores, axis=0))
    c, m = scale_and_median(scores, all_of(scores))
    assert np.isfinite(c).all() and (c >= 0).all() and np.isfinite(m).all()


@given(SCORES, st.floats(1e-4, 1e4))
@settings(max_examples=100, deadline=None)
def test_a_constant_factor_changes_nothing(scores: np.ndarray, factor: float) -> None:
    scores = np.round(scores, 2)
    c, m = scale_and_median(scores, all_of(scores))
    c2, m2 = scale_and_median(scores * factor, all_of(scores))
    np.testing.assert_allclose((scores - m) * c, (scores * factor - m2) * c2, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n", [2, 3, 5, 9, 10, 11, 19])
def test_few_unseen_items_are_still_told_apart(n: int) -> None:
    scores = np.linspace(0, 1, n)[:, None] ** 3
    c, _ = scale_and_median(scores, all_of(scores))
    assert c[0] > 0


@pytest.mark.parametrize(
    "scores", [np.zeros((30, 1)), np.full((30, 1), 0.3), np.ones((1, 1)), np.full((30, 1), 1e6)], ids=str
)
def test_what_tells_no_items_apart_weighs_nothing(scores: np.ndarray) -> None:
    assert scale_and_median(scores, all_of(scores))[0] == [0]


def test_noise_of_float32_is_no_taste() -> None:
    scores = (1.0 + 3e-8 * np.random.default_rng(0).normal(size=(40, 1))).astype(np.float32)
    assert scale_and_median(scores, all_of(scores))[0] == [0]


def test_nothing_unseen() -> None:
    c, m = scale_and_median(np.ones((3, 2)), np.zeros(3, dtype=bool))
    assert c.tolist() == [0, 0] and m.tolist() == [0, 0]
