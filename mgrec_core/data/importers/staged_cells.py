"""Questions to the cells of a staging table, and writing some of its columns anew."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from mgrec_core.data.staged import Staged

SAMPLED = 1_000
"""First rows that tell which columns are worth a look at all rows."""
_AT_ONCE = 100  # columns in one query


def first_rows(staged: Staged) -> str:
    """Return SQL for the first rows of a file."""
    return f"(FROM {staged.table} LIMIT {SAMPLED})"


def any_row(connection: duckdb.DuckDBPyConnection, staged: Staged, condition: str) -> bool:
    """Return whether a condition holds for any row."""
    return bool(connection.execute(f"SELECT 1 FROM {staged.table} WHERE {condition} LIMIT 1").fetchall())


def true_of(connection: duckdb.DuckDBPyConnection, table: str, tests: Mapping[str, str]) -> list[str]:
    """Return the names of the aggregates that hold; many in one query cost the square of their number."""
    names = list(tests)
    found: list[str] = []
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        row = connection.execute(f"SELECT {', '.join(tests[n] for n in some)} FROM {table}").fetchone() or ()
        found += [name for name, holds in zip(some, row, strict=True) if holds]
    return found


def write_columns(connection: duckdb.DuckDBPyConnection, staged: Staged, changed: Mapping[str, str]) -> None:
    """Replace columns by expressions; nothing is done where there are none."""
    if not changed:
        return
    listed = ", ".join(f"{expression} AS {column}" for column, expression in changed.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {staged.table} AS SELECT * REPLACE ({listed}) FROM {staged.table}"
    )
