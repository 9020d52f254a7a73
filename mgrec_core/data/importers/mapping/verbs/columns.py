"""Columns made of others: the first that is not empty, the parts of one, other words for its values.

``coalesce: {who: [Email, Phone]}``, ``split: [{column: Name, by: " - ", into: [title, colour]}]``,
``values: {recommended: {"true": recommend, "false": not_recommend}}`` and, where a line heads those below it,
``carry: {column: c1, ending: ":", name: movie}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import duckdb
from pydantic import Field

from mgrec_core.data.cells import literal, saying, trimmed
from mgrec_core.data.importers.mapping.verbs.base import Name, Verb, rewritten
from mgrec_core.data.staged import Staged


class Split(Verb):
    """Which column is taken apart."""

    column: Name
    by: Annotated[str, Field(min_length=1, max_length=20)]
    """What is between its parts."""
    into: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    """Names of the parts; the last one takes what is left."""


class Carry(Verb):
    """Which lines head others."""

    column: Name
    """Column whose value in a heading ends with ``ending``."""
    ending: Annotated[str, Field(min_length=1, max_length=5)] = ":"
    name: Name
    """Column of the rows below that says under which heading they are."""


def coalesce(
    connection: duckdb.DuckDBPyConnection, staged: Staged, given: Mapping[str, Sequence[str]]
) -> Staged:
    """Add columns with the first of some others that says something."""
    made = {
        name: f"coalesce({', '.join(saying('file.' + staged.need(one)) for one in columns)}, NULL)"
        for name, columns in given.items()
    }
    return rewritten(connection, staged, made)


def split(connection: duckdb.DuckDBPyConnection, staged: Staged, given: Split) -> Staged:
    """Add columns with the parts of one."""
    by = literal(given.by)
    parts = f"string_split(file.{staged.need(given.column)}, {by})"
    made = {name: f"nullif(trim({parts}[{place + 1}]), '')" for place, name in enumerate(given.into)}
    last = len(given.into)
    made[given.into[-1]] = f"nullif(trim(array_to_string({parts}[{last}:], {by})), '')"
    return rewritten(connection, staged, made)


def values(
    connection: duckdb.DuckDBPyConnection, staged: Staged, given: Mapping[str, Mapping[str, str]]
) -> Staged:
    """Say the values of columns in other words; those that are not named stay."""
    made = {}
    for name, words in given.items():
        column = f"file.{staged.need(name)}"
        whens = " ".join(
            f"WHEN {literal(old.strip().lower())} THEN {literal(new)}" for old, new in words.items()
        )
        made[name] = f"CASE lower({trimmed(column)}) {whens} ELSE {column} END"
    return rewritten(connection, staged, made)


def carry(connection: duckdb.DuckDBPyConnection, staged: Staged, given: Carry) -> Staged:
    """Give every row the value of the heading above it; headings are rows no more."""
    column, ending = trimmed(staged.need(given.column)), literal(given.ending)
    heading = f"coalesce(ends_with({column}, {ending}), false)"
    value = f"left({column}, length({column}) - {len(given.ending)})"
    table = f"{staged.table}h"
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT *, {heading} AS _heading, last_value(CASE WHEN {heading} THEN"
        f" {value} END IGNORE NULLS) OVER (ORDER BY _row) AS _carried FROM {staged.table}"
    )
    connection.execute(f"DROP TABLE {staged.table}; ALTER TABLE {table} RENAME TO {staged.table}")
    return rewritten(connection, staged, {given.name: "file._carried"}, rest="WHERE NOT file._heading")
