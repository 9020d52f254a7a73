"""Fused vectors, item profiles and reduced spaces."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.foundation.errors import InputError
from mgrec_core.model.fusion.vectors import (
    dominant_granularities,
    fused_item_vectors,
    fused_user_vectors,
    is_identity,
    item_profiles,
    joint_vectors,
    reduced,
)
from mgrec_core.model.granularities.structure import dense
from tests.worlds import WORLDS, model


def cosines(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit @ unit.T


@pytest.mark.parametrize("name", WORLDS)
def test_fused_vectors_on_every_world(name: str) -> None:
    found = model(name)
    if not found.present:
        return
    alpha = dict.fromkeys(found.present, 1 / len(found.present))
    items = fused_item_vectors(found, alpha)
    assert items.shape[0] == found.n_items and np.isfinite(items).all()
    if found.shared is None:
        with pytest.raises(InputError, match="shared space"):
            fused_user_vectors(found, alpha)
        return
    users = fused_user_vectors(found, alpha)
    assert users.shape == (found.n_users, found.shared.shape[1]) and np.isfinite(users).all()


@pytest.mark.parametrize("name", WORLDS)
def test_joint_vectors_on_every_world(name: str) -> None:
    found = model(name)
    alpha = dict.fromkeys(found.present, 1 / max(1, len(found.present)))
    spaces: list[object] = list(found.granularities.values())
    for of in spaces + ([alpha] if found.shared is not None and found.present else []):
        vectors = joint_vectors(found, of)  # type: ignore[arg-type]
        assert vectors.shape[0] == found.n_users + found.n_items and vectors.shape[1] <= 384
        assert set(np.round(np.linalg.norm(vectors, axis=1), 3)) <= {0.0, 1.0}
    if found.shared is None:
        with pytest.raises(InputError, match="shared space"):
            joint_vectors(found, alpha)


def test_users_and_items_share_a_space_without_making_two_islands() -> None:
    found = model("full")
    vectors = joint_vectors(found, {"behaviour": 1.0})
    users, items = vectors[: found.n_users], vectors[found.n_users :]
    held = np.linalg.norm(users, axis=1) > 0
    near = (users @ items.T)[held]
    seen = found.seen.toarray()[held] != 0
    assert near[seen].mean() > near[~seen].mean() + 0.1, "users are nearer to what they chose"
    assert abs(users[held].mean(axis=0) @ items.mean(axis=0)) < 0.1, "neither kind has a side of its own"


def test_the_fused_user_is_the_weighted_sum_of_unit_vectors() -> None:
    found = model("full")
    alpha = {"behaviour": 0.25, "social": 0.75}
    expected = 0.25 * found.shared_user_vectors("behaviour") + 0.75 * found.shared_user_vectors("social")
    np.testing.assert_allclose(fused_user_vectors(found, alpha), expected, atol=1e-6)
    lengths = np.linalg.norm(found.shared_user_vectors("behaviour"), axis=1)
    assert set(np.round(lengths, 4)) <= {0.0, 1.0}


def test_a_share_of_nothing_is_left_out_of_fused_items() -> None:
    found = model("full")
    one = fused_item_vectors(found, {"behaviour": 1.0, "social": 0.0})
    np.testing.assert_array_equal(one, fused_item_vectors(found, {"behaviour": 1.0}))


@pytest.mark.parametrize("of", ["social", "collaborative"])
def test_items_that_go_together_are_near_even_where_a_space_has_one_direction_an_item(of: str) -> None:
    """The identity as item vectors would put all items equally far apart."""
    found = model("full")
    near = cosines(reduced(item_profiles(found.granularities[of])))
    same = np.add.outer(np.arange(found.n_items), -np.arange(found.n_items))
    assert np.abs(near[same != 0]).max() > 0.3
    assert not any(is_identity(m) for m in [item_profiles(found.granularities[of])])


def test_profiles_are_the_item_vectors_elsewhere() -> None:
    for name in ("behaviour", "attribute", "knowledge", "popularity"):
        g = model("full").granularities[name]
        np.testing.assert_array_equal(dense(item_profiles(g)), dense(g.item_vectors()))


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_reduction_keeps_inner_products(make: type) -> None:
    rng = np.random.default_rng(3)
    low = (rng.normal(size=(30, 5)) @ rng.normal(size=(5, 80))).astype(np.float32)
    small = reduced(make(low), 10)
    assert small.shape == (30, 10) and small.dtype == np.float32
    np.testing.assert_allclose(small @ small.T, low @ low.T, atol=1e-3)
    assert reduced(make(low), 10).tobytes() == small.tobytes()
    np.testing.assert_array_equal(reduced(make(low), 80), low)


@pytest.mark.parametrize("matrix", [np.zeros((5, 20)), np.zeros((1, 20)), np.ones((1, 20)), np.ones((4, 20))])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_reduction_of_what_has_no_directions(matrix: np.ndarray, make: type) -> None:
    small = reduced(make(matrix.astype(np.float32)), 10)
    assert small.shape[0] == len(matrix) and 1 <= small.shape[1] <= 10
    np.testing.assert_allclose(small @ small.T, matrix @ matrix.T, atol=1e-4)


def test_what_stands_out_is_above_its_mean_over_users() -> None:
    found = model("full")
    names, shares = dominant_granularities(found, [1.0] * len(found.present))
    assert len(names) == len(shares) == found.n_users
    assert {n for n in names if n} <= set(found.present)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert len({n for n in names if n}) > 1


def test_nothing_stands_out_where_nothing_is_known() -> None:
    found = model("no events")
    names, shares = dominant_granularities(found, [])
    assert set(names) == {None} and not shares.any()
