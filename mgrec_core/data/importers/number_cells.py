"""Numbers as spreadsheets write them: thousands apart, a decimal comma.

Decided on all values of a column: one that is no such number, and nothing is changed. ``1,000`` alone may
be one with a decimal comma, or two ids; it takes ``1,000.50`` in the same column, or a column called for
an amount, to know. ``2.500`` alone is 2½ or 2500: which of them was read is told.
"""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb

from mgrec_core.data.cells import literal, trimmed
from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.marked_numbers import settle_marked
from mgrec_core.data.importers.staged_cells import any_row, first_rows, true_of, write_columns
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.text import shorten

_LOOSE = r"[-+]?[0-9][0-9.,'\x{a0}\x{202f} ]*"
_AMOUNT = re.compile(
    r"(?i)(weight|quantity|qty|amount|count|plays|price|revenue|total|hours|seconds|duration|rating|score|sales|"
    r"menge|anzahl|preis|betrag|umsatz|montant|prix|cantidad|precio|"
    r"pieces|units|st(ü|ue)ck|pi(e|è)ces|piezas|unidades|数量|金额|价格|次数)"
)
_NO_AMOUNT = re.compile(
    r"(?i)(^|[^a-z])(id|ids|key|code|sku|isbn|ean|version|time|timestamp|date|lat|lon|lng|latitude|longitude)"
    r"($|[^a-z])|[a-z](Id|Key|Code|Time|Date)$"
)
_THREE = r"[-+]?([1-9]\d{0,2}\.\d{3}|\d+)"
_OTHER_FORM = r"[-+]?(0\.\d+|\d+\.(\d{1,2}|\d{4,})|\d{4,}\.\d+)"
_SIGNS = "' \u00a0\u202f"


def settle_cells(
    connection: duckdb.DuckDBPyConnection, staged: Staged, dialect: Dialect, found: frozenset[str]
) -> Staged:
    """Return the file with plain numbers; told in its notes.

    Parameters
    ----------
    connection
        Where the staging table is.
    staged
        The file as read; its table is changed.
    dialect
        What a person says about numbers.
    found
        The signs that are somewhere in the file, see :data:`~mgrec_core.data.importers.encoding.SIGNS`.
    """
    staged = settle_marked(connection, staged)
    changed: dict[str, str] = {}
    notes: list[str] = []
    stated = (dialect.thousands or "") + (dialect.decimal or "").replace(".", "")
    signs = "".join(sign for sign in _SIGNS if sign in found)
    if staged.delimiter != "," or '"' in found:  # a comma in a cell would have to be quoted
        signs += ","
    if dialect.thousands is not None or dialect.decimal is not None:
        signs = stated
    for name, column in _numeric(connection, staged, signs).items():
        pair = _signs(connection, staged, name, column, dialect)
        if pair:
            thousands, decimal = pair
            plain = f"replace({column}, {literal(thousands)}, '')" if thousands else column
            changed[column] = f"replace({plain}, {literal(decimal)}, '.')" if decimal != "." else plain
            sign = (
                f"{literal(thousands)} between thousands"
                if thousands
                else f"the decimal sign {literal(decimal)}"
            )
            notes.append(f"the numbers in {shorten(name, 60)} have {sign}")
    if dialect.thousands is None and dialect.decimal is None:
        for name, column, example in _doubtful(connection, staged):
            if column not in changed:
                notes.append(_settle_dots(connection, staged, name, column, example, changed))
    write_columns(connection, staged, changed)
    return replace(staged, notes=(*staged.notes, *notes))


def _doubtful(connection: duckdb.DuckDBPyConnection, staged: Staged) -> list[tuple[str, str, str]]:
    """Return name, column and example where each value with a dot has three digits after it, as in 2.500."""
    candidates = {name: column for name, column in staged.columns.items() if not _NO_AMOUNT.search(name)}
    three = {
        name: f"coalesce(bool_and(regexp_full_match({trimmed(column)}, {literal(_THREE)})), false)"
        for name, column in candidates.items()
    }
    dots = {
        name: f"bool_or(contains({candidates[name]}, '.'))"
        for name in true_of(connection, first_rows(staged), three)
    }
    dotted = {name: three[name] for name in true_of(connection, staged.table, dots)}
    found = []
    for name in true_of(connection, staged.table, dotted):
        column = candidates[name]
        ((example,),) = connection.execute(
            f"SELECT trim({column}) FROM {staged.table} WHERE contains({column}, '.') ORDER BY _row LIMIT 1"
        ).fetchall()
        found.append((name, column, str(example)))
    return found


