"""A database written anew holds every table."""

from __future__ import annotations

import duckdb

from mgrec_core.data.importers.rewriting import ORDERS, RECEIPT, added, sql


def test_no_table_of_the_schema_is_left_behind() -> None:
    with duckdb.connect() as connection:
        connection.execute(sql("schema.sql"))
        tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {*ORDERS, *RECEIPT, "meta", "event_types"}
    assert added(1).rows.keys() == ORDERS.keys()
