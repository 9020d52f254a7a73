"""Columns that become rows and rows that become columns.

``unpivot: {columns: "joke_*", name: item_id, value: rating}`` makes a row of each column, and
``pivot: {rows: [itemid], name: property, value: value}`` makes a column of each property.
"""

from __future__ import annotations

from typing import Annotated

import duckdb
from pydantic import Field, field_validator

from mgrec_core.data.cells import literal, saying, trimmed
from mgrec_core.data.importers.mapping.verbs.base import MOST_COLUMNS, Name, Verb, matching, rewritten
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten


class Unpivot(Verb):
    """Which columns become rows."""

    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=1_000)]
    """Their names, or patterns such as ``joke_*``."""
    name: Name
    """Column that says which of them a row comes from."""
    value: Name
    """Column with what was in it; cells that are empty or only a word for nothing make no row."""
    row: Name | None = None
    """Column that is to number the rows of the file, where nothing in it says whose they are."""
    without: Annotated[str, Field(max_length=60)] = ""
    """What is left out at the beginning of their names."""

    @field_validator("columns", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Pivot(Verb):
    """Which rows become columns."""

    rows: Annotated[tuple[Name, ...], Field(min_length=1, max_length=10)]
    """Columns that are the same in all rows that become one."""
    name: Name
    """Column whose values become names of columns."""
    value: Name
    """Column whose values they get; several are separated by ``|``."""
    only: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    """Names that become columns; by default all do."""


def unpivot(connection: duckdb.DuckDBPyConnection, staged: Staged, given: Unpivot) -> Staged:
    """Make a row of each cell that says something: neither an empty one nor ``NA`` or ``NULL`` does."""
    wide: dict[str, str] = {}
    for pattern in given.columns:
        wide.update(matching(staged, pattern))
    names = ", ".join(literal(name.removeprefix(given.without)) for name in wide)
    cells = ", ".join(f"file.{column}" for column in wide.values())
    made = {given.name: "cell.name", given.value: "cell.value"}
    if given.row:
        made[given.row] = "CAST(file._row AS VARCHAR)"
    lateral = (
        f", (SELECT unnest([{names}]) AS name, unnest([{cells}]) AS value) AS cell"
        f" WHERE {saying('cell.value')} IS NOT NULL"
    )
    return rewritten(
        connection, staged, made, without=frozenset(wide.values()), rest=lateral, row="row_number() OVER ()"
    )


def pivot(connection: duckdb.DuckDBPyConnection, staged: Staged, given: Pivot) -> Staged:
    """Make one row of those that have the same keys."""
    keys = {name: staged.need(name) for name in given.rows}
    name, value = staged.need(given.name), staged.need(given.value)
    found = [*given.only] or [
        one
        for (one,) in connection.execute(
            f"SELECT {trimmed(name)} AS name FROM {staged.table} WHERE {trimmed(name)} IS NOT NULL"
            f" GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_COLUMNS}"
        ).fetchall()
    ]
    if not found:
        raise InputError(
            f"'{shorten(given.name, 60)}' of {shorten(staged.file)} is empty: it names no columns"
        )
    made = {key: f"any_value(file.{column})" for key, column in keys.items()}
    made |= {
        one: f"string_agg(DISTINCT file.{value}, '|' ORDER BY file.{value})"
        f" FILTER (WHERE {trimmed('file.' + name)} = {literal(one)})"
        for one in found
        if one.lower() not in {key.lower() for key in keys}
    }
    others = frozenset(column for column in staged.columns.values() if column not in keys.values())
    groups = ", ".join(trimmed(f"file.{column}") for column in keys.values())
    return rewritten(
        connection,
        staged,
        made,
        without=others,
        rest=f"GROUP BY {groups} ORDER BY min(file._row)",
        row="min(file._row)",
    )