def _settle_dots(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    name: str,
    column: str,
    example: str,
    changed: dict[str, str],
) -> str:
    """Say how such numbers are read; beside semicolons an amount has dots between thousands.

    Unless any cell of the file shows that a dot stands before fractions, or four digits stand together.
    """
    shown, whole = shorten(name, 60), example.replace(".", "")
    thousands = staged.delimiter == ";" and _AMOUNT.search(name) is not None
    if thousands:
        other = " OR ".join(
            f"regexp_full_match({trimmed(one)}, {literal(_OTHER_FORM)})" for one in staged.columns.values()
        )
        together = f"NOT contains({column}, '.') AND strlen({trimmed(column)}) > 3"
        thousands = not any_row(connection, staged, f"({other}) OR ({together})")
    if thousands:
        changed[column] = f"replace({column}, '.', '')"
        return (
            f"the numbers in {shown} have '.' between thousands: {example} is {whole}; where it is"
            f' {float(example):g}, a mapping says dialect: {{decimal: "."}}'
        )
    return (
        f"the numbers in {shown} are decimals: {example} is {float(example):g}; where it is {whole}, a"
        ' mapping says dialect: {thousands: ".", decimal: ","}'
    )


def _signs(
    connection: duckdb.DuckDBPyConnection, staged: Staged, name: str, column: str, dialect: Dialect
) -> tuple[str, str] | None:
    """Return what stands between thousands and before fractions, or None where nothing has to be done."""
    if dialect.thousands is not None or dialect.decimal is not None:
        thousands, decimal = dialect.thousands or "", dialect.decimal or "."
        forms = [(thousands, decimal)] if (thousands, decimal) != ("", ".") else []
    else:
        forms = [(",", "."), (".", ","), ("'", "."), (" ", ","), ("\u00a0", ","), ("\u202f", ",")]
    for thousands, decimal in forms:
        text, number = trimmed(column), _number(thousands, decimal)
        if not any_row(connection, staged, f"contains({column}, {literal(thousands or decimal)})"):
            continue
        stated = dialect.thousands is not None or dialect.decimal is not None
        both = f"contains({column}, {literal(thousands)}) AND contains({column}, {literal(decimal)})"
        twice = f"length({column}) - length(replace({column}, {literal(thousands)}, '')) > 1"
        amount = _AMOUNT.search(name) is not None
        known = thousands not in (",", ".") or (thousands, staged.delimiter) == (",", ",")
        sure = stated or (amount and known)
        if any_row(
            connection, staged, f"{text} IS NOT NULL AND NOT regexp_full_match({text}, {literal(number)})"
        ):
            continue
        if sure or any_row(connection, staged, both if not amount else f"({both}) OR {twice}"):
            return thousands, decimal
    return None


def _number(thousands: str, decimal: str) -> str:
    apart = rf"\d{{1,3}}({re.escape(thousands)}\d{{3}})+|" if thousands else ""
    return rf"[-+]?({apart}\d+)({re.escape(decimal)}\d+)?"


def _numeric(connection: duckdb.DuckDBPyConnection, staged: Staged, signs: str) -> dict[str, str]:
    """Return the columns of which the first rows are numbers of some kind, and that hold one of the signs."""
    if not signs:
        return {}
    loose = {
        name: f"coalesce(bool_and(regexp_full_match({trimmed(column)}, {literal(_LOOSE)})), false)"
        for name, column in staged.columns.items()
    }
    # Each of these is one cheap pass: most columns have none of the signs.
    some = {
        name: " OR ".join(f"bool_or(contains({staged.columns[name]}, {literal(sign)}))" for sign in signs)
        for name in true_of(connection, first_rows(staged), loose)
    }
    return {name: staged.columns[name] for name in true_of(connection, staged.table, some)}
