"""A list in a cell becomes rows: ``explode: products``, whose objects' keys are columns then."""

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
    keys = [
        key
        for (key,) in connection.execute(
            "SELECT key FROM (SELECT unnest(json_keys(_element)) AS key, _row"
            f" FROM {staged.table} WHERE json_type(_element) = 'OBJECT')"
            f" GROUP BY key ORDER BY min(_row), key LIMIT {MOST_COLUMNS + 1}"
        ).fetchall()
    ]
    if len(keys) > MOST_COLUMNS:
        raise InputError(
            f"the objects in '{shorten(name, 60)}' of {shorten(staged.file)} have more than {MOST_COLUMNS}"
            " different keys, so they are no columns; explode another column"
        )
    if not keys:
        return rewritten(connection, staged, {name: "json_extract_string(file._element, '$')"}, row=_ROW)
    made = {f"{name}.{key}": f"json_extract_string(file._element, {literal(_pointer(key))})" for key in keys}
    return rewritten(connection, staged, made, without=frozenset({column}), row=_ROW)


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
