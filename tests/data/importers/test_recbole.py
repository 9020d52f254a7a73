"""RecBole's atomic files: typed columns, links, friends."""

from __future__ import annotations

import pytest

from tests.data.importers.sources import RECBOLE


def test_a_small_set(run) -> None:
    imported = run(RECBOLE)
    assert imported.rows("SELECT user_id, item_id, event, rating FROM events") == [
        ("1", "10", "rating", 4.0), ("1", "20", "rating", 3.5),
    ]  # fmt: skip
    assert imported.rows("FROM items") == [("10", 'Toy "Story"', None), ("20", "Heat", None)]
    assert imported.rows("FROM item_attributes") == [
        ("10", "class", "Animation"), ("10", "class", "Children's"), ("20", "class", "Crime"),
        ("10", "year", "1995"), ("20", "year", "1995"),
    ]  # fmt: skip
    assert imported.reasons("ml.item") == {"ignored_column": 1, "duplicate_item": 1}
    assert imported.rows("FROM user_attributes") == [("1", "age", "24"), ("3", "age", "50")]
    assert imported.rows("FROM social") == [("1", "2", 1.0)]


def test_linked_entities_are_items(run) -> None:
    imported = run(RECBOLE)
    assert imported.rows("FROM kg") == [
        ("10", "film.director", "entity:m.9", "m.9", "given", 1.0),
        ("10", "sequel", "20", "m.2", "given", 1.0),
        ("entity:m.9", "born_in", "entity:m.8", "m.8", "given", 1.0),
    ]
    assert imported.reasons("ml.link") == {"missing_tail_id": 1, "unknown_item": 1}


def test_an_entity_linked_twice(run) -> None:
    imported = run({**RECBOLE, "ml.link": "item_id:token\tentity_id:token\n20\tm.1\n10\tm.1\n"})
    assert imported.reasons("ml.link") == {"duplicate_link": 1}
    assert imported.rows("SELECT DISTINCT head_id FROM kg WHERE relation = 'sequel'") == [("10",)]


def test_events_alone_with_labels_and_an_id_of_its_own(run) -> None:
    rows = "user_id:token\tartist_id:token\tlabel:float\tother:token\n1\ta\t1\tx\n1\tb\t0.0\tx\n"
    imported = run({"music.inter": rows})
    assert imported.rows("SELECT item_id, event FROM events ORDER BY 1") == [
        ("a", "interaction"), ("b", "impression"),
    ]  # fmt: skip
    assert imported.reasons("music.inter") == {"negative_label": 1, "ignored_column": 1}


def test_a_link_without_a_graph_is_not_read(run) -> None:
    imported = run({name: content for name, content in RECBOLE.items() if name != "ml.kg"})
    assert imported.reasons("ml.link") == {"ignored_file": 1}


@pytest.mark.parametrize("extra", ["ml.inter", "ml.kg"])
def test_two_files_of_a_kind(refuse, extra: str) -> None:
    message = refuse({**RECBOLE, f"second{extra[2:]}": RECBOLE[extra]})
    assert extra in message and "keep only one" in message


def test_bad_headers_are_named(refuse) -> None:
    rows = "user_id:token\titem_id:token\trating:float\trating:token\n"
    assert "two columns named 'rating'" in refuse({"a.inter": rows}, name="twice")
    assert ".inter" in refuse({"a.csv": "x\n"}, format="recbole", name="none")
