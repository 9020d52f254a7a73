"""The receipt of an import."""

from __future__ import annotations

import json
from importlib import resources

import duckdb

from mgrec_core.data.receipt import ExampleRow, FileReceipt, Reason, ReceiptWriter


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
