"""A digest of what the tables hold, whatever the order of the rows that brought it there."""

from __future__ import annotations

import hashlib

import duckdb

TABLES = (
    "users",
    "items",
    "item_attributes",
    "user_attributes",
    "tags",
    "events",
    "event_types",
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

    Per table the number of rows and the sum of the rows' MD5 numbers, all of it through SHA-256.

    Parameters
    ----------
    connection
        A database with the canonical tables.
    """
    digest = hashlib.sha256()
    for table in TABLES:
        names = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall() if row[0] != "event_id"]
        # Each cell with its length, so that no text can look like two cells.
        texts = [f"CAST({name} AS VARCHAR)" for name in names]
        cells = " || ".join(f"coalesce(length({text}) || ':' || {text}, '-')" for text in texts)
        row = connection.execute(f"SELECT count(*), sum(md5_number_lower({cells})) FROM {table}").fetchone()
        digest.update(f"{table} {'|'.join(names)} {row}\n".encode())
    return digest.hexdigest()
