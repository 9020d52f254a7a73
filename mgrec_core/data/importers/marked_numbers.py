"""Numbers with something beside them: marks such as ``8/10`` and amounts with a currency's sign."""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb

from mgrec_core.data.cells import is_null_word, literal, trimmed
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.text import shorten

_SAMPLED = 1_000
_AT_ONCE = 100  # columns in one query
_RATING = re.compile(
    r"(?i)(rating|score|stars|grade|bewertung|(?<![a-z])not[ae](?![a-z])|puntuaci|valoraci|calificaci|评分|打分)"
)
_MARK = r"\d+(?:[.,]\d+)? ?/ ?([1-9]\d{0,2})"
_SIGN = r"(?:[€$£¥₹]|EUR|USD|GBP|CHF)"
_SPACE = r"[ \x{a0}\x{202f}]?"
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
    changed: dict[str, str] = {}
    notes: list[str] = []
    amounts = {name: _are_amounts(_said(column)) for name, column in staged.columns.items()}
    # Long tests of many columns at once are slow: most have no sign of a currency in their first rows.
    signs = {name: f"bool_or(regexp_matches({c}, {literal(_SIGN)}))" for name, c in staged.columns.items()}
    some = set(true_of(connection, f"(FROM {staged.table} LIMIT {_SAMPLED})", signs))
    for name, column in staged.columns.items():
        if name not in some and not _RATING.search(name):
            continue
        text, shown = _said(column), shorten(name, 60)
        if _RATING.search(name) and (most := _highest(connection, staged, text)):
            mark = f"coalesce(regexp_full_match({text}, {literal(_MARK)}), false)"
            number = f"replace(trim(split_part({text}, '/', 1)), ',', '.')"
            changed[column] = f"CASE WHEN {mark} THEN {number} ELSE {column} END"
            notes.append(f"the marks in {shown} are numbers of {most} (8/10 is 8)")
        elif name in some and true_of(connection, staged.table, {name: amounts[name]}):
            number = f"regexp_replace({text}, '[^-+0-9.,]|EUR|USD|GBP|CHF', '', 'g')"
            comma = _any(connection, staged, rf"regexp_full_match({number}, '.*,\d{{1,2}}')")
            point = _any(connection, staged, rf"regexp_full_match({number}, '.*\.\d{{1,2}}')")
            if comma and not point:
                number = f"replace(replace({number}, '.', ''), ',', '.')"
            changed[column] = f"CASE WHEN {text} IS NULL THEN {column} ELSE {number} END"
            notes.append(f"the numbers in {shown} have a currency's sign, which was left out")
    if changed:
        listed = ", ".join(f"{expression} AS {column}" for column, expression in changed.items())
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {staged.table} AS SELECT * REPLACE ({listed}) FROM {staged.table}"
        )
    return replace(staged, notes=(*staged.notes, *notes))


def _said(column: str) -> str:
    text = trimmed(column)
    return f"CASE WHEN {is_null_word(text, id=True, value=True)} THEN NULL ELSE {text} END"


def _highest(connection: duckdb.DuckDBPyConnection, staged: Staged, text: str) -> str | None:
    """Return of how much the marks of a column are, if most of its cells are marks of the same."""
    of = f"nullif(regexp_extract({text}, {literal('^' + _MARK + '$')}, 1), '')"
    for table in (f"(FROM {staged.table} LIMIT {_SAMPLED})", staged.table):
        n, marks, lowest, highest = connection.execute(
            f"SELECT count({text}), count({of}), min({of}), max({of}) FROM {table}"
        ).fetchall()[0]
        if not marks or 2 * marks <= n or lowest != highest:
            return None
    return str(highest)


def _are_amounts(text: str) -> str:
    return f"coalesce(bool_and(regexp_full_match({text}, {literal(_AMOUNT)})), false)"


def true_of(connection: duckdb.DuckDBPyConnection, table: str, tests: dict[str, str]) -> list[str]:
    """Return the names of the aggregates that hold; many in one query cost the square of their number."""
    names = list(tests)
    found: list[str] = []
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        row = connection.execute(f"SELECT {', '.join(tests[n] for n in some)} FROM {table}").fetchone() or ()
        found += [name for name, holds in zip(some, row, strict=True) if holds]
    return found


def _any(connection: duckdb.DuckDBPyConnection, staged: Staged, condition: str) -> bool:
    return bool(connection.execute(f"SELECT 1 FROM {staged.table} WHERE {condition} LIMIT 1").fetchall())
