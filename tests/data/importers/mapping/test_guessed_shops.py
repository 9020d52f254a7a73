"""What the guess makes of a shop's nested orders and flags, of tips, of marks and of a matrix without names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping.guess import guess
from mgrec_core.data.preview import sample
from tests.data.importers.conftest import Imported


@pytest.fixture
def guessed(write: Callable[..., Path], tmp_path: Path) -> Callable[..., Imported]:
    def run(files: dict[str, str]) -> Imported:
        folder = write(files)
        database = tmp_path / "guessed.duckdb"
        report = import_source(folder, database, mapping=guess(sample(folder, unread=[]), "guessed"))
        return Imported(report, database)

    return run


def test_what_an_object_in_an_orders_line_says_of_the_product_is_its_attributes(guessed) -> None:
    product = {"brand": "Acme", "category": "Tea", "material": "tin", "id": 7}
    line = {"sku": "a", "quantity": 2, "colour": "red", "product": product}
    other = {"sku": "b", "quantity": 1, "colour": "blue", "product": {"brand": "Bolt"}}
    orders = [
        {"id": 1, "customer_id": "c1", "created_at": "2024-01-02T10:00:00Z", "line_items": [line, other]},
        {"id": 2, "customer_id": "c2", "created_at": "2024-01-03T10:00:00Z", "line_items": [line]},
    ]
    found = guessed({"orders.jsonl": "\n".join(map(json.dumps, orders))})
    assert found.rows("SELECT user_id, item_id, weight FROM events ORDER BY ALL") == [
        ("c1", "a", 2.0),
        ("c1", "b", 1.0),
        ("c2", "a", 2.0),
    ]
    assert found.rows("SELECT item_id, attribute, value FROM item_attributes ORDER BY ALL") == [
        ("a", "brand", "Acme"),
        ("a", "category", "Tea"),
        ("a", "material", "tin"),
        ("b", "brand", "Bolt"),
    ]
    told = [one.explanation for one in found.report.reasons if one.rule == "ignored_column"]
    assert any("'line_items.colour'" in one for one in told) and not any("material" in one for one in told)


@pytest.mark.parametrize(
    ("column", "words"),
    [("refunded", ("no", "yes")), ("is_cancelled", ("0", "1")), ("Storniert", ("nein", "Ja"))],
)
def test_orders_that_a_flag_says_were_taken_back_are_left_out(guessed, column: str, words) -> None:
    kept, gone = words
    rows = [f"c{n},s{n % 3},2024-01-0{n + 1},{gone if n in (1, 4) else kept}" for n in range(6)]
    found = guessed({"orders.csv": "\n".join([f"customer,sku,ordered,{column}", *rows])})
    assert found.rows("SELECT user_id FROM events ORDER BY ALL") == [("c0",), ("c2",), ("c3",), ("c5",)]
    assert not [one for one in found.report.reasons if one.rule == "ignored_column"]


def test_a_column_of_what_was_refunded_that_is_no_flag_leaves_nothing_out(guessed) -> None:
    rows = [f"c{n},s{n % 3},2024-01-0{n + 1},{n * 2.5}" for n in range(4)]
    found = guessed({"orders.csv": "\n".join(["customer,sku,ordered,refunded", *rows])})
    assert found.report.counts["events"] == 4


@pytest.mark.parametrize(
    ("column", "marks", "doubt"),
    [
        ("Note", "123456", True),
        ("Schulnote", "1234", True),
        ("Note", "12345", False),
        ("note", ["12", "15.5", "18"], False),
        ("rating", "123456", False),
    ],
)
def test_which_end_of_marks_is_the_best_is_a_told_doubt(guessed, column: str, marks, doubt: bool) -> None:
    rows = [f"k{n},a{n % 3},{mark}" for n, mark in enumerate(marks)]
    found = guessed({"x.csv": "\n".join([f"Kunde,Artikel,{column}", *rows])})
    told = [one.explanation for one in found.report.reasons if one.rule == "marks"]
    assert bool(told) == doubt
    assert not doubt or f'values: {{{column}: {{"1": 6, "2": 5' in told[0]


def test_jester_without_names(guessed) -> None:
    rows = [[f"{(n * u) % 19 - 9}.5" if (n + u) % 3 else "99" for n in range(30)] for u in range(8)]
    lines = [",".join([str(sum(one != "99" for one in row)), *row]) for row in rows]
    found = guessed({"jester-data-1.csv": "\n".join(lines) + "\n"})
    ratings = {
        (user, item): rating
        for user, item, rating in found.rows("SELECT user_id, item_id, rating FROM events")
    }
    assert ratings == {
        (str(u + 1), f"c{n + 2}"): float(one)
        for u, row in enumerate(rows)
        for n, one in enumerate(row)
        if one != "99"
    }


def test_yelps_tips(guessed) -> None:
    tips = [
        {
            "user_id": f"u{n}",
            "business_id": "b1",
            "text": "Soup!",
            "date": "2014-03-27 03:51:24",
            "compliment_count": 0,
        }
        for n in range(3)
    ]
    found = guessed({"yelp_academic_dataset_tip.json": "\n".join(map(json.dumps, tips))})
    assert found.rows("SELECT DISTINCT item_id, event, weight, rating FROM events") == [
        ("b1", "tip", None, None)
    ]
    assert found.rows("SELECT strength, known FROM event_types") == [(0.8, True)]
