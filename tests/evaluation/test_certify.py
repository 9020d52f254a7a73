"""Permutation controls keep sizes and lose meaning; planted sources are certified, noise is not."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.certify import certify, mean_of_folds, permutation_control
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.splits import make_split
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import Spaces, default_weights, find
from mgrec_core.model.granularities.controls import rewire, rewire_both_ways


@pytest.fixture(scope="module")
def fold(shop: Engine) -> Fold:
    with contextlib.closing(shop.workspace.connect()) as connection:
        split = make_split(connection, "last", 0.2)
        return Fold.prepare(connection, split, None, Config(), shop.workspace.path / "cache")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_rewiring_keeps_degrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = sparse.csr_array((rng.random((12, 20)) < 0.3).astype(np.float64))
    found = rewire(matrix, rng)
    np.testing.assert_allclose(found.sum(axis=0), matrix.sum(axis=0))
    np.testing.assert_allclose(found.sum(axis=1), matrix.sum(axis=1))
    upper = np.triu(rng.random((30, 30)) < 0.2, k=1).astype(np.float64)
    friends = sparse.csr_array(upper + upper.T)
    wired = rewire_both_ways(friends, rng)
    assert (wired != wired.T).nnz == 0 and wired.diagonal().sum() == 0
    lost = friends.sum(axis=1) - wired.sum(axis=1)  # edges of a node with itself
    assert (lost >= 0).all() and lost.sum() <= 0.25 * friends.sum()


def test_every_control_is_as_large_as_what_it_stands_for(fold: Fold) -> None:
    assert len(fold.model.granularities) > 3
    for name, real in fold.model.granularities.items():
        stand_in = permutation_control(fold, name)
        assert stand_in is not None, name
        assert stand_in.weights.shape[0] == real.weights.shape[0]
        assert stand_in.blocks[0].items.shape[0] == real.blocks[0].items.shape[0]
        assert not np.allclose(stand_in.scores(np.arange(20)), real.scores(np.arange(20))), name
        again = permutation_control(fold, name)
        assert again is not None
        np.testing.assert_array_equal(again.scores(np.arange(20)), stand_in.scores(np.arange(20)))


def test_recency_control_has_the_same_ages_for_each_user(fold: Fold) -> None:
    real, stand_in = fold.model.granularities["recent"], permutation_control(fold, "recent")
    assert stand_in is not None
    np.testing.assert_array_equal(real.weights.indptr, stand_in.weights.indptr)


def test_planted_sources_are_certified_and_a_source_of_noise_is_not(fold: Fold) -> None:
    """Friends are planted as the most useful source; a second popularity has nothing to add."""
    weights = list(default_weights(fold.model.present).values())
    found = certify([fold], weights, "ndcg@10")
    assert list(found) == list(fold.model.present)
    assert found["social"]["certified"]
    assert found["social"]["gain_over_placebo"]["low"] > 0
    for row in found.values():
        assert row["gain_over_placebo"]["p_holm"] >= row["gain_over_placebo"]["p"]
    noise = replace(fold, model=replace(fold.model, granularities=dict(fold.model.granularities)))
    stand_in = permutation_control(fold, "knowledge", seed=5)
    assert stand_in is not None
    noise.model.granularities["knowledge"] = stand_in
    assert not certify([noise], weights, "ndcg@10")["knowledge"]["certified"]


def test_a_weight_of_zero_gains_nothing(fold: Fold) -> None:
    weights = [float(g == "collaborative") for g in fold.model.present]
    found = certify([fold], weights, "ndcg@10")
    assert found["social"]["gain_over_placebo"]["mean"] == 0
    assert not found["social"]["certified"]
    assert found["collaborative"]["certified"]
    assert found["collaborative"]["alone"] > found["collaborative"]["placebo"]


def test_a_users_value_is_the_mean_over_the_folds() -> None:
    first = (np.array([0, 2, 5]), np.array([1.0, 0.0, 0.5]))
    second = (np.array([2, 3]), np.array([1.0, 0.25]))
    assert mean_of_folds([first, second]).tolist() == [1.0, 0.5, 0.25, 0.5]
    assert mean_of_folds([first]).tolist() == [1.0, 0.0, 0.5]


def test_the_control_rewires_links_between_items(fold: Fold) -> None:
    """Else the control of `knowledge` would keep what a graph says of one item and another."""
    n = len(fold.data.items)
    upper = np.triu(np.random.default_rng(0).random((n, n)) < 0.1, k=1).astype(np.float64)
    real = sparse.csr_array(upper + upper.T)
    linked = replace(fold, data=replace(fold.data, item_links=real))
    assert real.nnz > 100
    assert permutation_control(linked, "knowledge") is not None
    spaces = Spaces(linked.data, linked.config, linked.text_vectors)
    spec = find("knowledge")
    assert spec is not None
    found = spec.control.permute(spaces, np.random.default_rng(0)).data
    kept = found.item_links.multiply(real).count_nonzero() / real.nnz
    assert found.item_links.nnz > 0.5 * real.nnz and kept < 0.5
    assert (found.item_links != found.item_links.T).nnz == 0
