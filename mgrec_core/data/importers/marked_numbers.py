"""Numbers with something beside them: marks such as ``8/10``, a currency's sign, ``80%``, brackets.

Accounts write amounts below 0 in brackets.
"""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb

from mgrec_core.data.cells import literal, saying
from mgrec_core.data.importers.staged_cells import any_row, first_rows, true_of, write_columns
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.text import shorten

_RATING = re.compile(
    r"(?i)(rating|score|stars|grade|bewertung|(?<![a-z])not[ae](?![a-z])|puntuaci|valoraci|calificaci|评分|打分)"
)
_MARK = r"\d+(?:[.,]\d+)? ?/ ?([1-9]\d{0,2})"
_SIGN = r"(?:[€$£¥₹]|EUR|USD|GBP|CHF)"
_SPACE = r"[ \x{a0}\x{202f}]?"
_DIGITS = r"[-+]?\d[\d.,]*"
_PER_CENT = rf"{_DIGITS}{_SPACE}%"
_AMOUNT = rf"[-+]?{_SIGN}{_SPACE}[-+]?\d[\d.,]*|[-+]?\d[\d.,]*{_SPACE}{_SIGN}"


def settle_marked(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Staged:
    """Return the file with the numbers alone; told in its notes.

    Parameters
    ----------
    connection
        Where the staging table is.
    staged
        The file as read; its table is changed.
    """
    staged = _settle_brackets(connection, staged)
    changed: dict[str, str] = {}
    notes: list[str] = []
    # Long tests of many columns at once are slow: most have no sign of a currency in their first rows.
    signs = {name: f"bool_or(regexp_matches({c}, {literal(_SIGN)}))" for name, c in staged.columns.items()}
    some = set(true_of(connection, first_rows(staged), signs))
    for name, column in staged.columns.items():
        if name not in some and not _RATING.search(name):
            continue
        text, shown = saying(column, value=True), shorten(name, 60)
        if _RATING.search(name) and (most := _highest(connection, staged, text)):
            mark = f"coalesce(regexp_full_match({text}, {literal(_MARK)}), false)"
            number = f"replace(trim(split_part({text}, '/', 1)), ',', '.')"
            changed[column] = f"CASE WHEN {mark} THEN {number} ELSE {column} END"
            notes.append(f"the marks in {shown} are numbers of {most} (8/10 is 8)")
        elif name in some and true_of(connection, staged.table, {name: _are_amounts(text)}):
            number = _pointed(connection, staged, f"regexp_replace({text}, '[^-+0-9.,]', '', 'g')")
            changed[column] = f"CASE WHEN {text} IS NULL THEN {column} ELSE {number} END"
            notes.append(f"the numbers in {shown} have a currency's sign, which was left out")
    for name in _whole(connection, staged, "%", _PER_CENT):
        column = staged.columns[name]
        number = _pointed(connection, staged, f"rtrim({column}, '% \u00a0\u202f')")
        changed[column] = f"CASE WHEN contains({column}, '%') THEN {number} ELSE {column} END"
        notes.append(f"the numbers in {shorten(name, 60)} are per cent (80% is 80)")
    write_columns(connection, staged, changed)
    return replace(staged, notes=(*staged.notes, *notes))


def _settle_brackets(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Staged:
    """Write ``(20.00)`` as ``-20.00`` where others of the column are amounts without brackets."""
    changed, notes = {}, []
    number = rf"(?:{_AMOUNT}|{_DIGITS})"
    for name in _whole(connection, staged, "(", rf"{number}|\({number}\)"):
        column = staged.columns[name]
        text = saying(column, value=True)
        if any_row(connection, staged, f"{text} IS NOT NULL AND NOT starts_with({text}, '(')"):
            number = _pointed(
                connection, staged, f"CASE WHEN {text} LIKE '(%' THEN '-' ELSE '' END || trim({text}, '()')"
            )
            changed[column] = f"CASE WHEN {text} IS NULL THEN {column} ELSE {number} END"
            notes.append(f"the numbers in {shorten(name, 60)} that stand in brackets are below 0")
    write_columns(connection, staged, changed)
    return replace(staged, notes=(*staged.notes, *notes))


def _pointed(connection: duckdb.DuckDBPyConnection, staged: Staged, number: str) -> str:
    """Return SQL for numbers with a decimal point, of such as have a comma where others have no point."""
    comma = any_row(connection, staged, rf"regexp_full_match({number}, '.*,\d{{1,2}}')")
    point = any_row(connection, staged, rf"regexp_full_match({number}, '.*\.\d{{1,2}}')")
    return f"replace(replace({number}, '.', ''), ',', '.')" if comma and not point else f"({number})"


def _whole(connection: duckdb.DuckDBPyConnection, staged: Staged, sign: str, form: str) -> list[str]:
    """Return the columns with a sign in their first rows of which every cell has a form."""
    signs = {name: f"bool_or(contains({c}, {literal(sign)}))" for name, c in staged.columns.items()}
    every = {
        name: "coalesce(bool_and(regexp_full_match("
        f"{saying(staged.columns[name], value=True)}, {literal(form)})), false)"
        for name in true_of(connection, first_rows(staged), signs)
    }
    return true_of(connection, staged.table, every)


def _highest(connection: duckdb.DuckDBPyConnection, staged: Staged, text: str) -> str | None:
    """Return of how much the marks of a column are, if most of its cells are marks of the same."""
    of = f"nullif(regexp_extract({text}, {literal('^' + _MARK + '$')}, 1), '')"
    for table in (first_rows(staged), staged.table):
        n, marks, lowest, highest = connection.execute(
            f"SELECT count({text}), count({of}), min({of}), max({of}) FROM {table}"
        ).fetchall()[0]
        if not marks or 2 * marks <= n or lowest != highest:
            return None
    return str(highest)


def _are_amounts(text: str) -> str:
    return f"coalesce(bool_and(regexp_full_match({text}, {literal(_AMOUNT)})), false)"
