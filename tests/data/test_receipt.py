"""The receipt of an import."""

from __future__ import annotations

import json
from importlib import resources

import duckdb

from mgrec_core.data.receipt import ExampleRow, FileReceipt, Reason, ReceiptWriter, ordered


def test_what_was_collected_is_written_and_reported() -> None:
    connection = duckdb.connect()
    connection.execute(resources.files("mgrec_core.data").joinpath("schema.sql").read_text(encoding="utf-8"))
    connection.execute("INSERT INTO items VALUES ('i', 'Tea', NULL)")
    receipt = ReceiptWriter()
    receipt.files.append(FileReceipt("it's.csv", "items", 3, 1, 1, 1))
    receipt.reasons.append(Reason("it's.csv", "missing_item_id", "rejected", 1, "there is no item_id"))
    receipt.examples.append(ExampleRow("it's.csv", "missing_item_id", None, "'; DROP TABLE items; --"))
    receipt.ignore("links.csv", "ignored_file", "not read")
    receipt.write(connection)
    report = receipt.report(connection, "shop", "canonical")
    assert report.counts == {
        "users": 0,
        "items": 1,
        "events": 0,
        "item_attributes": 0,
        "kg": 0,
        "social": 0,
        "feedback": 0,
        "tags": 0,
    }
    assert connection.execute("FROM import_files").fetchall() == [("it's.csv", "items", 3, 1, 1, 1)]
    assert connection.execute("SELECT action, count FROM import_reasons").fetchall() == [
        ("rejected", 1),
        ("ignored", 1),
    ]
    assert connection.execute("FROM import_examples").fetchall() == [
        ("it's.csv", "missing_item_id", None, "'; DROP TABLE items; --")
    ]
    document = json.loads(json.dumps(report.to_dict()))
    assert document["files"][0]["rejected"] == 1 and document["reasons"][1]["rule"] == "ignored_file"


def test_an_empty_receipt_writes_nothing() -> None:
    connection = duckdb.connect()
    connection.execute(resources.files("mgrec_core.data").joinpath("schema.sql").read_text(encoding="utf-8"))
    ReceiptWriter().write(connection)
    assert connection.execute("SELECT count(*) FROM import_files").fetchone() == (0,)


def test_columns_of_a_file_are_one_reason_that_names_them() -> None:
    receipt = ReceiptWriter()
    for file, name in (("a.csv", "size"), ("a.csv", "it's"), ("b.csv", "size"), ("a.csv", "colour")):
        receipt.ignore(file, "ignored_column", f"the column '{name}' is not mapped and is not used")
    receipt.ignore("a.csv", "ignored_column", "the column 'v' has no place here and is not used")
    told = {(r.file, r.explanation): r.count for r in receipt.reasons}
    assert told == {
        ("b.csv", "the column 'size' is not mapped and is not used"): 1,
        ("a.csv", "3 columns are not mapped and are not used: 'size', 'it's', 'colour'"): 3,
        ("a.csv", "the column 'v' has no place here and is not used"): 1,
    }


def test_what_changes_results_comes_first() -> None:
    reasons = [
        Reason("a.csv", "ignored_column", "ignored", 78, "78 columns"),
        Reason("a.csv", "duplicate_item", "rejected", 900, "read before"),
        Reason("a.csv", "trimmed", "repaired", 500, "spaces"),
        Reason("a.csv", "bad_timestamp", "repaired", 286, "undated"),
        Reason("a.csv", "missing_item_id", "rejected", 26, "no item"),
    ]
    found = ordered(reasons)
    assert [r.rule for r in found] == [
        "bad_timestamp", "missing_item_id", "trimmed", "duplicate_item", "ignored_column",
    ]  # fmt: skip
    assert [r.matters for r in found] == [True, True, False, False, False]


def test_repeated_rows_are_told_as_repeated_and_a_rule_that_is_off_as_off() -> None:
    told = [
        Reason("a.csv", "duplicate_item", "rejected", 900, "read before").said,
        Reason("a.csv", "duplicate_item", "switched off", 0, "not applied").said,
        Reason("a.csv", "missing_item_id", "rejected", 1, "there is no item_id").said,
    ]
    assert told == ["repeated", "switched off", "rejected"]
