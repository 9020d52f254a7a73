"""What the verbs share: a staging table becomes another one, with columns under names that stay data."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

MOST_COLUMNS = 500
"""Columns that a verb may make."""

Name = Annotated[str, Field(min_length=1, max_length=300)]
Value = Annotated[str, Field(max_length=300)]
Tell = Callable[[str, int, str], None]
"""Takes what was done, how many rows it concerns and a sentence, for the receipt."""

_serial = itertools.count()


class Verb(BaseModel):
    """A change of a staging table that a mapping asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def rewritten(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    made: Mapping[str, str],
    *,
    without: frozenset[str] = frozenset(),
    rest: str = "",
    row: str = "file._row",
) -> Staged:
    """Return the file with further columns; its first table is dropped.

    Parameters
    ----------
    connection
        Where the staging table is.
    staged
        The file; in SQL it is called ``file``.
    made
        Name → SQL expression over its columns. A name that the file has already gets the new values.
    without
        SQL columns that are left out.
    rest
        What follows ``FROM file``: joins, conditions, groups.
    row
        SQL for the number of a row.
    """
    kept = {name: column for name, column in staged.columns.items() if column not in without}
    table = f"verb_{next(_serial)}"
    lower = {name.lower(): name for name in kept}
    listed: dict[str, str] = {}
    expressions: list[str] = []
    for name, column in kept.items():
        listed[name] = f"c{len(listed)}"
        given = next((made[one] for one in made if lower.get(one.lower()) == name), f"file.{column}")
        expressions.append(f"{given} AS {listed[name]}")
    for name, expression in made.items():
        if name.lower() not in lower:
            listed[name] = f"c{len(listed)}"
            expressions.append(f"{expression} AS {listed[name]}")
    if len(listed) > MOST_COLUMNS + len(kept):
        raise InputError(f"{shorten(staged.file)} would get more than {MOST_COLUMNS} columns; map fewer")
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT {row} AS _row, {', '.join(expressions)}"
        f" FROM {staged.table} AS file {rest}"
    )
    connection.execute(f"DROP TABLE {staged.table}")
    return replace(staged, table=table, columns=listed)


def matching(staged: Staged, pattern: str) -> dict[str, str]:
    """Return the columns that a name, or a pattern with ``*``, stands for.

    Raises
    ------
    InputError
        When there are none.
    """
    if staged.find(pattern) or "*" not in pattern:
        return {pattern: staged.need(pattern)}
    found = {
        name: column
        for name, column in staged.columns.items()
        if fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))
    }
    if not found:
        raise InputError(
            f"{shorten(staged.file)} has no column like '{shorten(pattern, 60)}'"
            f" (it has: {shorten(', '.join(staged.columns), 120)}); name others in the mapping"
        )
    return found
