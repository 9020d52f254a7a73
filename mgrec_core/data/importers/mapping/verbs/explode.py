"""A list in a cell becomes rows: ``explode: products``, whose objects' keys are columns then.

Of an object in these objects they are called ``products.product.brand``.
"""

from __future__ import annotations

from typing import Annotated

import duckdb
from pydantic import Field

from mgrec_core.data.cells import literal
from mgrec_core.data.columns.lists import pieces
from mgrec_core.data.importers.mapping.verbs.base import MOST_COLUMNS, Name, Verb, rewritten
from mgrec_core.data.importers.mapping.verbs.lists import JSON, elements
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

_ROW = "row_number() OVER ()"


class Explode(Verb):
    """Which column holds the list."""

    column: Name
    separator: Annotated[str, Field(min_length=1, max_length=10)] = JSON
    """What is between its values, ``python``, ``braces``, or ``json`` for JSON and Python lists."""


def apply(connection: duckdb.DuckDBPyConnection, staged: Staged, given: Explode) -> Staged:
    """Make a row of each element; rows without any are gone."""
    name = given.column
    column = staged.need(name)
    if given.separator != JSON:
        parts = f"unnest({pieces('file.' + column, given.separator)})"
        return rewritten(connection, staged, {name: "part"}, rest=f", {parts} AS parts(part)", row=_ROW)
    found = f"{staged.table}e"
    connection.execute(
        f"CREATE TEMP TABLE {found} AS SELECT file.*, one AS _element"
        f" FROM {staged.table} AS file, unnest({elements('file.' + column)}) AS elements(one)"
    )
    connection.execute(f"DROP TABLE {staged.table}; ALTER TABLE {found} RENAME TO {staged.table}")
    keys = _keys(connection, staged.table)
    if len(keys) > MOST_COLUMNS:
        raise InputError(
            f"the objects in '{shorten(name, 60)}' of {shorten(staged.file)} have more than {MOST_COLUMNS}"
            " different keys, so they are no columns; explode another column"
        )
    if not keys:
        return rewritten(connection, staged, {name: "json_extract_string(file._element, '$')"}, row=_ROW)
    made = {
        f"{name}.{key}": f"json_extract_string(file._element, {literal(pointer)})"
        for key, pointer in keys.items()
    }
    return rewritten(connection, staged, made, without=frozenset({column}), row=_ROW)


def _keys(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the keys of the elements, and of objects in these ``key.inner``, with where they are."""
    rows = connection.execute(
        "SELECT key, list_distinct(flatten(list(inner_keys) FILTER (inner_keys IS NOT NULL))) FROM"
        " (SELECT key, _row, CASE WHEN json_type(_element, pointer) = 'OBJECT'"
        " THEN json_keys(_element, pointer) END AS inner_keys FROM (SELECT _row, _element,"
        " unnest(json_keys(_element)) AS key, '/' || replace(replace(key, '~', '~0'), '/', '~1') AS pointer"
        f" FROM {table} WHERE json_type(_element) = 'OBJECT'))"
        f" GROUP BY key ORDER BY min(_row), key LIMIT {MOST_COLUMNS + 1}"
    ).fetchall()
    found: dict[str, str] = {}
    for key, inner in rows:
        own = _pointer(key)
        within = {f"{key}.{one}": f"{own}{_pointer(one)}" for one in sorted(inner or ())}
        found |= within or {key: own}
    return found


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
