"""A digest of what the tables hold, whatever the order of the rows that brought it there."""

from __future__ import annotations

import hashlib

import duckdb

TABLES = (
    "users",
    "items",
    "item_attributes",
    "user_attributes",
    "columns",
    "tags",
    "events",
    "event_types",
    "rating_scale",
    "no_rating",
    "kg",
    "social",
    "feedback",
    "ads",
    "ad_attributes",
    "ad_items",
    "ad_events",
)


def data_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Return 64 hexadecimal digits that name the canonical content of a database.

    Per table the number of rows and two sums over the rows' 64-bit hashes (DuckDB's, which keep cells
    apart and know NULL from empty), all of it through SHA-256. It tells changed data from unchanged
    ones, in one pass; it is no seal against somebody who would forge data to fit.

    Parameters
    ----------
    connection
        A database with the canonical tables.
    """
    digest = hashlib.sha256()
    for table in TABLES:
        names = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall() if row[0] != "event_id"]
        row = connection.execute(
            "SELECT count(*), sum(CAST(code AS HUGEINT)), sum(CAST(hash(code) AS HUGEINT))"
            f" FROM (SELECT hash({', '.join(names)}) AS code FROM {table})"
        ).fetchone()
        digest.update(f"{table} {'|'.join(names)} {row}\n".encode())
    return digest.hexdigest()
