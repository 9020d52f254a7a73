"""The factor space against PureSVD written out, and the choice of its share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mgrec_core.model.granularities.factor_share import SHARES, choose_share, hold_out
from mgrec_core.model.granularities.factors import fit_factor_space
from mgrec_core.model.granularities.item_space import CollaborativeConfig
from mgrec_core.model.granularities.structure import dense
from tests.model.granularities.test_item_space import histories


@pytest.mark.parametrize(("n_users", "n_items"), [(40, 24), (24, 40)])
@pytest.mark.parametrize("scaling", [0.0, 0.25])
def test_scores_are_puresvds_up_to_a_factor_of_the_user(n_users: int, n_items: int, scaling: float) -> None:
    strength = histories(n_users, n_items, seed=3)
    found = fit_factor_space(strength, CollaborativeConfig(factors=5, factor_scaling=scaling))
    assert found is not None and found.dimensions == 5
    s = strength.toarray()
    of_user = s.sum(axis=1, keepdims=True) ** -0.5
    scaled = of_user * s * s.sum(axis=0) ** -scaling
    _, _, vt = np.linalg.svd(scaled, full_matrices=False)
    expected = scaled @ vt[:5].T @ vt[:5] / of_user
    np.testing.assert_allclose(strength @ dense(found.evidence) @ dense(found.items).T, expected, atol=1e-5)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 1_000))
@settings(max_examples=40, deadline=None)
def test_small_and_empty_histories_give_few_directions_or_none(n_users: int, n_items: int, seed: int) -> None:
    found = fit_factor_space(histories(n_users, n_items, seed), CollaborativeConfig())
    most = min(n_users, n_items) // 4
    assert (found.dimensions if found else 0) <= most
    if found:
        assert np.isfinite(dense(found.evidence)).all() and found.items.shape == (n_items, found.dimensions)


def test_it_is_the_same_every_time_and_can_be_switched_off() -> None:
    strength = histories(60, 50, seed=1)
    one, other = (fit_factor_space(strength, CollaborativeConfig(factors=8)) for _ in range(2))
    assert one and other and np.array_equal(dense(one.items), dense(other.items))
    assert fit_factor_space(strength, CollaborativeConfig(factors=0)) is None


def test_the_newest_tenth_is_held_out_where_there_are_ages() -> None:
    strength = histories(20, 60, seed=2, share=0.4)
    age = strength.copy()
    age.data = np.random.default_rng(0).permutation(len(age.data)) + 1.0
    held = hold_out(strength, age)
    for user in range(20):
        row = slice(strength.indptr[user], strength.indptr[user + 1])
        n = max(1, round(0.1 * (row.stop - row.start)))
        newest = strength.indices[row][np.argsort(age.data[row])[:n]]
        mine = held.indices[held.indptr[user] : held.indptr[user + 1]]
        assert sorted(mine) == sorted(newest)
    assert (strength - held).nnz == strength.nnz - held.nnz, "what is held out leaves whole"


def test_short_histories_are_left_whole() -> None:
    strength = sparse.csr_array(np.eye(6) + np.eye(6, k=1))
    assert hold_out(strength, None).nnz == 0
    assert choose_share(strength, None, CollaborativeConfig()) == 0.0


def test_it_is_taken_where_broad_tastes_are_all_there_is_and_left_out_of_noise() -> None:
    """Users of eight tastes take few of many items at random: pairs tell little, directions all."""
    rng = np.random.default_rng(0)
    taste = rng.integers(0, 8, 600)
    likes = rng.random((600, 400)) < np.where(taste[:, None] == np.arange(400) % 8, 0.08, 0.004)
    tastes = sparse.csr_array(likes.astype(float))
    assert choose_share(tastes, None, CollaborativeConfig(factors=8)) in SHARES
    noise = sparse.csr_array((rng.random((200, 100)) < 0.1).astype(float))
    assert choose_share(noise, None, CollaborativeConfig()) == 0.0
