"""Segments add up to the whole, planted gaps are found, and empty ones are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.segments import Segmentation, attributes, segment, user_groups
from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics import user_metric
from tests import worlds

K = 5


@pytest.fixture(scope="module")
def case() -> tuple[Dataset, TestUsers, np.ndarray]:
    data = worlds.world("full").data()
    rows = np.flatnonzero(np.diff(data.strength.indptr) > 0)
    rng = np.random.default_rng(0)
    relevant = rng.random((len(rows), len(data.items))) < 0.2
    top = np.stack([rng.permutation(len(data.items))[:K] for _ in rows])
    return data, TestUsers(rows, relevant), top


@pytest.mark.parametrize("name", ["activity", "taste"])
def test_groups_of_users_add_up_to_everybody(name: str, case: tuple) -> None:
    data, test_users, top = case
    found = segment(name, "ndcg@5", top, data, test_users, {})
    table = found.to_dict(samples=200)["groups"]
    whole = user_metric("ndcg@5", top, test_users.relevant)
    assert sum(row["n"] for row in table) == len(whole)
    assert sum(row["n"] * row["mean"] for row in table) == pytest.approx(whole.sum())
    assert all(row["low"] <= row["mean"] <= row["high"] for row in table)


def test_longer_histories_are_the_high_group(case: tuple) -> None:
    data, test_users, top = case
    found = segment("activity", "ndcg@5", top, data, test_users, {})
    lengths = np.diff(data.strength.indptr)[test_users.rows]
    inside = {g: lengths[~np.isnan(found.values[:, n])] for n, g in enumerate(found.groups)}
    assert inside["low"].max() < inside["high"].min() if "high" in inside else True
    assert list(inside) == [g for g in ("low", "middle", "high") if g in inside]


def test_groups_of_users_need_no_metric(case: tuple) -> None:
    data, test_users, top = case
    labels, order = user_groups("activity", data, test_users.rows, {})
    found = segment("activity", "ndcg@5", top, data, test_users, {})
    assert [g for g in order if g in found.groups] == found.groups
    for n, group in enumerate(found.groups):
        assert ((labels == group) == ~np.isnan(found.values[:, n])).all()


def test_items_split_the_held_out_items(case: tuple) -> None:
    data, test_users, top = case
    found = segment("items", "recall@5", top, data, test_users, {})
    assert found.groups[:2] == ["head", "tail"]
    parts = np.nansum(
        np.stack(
            [found.values[:, n] * _count(found.groups[n], data, test_users) for n in range(len(found.groups))]
        ),
        axis=0,
    )
    whole = user_metric("recall@5", top, test_users.relevant) * test_users.relevant.sum(axis=1)
    np.testing.assert_allclose(parts, whole)


def _count(group: str, data: Dataset, test_users: TestUsers) -> np.ndarray:
    from mgrec_core.evaluation.segments import head_items

    head, new = head_items(data.popularity), data.popularity == 0
    mask = {"head": head, "tail": ~head & ~new, "new": new}[group]
    return (test_users.relevant & mask).sum(axis=1)


def test_attributes_of_users(case: tuple) -> None:
    data, test_users, top = case
    ids = [data.users[row] for row in test_users.rows]
    town = pd.Series({u: ("Ulm", "Bonn")[n % 2] for n, u in enumerate(ids[:-2])})
    found = segment("town", "ndcg@5", top, data, test_users, {"town": town})
    assert found.groups == ["Bonn", "Ulm"]
    assert np.isnan(found.values).all(axis=1).sum() == 2
    age = pd.Series({u: str(n * 3) for n, u in enumerate(ids)})
    bands = segment("age", "ndcg@5", top, data, test_users, {"age": age})
    assert len(bands.groups) == 3 and bands.groups[0].startswith("0 – ")
    sizes = (~np.isnan(bands.values)).sum(axis=0)
    assert sizes.max() - sizes.min() <= 1
    many = pd.Series({u: f"street {n}" for n, u in enumerate(ids)})
    assert segment("street", "ndcg@5", top, data, test_users, {"street": many}).groups[-1] == "other"


def test_a_planted_gap_is_found_and_none_is_not() -> None:
    rng = np.random.default_rng(1)
    values = np.full((400, 2), np.nan)
    values[:150, 0] = rng.normal(0.5, 0.2, 150)
    values[150:, 1] = rng.normal(0.4, 0.2, 250)
    gap = Segmentation("x", ["a", "b"], values).to_dict(2000)["gap"]
    assert (gap["best"], gap["worst"], gap["significant"]) == ("a", "b", True)
    values[:150, 0] -= 0.1
    assert not Segmentation("x", ["a", "b"], values).to_dict(2000)["gap"]["significant"]


def test_segments_without_users_are_one_line(case: tuple) -> None:
    data, test_users, top = case
    nobody = {"town": pd.Series({"someone else": "Ulm"})}
    for name, people, said in (
        ("town", nobody, "segment town has no users"),
        ("cold-users", {}, "segment cold-users has no users"),
        (
            "weekday",
            nobody,
            "unknown segment 'weekday': choose among activity, taste, cold-users, items, town",
        ),
    ):
        with pytest.raises(InputError, match=said) as raised:
            segment(name, "ndcg@5", top, data, test_users, people)
        assert "\n" not in str(raised.value)


def test_attributes_are_read_from_the_tables() -> None:
    world = worlds.World(
        events=(("u", "i", "click", None, None, None, None),),
        user_attributes=(("u", "town", "Ulm"), ("u", "town", "Bonn"), ("u", "age", "7")),
    )
    found = attributes(world.connect())
    assert found["town"].to_dict() == {"u": "Bonn"} and found["age"].to_dict() == {"u": "7"}
