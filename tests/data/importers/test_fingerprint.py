"""The digest of a database's content."""

from __future__ import annotations

from importlib import resources

import duckdb
import pytest

from mgrec_core.data.importers import data_fingerprint


def database(*statements: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(resources.files("mgrec_core.data").joinpath("schema.sql").read_text(encoding="utf-8"))
    for statement in statements:
        connection.execute(statement)
    return connection


ITEM = "INSERT INTO items VALUES ('a', 'b', NULL)"


def test_the_order_of_rows_and_the_receipt_do_not_matter() -> None:
    one = database(ITEM, "INSERT INTO users VALUES ('u'), ('v')")
    two = database("INSERT INTO users VALUES ('v'), ('u')", ITEM, "INSERT INTO meta VALUES ('dataset', 'x')")
    assert data_fingerprint(one) == data_fingerprint(two)


@pytest.mark.parametrize(
    "other",
    [
        "INSERT INTO items VALUES ('a', NULL, 'b')",
        "INSERT INTO items VALUES ('a', 'b', '')",
        "INSERT INTO items VALUES ('ab', '', NULL)",
        "INSERT INTO items VALUES ('a', 'b', NULL), ('c', 'b', NULL)",
        "INSERT INTO users VALUES ('a')",
    ],
)
def test_other_content_has_another_digest(other: str) -> None:
    assert data_fingerprint(database(ITEM)) != data_fingerprint(database(other))


def test_rows_twice_are_not_rows_once() -> None:
    row = "INSERT INTO item_attributes VALUES ('a', 'b', 'c')"
    assert data_fingerprint(database(row)) != data_fingerprint(database(row, row))
