"""Cleans a staging table: types its cells and marks each row good, repaired or rejected.

A source file arrives as a staging table of text columns. :class:`Cells` says, in SQL,
how each cell becomes a typed value and which rules a row may break; :func:`judge` runs
it over the whole table at once. No row is touched in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import duckdb

from mgrec_core.data.cells import EXAMPLES_KEPT, Cells, literal, spaced, trimmed
from mgrec_core.data.rules import REJECTED, REPAIRED, RULES
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

__all__ = [
    "EXAMPLES_KEPT",
    "REJECTED",
    "REPAIRED",
    "RULES",
    "Cells",
    "Duplicates",
    "Judged",
    "judge",
    "literal",
    "spaced",
    "trimmed",
]

_serial = count()


@dataclass(frozen=True)
class Duplicates:
    """Which rows say the same again: all but one of those equal in ``keys`` break ``rule``.

    Attributes
    ----------
    rule
        Name of the rejecting rule.
    keys
        SQL expressions over the cleaned columns and the staging table's.
    order
        SQL expressions that choose the row to keep, whatever the order of the file.
    when
        SQL condition for rows that can be duplicates at all.
    """

    rule: str
    keys: Sequence[str]
    order: Sequence[str] = ()
    when: str = "true"


@dataclass(frozen=True)
class Judged:
    """A staging table after cleaning: its columns, ``_row``, ``_rejected`` and ``_repairs``.

    Attributes
    ----------
    table
        Temporary table; rows with ``_rejected IS NULL`` are good.
    repairs
        Repairing rules; bit *i* of ``_repairs`` is set where the *i*-th applied.
    """

    table: str
    repairs: tuple[str, ...]


def judge(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    cells: Cells,
    duplicates: Duplicates | None = None,
) -> Judged:
    """Clean a staging table: type its cells and mark each row good, repaired or rejected.

    Parameters
    ----------
    connection
        Where the staging table is.
    staged
        The file as read.
    cells
        Columns to make and rules to apply.
    duplicates
        Which good rows repeat one another.

    Returns
    -------
    Judged
        The temporary table of cleaned rows, one for each row of ``staged``.

    Raises
    ------
    InputError
        When no time of a column can be read, unless the rule ``bad_timestamp`` is off.
    """
    for rule, pattern in staged.conversions.items():
        for column in staged.columns.values():
            cells.check(rule, f"regexp_matches({column}, {literal(pattern)})")
    table = f"judged_{next(_serial)}"
    rows = f"{staged.table} {' '.join(cells.joins)}"
    for layer in cells.layers:
        if layer:
            columns = ", ".join(f"{expression} AS {name}" for name, expression in layer.items())
            rows = f"(SELECT *, {columns} FROM {rows})"
    whens = " ".join(f"WHEN {_any(found)} THEN {literal(rule)}" for rule, found in cells.rejections.items())
    rejected = f"CASE {whens} END" if whens else "NULL"
    bits = (
        f"CASE WHEN {_any(found)} THEN {1 << bit} ELSE 0 END"
        for bit, found in enumerate(cells.repairs.values())
    )
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT *, CAST({rejected} AS VARCHAR) AS _rejected,"
        f" {' + '.join(bits) or '0'} AS _repairs FROM {rows}"
    )
    for name, column in cells.times:
        _require_times(connection, staged, cells, table, name, column)
    if duplicates is not None and duplicates.rule not in cells.off:
        _reject_duplicates(connection, table, duplicates)
    return Judged(table, tuple(cells.repairs))


def _require_times(
    connection: duckdb.DuckDBPyConnection, staged: Staged, cells: Cells, table: str, name: str, column: str
) -> None:
    if "bad_timestamp" in cells.off:
        return
    given, read, example = connection.execute(
        f"SELECT count(_{name}_given), count(_{name}_time), min(_{name}_given) FROM {table}"
        " WHERE _rejected IS NULL"
    ).fetchall()[0]
    if given and not read:
        shown = next((known for known, sql in staged.columns.items() if sql == column), name)
        raise InputError(
            f"{staged.file}: none of the {given:,} times in '{shorten(shown, 60)}' can be read"
            f" ({shorten(example, 30)}); say their form with --time-form (days, or a format such as"
            " %d/%m/%Y %H:%M), or import the rows undated with --without bad_timestamp"
        )


def _any(conditions: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def _reject_duplicates(connection: duckdb.DuckDBPyConnection, table: str, duplicates: Duplicates) -> None:
    """Mark all but one of equal rows; only rows whose hash occurs twice are compared."""
    keys = ", ".join(duplicates.keys)
    order = ", ".join([*duplicates.order, "_repairs", "_row"])
    good = f"_rejected IS NULL AND ({duplicates.when})"
    connection.execute(
        f"UPDATE {table} SET _rejected = ? WHERE _row IN (SELECT _row FROM ("
        f"SELECT _row, row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS again FROM {table}"
        f" WHERE {good} AND hash({keys}) IN"
        f" (SELECT hash({keys}) AS code FROM {table} WHERE {good} GROUP BY code HAVING count(*) > 1)"
        ") WHERE again > 1)",
        [duplicates.rule],
    )
