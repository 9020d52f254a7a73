"""Samples keep every kind of point; the rest lie near those they are like."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.projection.sampling import place, strata_of, stratified


def test_each_stratum_is_drawn_in_proportion_and_small_ones_are_not_lost() -> None:
    strata = np.repeat([0, 1, 2], [9_000, 990, 10])
    kept = stratified(strata, 600, seed=3)
    counts = np.bincount(strata[kept])
    assert len(kept) == 600 and len(set(kept)) == 600 and (np.diff(kept) > 0).all()
    assert counts[2] == 10, "a rare kind is there whole"
    assert 450 < counts[0] < 550 and 50 < counts[1] < 120
    assert (kept == stratified(strata, 600, seed=3)).all()
    assert (kept != stratified(strata, 600, seed=4)).any()


@pytest.mark.parametrize("most", [1, 5, 50, 99, 100, 1000])
def test_never_more_than_asked_for(most: int) -> None:
    kept = stratified(np.random.default_rng(0).integers(0, 7, 100), most)
    assert len(kept) == min(100, most) and len(set(kept)) == len(kept)


def test_strata_double_and_kinds_stay_apart() -> None:
    assert strata_of(np.array([0, 1, 2, 3, 7])).tolist() == [0, 1, 1, 2, 3]
    assert len(set(strata_of(np.array([3, 3]), ["users", "items"]))) == 2


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_rest_is_placed_beside_what_it_is_like(metric: str) -> None:
    random = np.random.default_rng(0)
    directions = np.eye(3, 8)
    truth = random.integers(0, 3, 300)
    vectors = (directions[truth] + random.normal(scale=0.05, size=(300, 8))).astype(np.float32)
    kept = np.arange(0, 300, 5)
    laid = np.array([[0, 0], [10, 0], [0, 10]], np.float32)[truth[kept]]
    placed = place(vectors, kept, laid, metric)
    assert (placed[kept] == laid).all()
    assert np.allclose(placed, np.array([[0, 0], [10, 0], [0, 10]])[truth], atol=1e-3)
