"""The item space against the textbook, and its three forms against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities import item_space
from mgrec_core.model.granularities.item_space import CollaborativeConfig, Fit, ItemSpace, fit_item_space
from mgrec_core.model.granularities.structure import dense


def histories(n_users: int, n_items: int, seed: int, share: float = 0.3) -> sparse.csr_array:
    rng = np.random.default_rng(seed)
    mask = rng.random((n_users, n_items)) < share
    return sparse.csr_array(np.where(mask, rng.uniform(0.05, 1.0, mask.shape), 0.0))


def scores(space: ItemSpace, strength: sparse.csr_array) -> NDArray[np.float64]:
    return (strength @ dense(space.evidence).astype(float)) @ dense(space.items).astype(float).T


def textbook(strength: sparse.csr_array, config: CollaborativeConfig) -> NDArray[np.float64]:
    """EASE as in Steck 2019, eq. 8, on scaled columns, without any shortcut."""
    s = strength.toarray()
    d = np.diag(np.maximum((s > 0).sum(axis=0), 1.0) ** -config.item_scaling)
    y = s @ d
    gram = y.T @ y
    ridge = config.regularisation * np.linalg.eigvalsh(gram).max()
    p = np.linalg.inv(gram + ridge * np.eye(len(gram)))
    b = np.eye(len(p)) - p / np.diag(p)  # zero diagonal: B = I − P·diag(1/diag P)
    return np.asarray(y @ b @ np.linalg.inv(d))


shapes = pytest.mark.parametrize(("n_users", "n_items"), [(12, 30), (30, 12), (20, 20), (2, 3), (3, 2)])


@shapes
@pytest.mark.parametrize("scaling", [0.0, 0.1, 0.5])
def test_the_exact_forms_are_the_textbooks_on_unseen_items(
    n_users: int, n_items: int, scaling: float
) -> None:
    strength = histories(n_users, n_items, seed=n_users, share=0.5)
    config = CollaborativeConfig(item_scaling=scaling, regularisation=0.05)
    space = fit_item_space(strength, config)
    assert space is not None
    known = strength.toarray().any(axis=0)
    unseen = (strength.toarray() == 0) & known
    np.testing.assert_allclose(scores(space, strength)[unseen], textbook(strength, config)[unseen], atol=1e-5)


@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_woodbury_is_the_dense_form_on_unseen_items(n_users: int, n_items: int, seed: int) -> None:
    strength = histories(n_users, n_items, seed)
    fit = Fit()
    popularity = (strength.toarray() > 0).sum(axis=0)
    if strength.nnz == 0:
        return
    d = np.maximum(popularity, 1.0) ** -fit.item_scaling
    y = sparse.csr_array(strength @ sparse.diags_array(d))
    by_users = item_space._woodbury(y, d, popularity > 0, fit)
    by_items = item_space._dense(y, d, popularity > 0, fit)
    unseen = strength.toarray() == 0
    one, other = scores(by_users, strength)[unseen], scores(by_items, strength)[unseen]
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_which_form_is_taken() -> None:
    wide, tall = histories(8, 20, 1), histories(20, 8, 1)
    solvers = {
        name: getattr(fit_item_space(strength, config), "solver", None)
        for name, strength, config in (
            ("wide", wide, CollaborativeConfig()),
            ("tall", tall, CollaborativeConfig()),
            ("large", wide, CollaborativeConfig(max_exact=7, rank=4)),
            ("many numbers", wide, CollaborativeConfig(max_cells=7, rank=4)),
        )
    }
    assert solvers == {
        "wide": "exact, by users",
        "tall": "exact, by items",
        "large": "low rank, 4 directions",
        "many numbers": "low rank, 4 directions",
    }


def test_low_rank_is_the_shrunk_svd() -> None:
    strength = histories(30, 20, 4)
    config = CollaborativeConfig(max_exact=1, rank=6, item_scaling=0)
    space = fit_item_space(strength, config)
    assert space is not None
    _, s, vt = np.linalg.svd(strength.toarray(), full_matrices=False)
    s, v = s[:6], vt[:6].T
    shrink = s**2 / (s**2 + s[-1] ** 2)
    expected = strength @ (v * shrink) @ v.T
    np.testing.assert_allclose(scores(space, strength), expected, atol=1e-5)


def test_low_rank_of_identical_histories_is_finite() -> None:
    strength = sparse.csr_array(np.tile([1.0, 0.5, 0.25, 0.0], (6, 1)))
    space = fit_item_space(strength, CollaborativeConfig(max_exact=1, rank=64))
    assert space is not None
    assert np.isfinite(scores(space, strength)).all()
    assert space.solver == "low rank, 1 directions" or "1" in space.solver


@pytest.mark.parametrize("max_exact", [1, 100])
@pytest.mark.parametrize("shape", [(15, 40), (40, 15)])
def test_the_same_histories_give_the_same_bytes(max_exact: int, shape: tuple[int, int]) -> None:
    strength = histories(*shape, seed=5)
    config = CollaborativeConfig(max_exact=max_exact, rank=5)
    one, other = fit_item_space(strength, config), fit_item_space(strength.copy(), config)
    assert one is not None and other is not None
    assert dense(one.evidence).tobytes() == dense(other.evidence).tobytes()
    assert dense(one.items).tobytes() == dense(other.items).tobytes()


def test_items_that_nobody_has_score_nothing() -> None:
    for shape in ((6, 12), (12, 6)):
        strength = histories(*shape, seed=2, share=0.6).tolil()
        strength[:, 3] = 0
        strength = sparse.csr_array(strength)
        strength.eliminate_zeros()
        space = fit_item_space(strength, CollaborativeConfig())
        assert space is not None
        assert not scores(space, strength)[:, 3].any()


def test_an_item_that_goes_with_another_is_recommended() -> None:
    pairs = np.zeros((10, 4))
    pairs[:6, [0, 1]] = 1  # 0 goes with 1
    pairs[6:9, [2, 3]] = 1
    pairs[9, 0] = 1
    space = fit_item_space(sparse.csr_array(pairs), CollaborativeConfig())
    assert space is not None
    assert scores(space, sparse.csr_array(pairs))[9].argsort()[::-1].tolist().index(1) <= 1
    last = scores(space, sparse.csr_array(pairs))[9]
    assert last[1] > 0.2 and abs(last[2]) < 1e-6 and abs(last[3]) < 1e-6


@pytest.mark.parametrize(
    "strength", [np.zeros((3, 3)), np.eye(3), np.zeros((0, 0)), np.zeros((2, 0)), np.ones((1, 1))], ids=str
)
def test_nothing_that_goes_together_is_no_space(strength: NDArray[np.float64]) -> None:
    assert fit_item_space(sparse.csr_array(strength), CollaborativeConfig()) is None
