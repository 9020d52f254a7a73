"""The arrays that the engine reads: right numbers in the right places, whatever the ids."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from tests.worlds import ODD_IDS, WORLDS, World, full, world


@pytest.mark.parametrize("name", WORLDS)
def test_shapes_and_ranges(name: str) -> None:
    data = world(name).data()
    u, i, v, e = len(data.users), len(data.items), len(data.value_names), len(data.entity_ids)
    assert data.users == sorted(set(data.users)) and data.items == sorted(set(data.items))
    assert len(data.labels) == len(data.texts) == i and len(data.entity_names) == e
    assert data.value_names == sorted(set(data.value_names))
    shapes = {
        "strength": (u, i),
        "seen": (u, i),
        "item_values": (i, v),
        "item_entities": (i, e),
        "entity_entities": (e, e),
        "item_links": (i, i),
        "friends": (u, u),
    }
    for field, shape in shapes.items():
        matrix = getattr(data, field)
        assert matrix.shape == shape, field
        assert np.isfinite(matrix.data).all() and (matrix.data > 0).all(), field
        assert matrix.has_canonical_format or not matrix.nnz
    assert (data.strength.data <= 1).all() and (data.friends.data <= 1).all()
    for symmetric in (data.friends, data.entity_entities, data.item_links):
        assert abs(symmetric - symmetric.T).sum() == 0
    assert data.popularity.sum() == data.strength.nnz
    assert (data.strength > data.seen).nnz == 0  # whatever speaks for an item was seen
    if data.age is not None:
        assert data.age.shape == (u, i) and (data.age.data >= 1).all()


def test_each_users_strongest_item_has_one() -> None:
    strength = world("full").data().strength
    active = np.diff(strength.indptr) > 0
    np.testing.assert_allclose(strength.max(axis=1).toarray().ravel()[active], 1)
    assert active.sum() == len(strength.indptr) - 3  # two users have no history


@pytest.mark.parametrize("shuffle", range(4))
def test_row_order_never_matters(shuffle: int) -> None:
    one, other = full().data(), full().data(shuffle)
    for field in fields(Dataset):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if sparse.issparse(left):
            for part in ("data", "indices", "indptr"):
                assert getattr(left, part).tobytes() == getattr(right, part).tobytes(), field.name
        else:
            assert left == right, field.name


def test_ids_that_look_alike_stay_apart() -> None:
    events = tuple((u, i, "click", None, None, None, None) for u in ODD_IDS for i in ODD_IDS)
    data = World(events=events).data()
    assert data.users == data.items == sorted(ODD_IDS)
    assert (data.strength.toarray() == 1).all()
    assert data.user_index["1"] != data.user_index["01"] != data.user_index["1.0"]


def test_the_newest_item_has_age_one() -> None:
    data = World(
        events=(
            *(("u", f"i{d}", "click", None, None, f"2025-01-0{d}", None) for d in (1, 2, 3)),
            ("v", "i1", "click", None, None, None, None),
        )
    ).data()
    assert data.age is not None
    np.testing.assert_array_equal(data.age.toarray(), [[3, 2, 1], [0, 0, 0]])


def test_the_graph_counts_relations_once_and_knows_no_direction() -> None:
    data = World(
        items=(("a", None, None), ("b", None, None)),
        kg=(
            ("a", "by", "x", "X"),
            ("a", "by", "x", "Another X"),
            ("a", "from", "x", "X"),
            ("x", "has", "b", "B"),
            ("x", "in", "y", "y"),
            ("a", "like", "b", "B"),
            ("x", "is", "x", "X"),
        ),
    ).data()
    assert data.entity_ids == ["x", "y"] and data.entity_names == ["Another X", "y"]
    np.testing.assert_array_equal(data.item_entities.toarray(), [[2, 0], [1, 0]])
    np.testing.assert_array_equal(data.entity_entities.toarray(), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(data.item_links.toarray(), [[0, 1], [1, 0]])


def test_values_of_items_nobody_knows_are_left_out() -> None:
    data = World(items=(("a", None, None),), attributes=(("ghost", "brand", "x"), ("a", "brand", "y"))).data()
    assert data.item_values.sum() == 1
