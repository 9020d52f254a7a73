"""What Python found, as a table of the database.

Not by way of a data frame: an import runs in a process of its own, and loading pandas would be a third of
what that process takes to start.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import numpy as np


def keep(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[tuple[object, ...]], /, **columns: str
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
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    given = {column: np.array(held, dtype=object) for column, held in zip(columns, values, strict=True)}
    chosen = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in columns.items())
    connection.register("found_rows", given)
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {chosen} FROM found_rows")
    finally:
        connection.unregister("found_rows")
