"""Columns of another table of the source: ``join: [{file: orders.csv, keys: {order_id: id}}]``.

They are then called ``orders.status`` …, after the file without its ending, or after ``name``.
"""

from __future__ import annotations

import re
from typing import Annotated

import duckdb
from pydantic import Field

from mgrec_core.data.cells import trimmed
from mgrec_core.data.importers.mapping.verbs.base import Name, Tell, Verb, rewritten
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.text import shorten


class Join(Verb):
    """Which table, and which columns say that two rows belong together."""

    file: Name
    keys: Annotated[dict[Name, Name], Field(min_length=1, max_length=10)]
    """Column here → column there."""
    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    """What stands before the columns' names; None takes the file's name without its ending."""

    columns: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    """Which of its columns are added; by default all are."""

    @property
    def prefix(self) -> str:
        """What stands before the columns' names."""
        inner = self.file.partition(" [")[2].rstrip("]") or self.file
        return self.name or re.sub(r"\.[A-Za-z0-9.]+$", "", inner) or inner


def apply(
    connection: duckdb.DuckDBPyConnection, staged: Staged, other: Staged, given: Join, tell: Tell
) -> Staged:
    """Add the columns of the first row there that has the same keys; the other table is dropped."""
    keys = [(staged.need(own), other.need(there)) for own, there in given.keys.items()]
    partition = ", ".join(trimmed(there) for _, there in keys)
    same = " AND ".join(f"{trimmed('file.' + own)} = {trimmed('there.' + theirs)}" for own, theirs in keys)
    first = (
        f"(SELECT * FROM {other.table}"
        f" QUALIFY row_number() OVER (PARTITION BY {partition} ORDER BY _row) = 1)"
    )
    ((several,),) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {other.table} GROUP BY {partition} HAVING count(*) > 1)"
    ).fetchall()
    ((alone,),) = connection.execute(
        f"SELECT count(*) FROM {staged.table} AS file ANTI JOIN {other.table} AS there ON {same}"
    ).fetchall()
    forms = _forms(connection, staged, other, keys, same) if alone else ""
    ((every,),) = connection.execute(f"SELECT count(*) FROM {staged.table}").fetchall()
    wanted = {name: other.need(name) for name in given.columns} or other.columns
    made = {f"{given.prefix}.{name}": f"there.{column}" for name, column in wanted.items()}
    found = rewritten(
        connection, staged, made, rest=f"LEFT JOIN {first} AS there ON {same} ORDER BY file._row"
    )
    connection.execute(f"DROP TABLE {other.table}")
    where = shorten(given.file, 80)
    if alone:
        met = f"{(every - alone) / every:.0%} of {every:,} rows have one"
        sentence = f"these rows have no partner in {where} ({met}{forms}); what it says of them is empty"
        tell("join", int(alone), sentence)
    if several:
        tell("join", int(several), f"these keys are in several rows of {where}; the first row was taken")
    return found


def _forms(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    other: Staged,
    keys: list[tuple[str, str]],
    same: str,
) -> str:
    """Return a key of either table that the other has not, as both write it: they may mean one thing."""
    sides = (
        (staged, [own for own, _ in keys], "file", other, "there"),
        (other, [theirs for _, theirs in keys], "there", staged, "file"),
    )
    shown = []
    for table, columns, alias, against, name in sides:
        texts = [trimmed(f"{alias}.{column}") for column in columns]
        row = connection.execute(
            f"SELECT {', '.join(texts)} FROM {table.table} AS {alias}"
            f" ANTI JOIN {against.table} AS {name} ON {same}"
            f" WHERE {' AND '.join(f'{text} IS NOT NULL' for text in texts)} ORDER BY ALL LIMIT 1"
        ).fetchone()
        shown.append(" · ".join(shorten(str(value), 40) for value in row) if row else "")
    here, there = shown
    if not here:
        return ", the others no key"
    return f"; {here} here, {there} there" if there else f"; {here} is not there"
