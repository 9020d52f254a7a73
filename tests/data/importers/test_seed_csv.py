"""The three plain files: what each column becomes."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.data.importers.sources import SEED

EVENTS = "SELECT user_id, item_id, event, rating FROM events ORDER BY ALL"


def test_the_three_files(run) -> None:
    imported = run(SEED)
    assert imported.rows("SELECT user_id, item_id, event, timestamp FROM events") == [
        ("u1", "i1", "click", datetime(2024, 3, 1, 10, 46, 40)),
        ("u1", "i2", "purchase", datetime(2024, 3, 1, 10, 46, 41)),
        ("u2", "i2", "impression", datetime(2024, 3, 1, 10, 46, 42)),
    ]
    assert imported.reasons("user_behavior.csv") == {
        "missing_user_id": 1, "lower_case": 1, "negative_label": 1,
    }  # fmt: skip
    assert imported.rows("FROM items") == [("i1", "Tea", None), ("i2", None, None)]
    assert imported.rows("FROM item_attributes") == [
        ("i1", "feature", "hot"), ("i1", "origin", "India"), ("i1", "price", "3.5"),
        ("i2", "feature", "Coffee beans"), ("i2", "feature", "dark"), ("i2", "origin", "Brazil"),
    ]  # fmt: skip
    assert imported.rows("FROM kg") == [
        ("i1", "grown_by", "feature:Farm", "Farm", "given", 1.0),
        ("i2", "grown_by", "feature:Farm", "Farm", "given", 1.0),
        ("i2", "has_feature", "feature:bitter", "bitter", "given", 1.0),
    ]
    assert imported.rows("SELECT user_id FROM v_seen ORDER BY 1") == [("u1",), ("u1",)]


def test_without_item_ids_the_behavior_names_the_item(run) -> None:
    rows = "user_id,behavior\nu1,i1\nu1,Click:i2\nu1,isbn:123\nu1,\n"
    imported = run({"user_behavior.csv": rows})
    assert imported.rows(EVENTS) == [
        ("u1", "i1", "interaction", None),
        ("u1", "i2", "click", None),
        ("u1", "isbn:123", "interaction", None),
    ]  # fmt: skip
    assert imported.reasons("user_behavior.csv") == {"missing_item_id": 1}


@pytest.mark.parametrize(
    ("labels", "events", "ratings"),
    [
        (("1", "0"), ["view", "impression"], [None, None]),
        (("true", "False"), ["view", "impression"], [None, None]),
        (("1", "-1"), ["view", "impression"], [None, None]),
        (("4.5", "0"), ["view", "view"], [4.5, 0]),
        (("good", "bad"), ["view", "view"], [None, None]),
    ],
)
def test_labels(run, labels, events, ratings) -> None:
    rows = "".join(f"u{n},view,i1,{label}\n" for n, label in enumerate(labels))
    imported = run({"user_behavior.csv": "user_id,behavior,item_id,label\n" + rows})
    assert [row[2:] for row in imported.rows(EVENTS)] == list(zip(events, ratings, strict=True))
    assert ("ignored_column" in imported.reasons("user_behavior.csv")) == (labels[0] == "good")


def test_other_names_of_the_columns(run) -> None:
    rows = "UserID,Item,action,time,colour\nu1,i1,buy,2024-03-01,red\n"
    imported = run({"user_behavior.csv": rows})
    assert imported.rows("SELECT user_id, item_id, event, timestamp FROM events") == [
        ("u1", "i1", "buy", datetime(2024, 3, 1))
    ]
    assert imported.reasons("user_behavior.csv") == {"ignored_column": 1}


def test_features_of_users_are_their_attributes(run) -> None:
    imported = run({**SEED, "kg_data.csv": "user_id,kg_feature\nu1,likes:tea|coffee\nu9,age=30\n"})
    assert imported.rows("FROM user_attributes") == [
        ("u1", "kg_feature", "coffee"), ("u1", "likes", "tea"), ("u9", "age", "30"),
    ]  # fmt: skip
    assert imported.rows("SELECT user_id FROM users ORDER BY 1") == [("u1",), ("u2",), ("u9",)]
    assert imported.rows("SELECT DISTINCT source <> 'given' FROM kg") in ([], [(True,)])


def test_triples_are_taken_as_they_are(run) -> None:
    imported = run({**SEED, "kg_data.csv": "head,relation,tail\ni1,made_in,India\nIndia,in,Asia\ni1,,x\n"})
    assert imported.rows("SELECT head_id, relation, tail_id FROM kg") == [
        ("India", "in", "Asia"), ("i1", "made_in", "India"),
    ]  # fmt: skip
    assert imported.reasons("kg_data.csv") == {"missing_relation": 1}


def test_prose_and_addresses_stay_whole(run) -> None:
    features = 'item_id,item_attr\ni1,"A tale, told twice"\ni2,http://shop/x\ni3,"red,cotton"\n'
    imported = run({**SEED, "item_features.csv": features})
    assert imported.rows("SELECT item_id, value FROM item_attributes") == [
        ("i1", "A tale, told twice"), ("i2", "http://shop/x"), ("i3", "cotton"), ("i3", "red"),
    ]  # fmt: skip


def test_columns_that_cannot_be_found_are_named(refuse) -> None:
    assert "'behavior'" in refuse({"user_behavior.csv": "user_id,what\nu,x\n"}, name="a")
    assert "'item_attr'" in refuse({**SEED, "item_features.csv": "item_id\ni1\n"}, name="b")
    assert "'head'" in refuse({**SEED, "kg_data.csv": "item_id,what\ni1,x\n"}, name="c")
    assert "user_behavior.csv" in refuse({"x.csv": "a\n1\n"}, format="seed-csv", name="d")
