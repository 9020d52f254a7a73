"""A database written anew holds every table, and every table is looked through for who is forgotten."""

from __future__ import annotations

import duckdb

from mgrec_core.data.forgetting import holders
from mgrec_core.data.importers.rewriting import ORDERS, RECEIPT, added, sql
from mgrec_core.data.options import ImportOptions


def columns() -> dict[str, set[str]]:
    with duckdb.connect() as connection:
        connection.execute(sql("schema.sql"))
        rows = connection.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall()
        mine = {
            row[0]
            for row in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE NOT internal"
            ).fetchall()
        }
    found: dict[str, set[str]] = {}
    for table, column in rows:
        if table in mine:
            found.setdefault(table, set()).add(column)
    return found


def test_no_table_of_the_schema_is_left_behind() -> None:
    made_anew = {"event_types", "rating_scale", "no_rating", "kg_offered", "kg_links"}
    assert columns().keys() == {*ORDERS, *RECEIPT, *made_anew, "meta"}
    assert added(1, ImportOptions()).rows.keys() == ORDERS.keys()


def test_every_column_of_ids_is_looked_through() -> None:
    told = {"user": ("user", "friend"), "item": ("item",)}
    #: The nodes of the graph have a rule of their own; advertisements are not forgotten.
    apart = {"kg", "kg_offered"}
    with duckdb.connect() as connection:
        connection.execute(sql("schema.sql"))
        held = {kind: holders(connection, kind) for kind in ("user", "item")}  # type: ignore[arg-type]
    assert {"events", "social"} <= set(columns())
    for table, names in columns().items():
        for name in (name for name in names if name.endswith("_id") and table not in apart):
            kinds = [kind for kind, words in told.items() if name.removesuffix("_id") in words]
            if name in ("ad_id", "event_id", "session_id") or (table, name) == ("kg_links", "node_id"):
                assert not kinds
                continue
            assert len(kinds) == 1, f"nobody looks through {table}.{name} when something is forgotten"
            assert name in held[kinds[0]][table]  # type: ignore[index]
