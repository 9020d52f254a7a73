"""What Python found, as a table of the database.

Not by way of a data frame: an import runs in a process of its own, and loading pandas would be a third of
what that process takes to start.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb


def keep(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[tuple[object, ...]], **columns: str
) -> None:
    """Make a temporary table.

    Parameters
    ----------
    name
        The table's.
    rows
        As many values each as there are columns.
    **columns
        Names of the columns and their types.
    """
    lists = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    chosen = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {chosen}", lists)
