"""Values that mean none: ``missing: [99, N/A]`` everywhere, or ``missing: {"joke_*": [99]}`` in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from mgrec_core.data.cells import literal, trimmed
from mgrec_core.data.importers.mapping.verbs.base import matching, rewritten
from mgrec_core.data.staged import Staged


def apply(
    connection: duckdb.DuckDBPyConnection, staged: Staged, given: Mapping[str, Sequence[str]]
) -> Staged:
    """Empty the cells that hold such a value; 99 is 99.00 too."""
    made: dict[str, str] = {}
    for pattern, values in given.items():
        columns = staged.columns if pattern == "*" else matching(staged, pattern)
        for name, column in columns.items():
            made[name] = f"CASE WHEN {holds('file.' + column, values)} THEN NULL ELSE file.{column} END"
    return rewritten(connection, staged, made) if made else staged


def holds(column: str, values: Sequence[str]) -> str:
    """Return SQL that is true where a cell holds one of some values."""
    listed = ", ".join(literal(one.strip()) for one in values)
    tests = [f"{trimmed(column)} IN ({listed})"]
    numbers = []
    for value in values:
        try:
            numbers.append(repr(float(value)))
        except ValueError:
            continue
    if numbers := [one for one in numbers if one not in ("nan", "inf", "-inf")]:
        tests.append(f"coalesce(try_cast({column} AS DOUBLE) IN ({', '.join(numbers)}), false)")
    return " OR ".join(tests)
