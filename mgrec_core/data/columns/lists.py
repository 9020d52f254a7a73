"""Cells that hold several values: how a column's cells are separated, found on the whole column.

Brackets and braces are plain: ``["a", "b"]``, ``['a', 'b']``, ``{a,b}``, ``[{'id': 1, 'name': 'a'}]``. A
sign between words is not, since names hold commas too: it separates where the parts repeat much more than
the whole cells do, and the same part stands in different places ("Crime, Horror" and "Horror, Comedy", but
always "King, Stephen" and "Reno, NV"), or where the column is called as only lists are ("genres").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from mgrec_core.data.cells import literal, trimmed
from mgrec_core.data.columns.facts import DATE, STRUCTURE

USUAL = "|"
"""Separates the values of a cell whatever it holds, by the format's own rule."""

FORMS = ("json", "python", "braces")
"""Separators by name: JSON arrays, lists as Python prints them, arrays as Postgres prints them."""

NONE = "none"
"""What a person says where nothing separates."""

OWNERS = "owners"
"""What :func:`guess` finds where cells list the ids of other users or items; these are not split."""

_SIGNS = (";", "；", ", ", ",", "、", "，", " / ")
_NAMES = re.compile(
    r"(genres|categories|tags|keywords|topics|labels|themes|subjects|moods|styles|colou?rs|languages|cuisines|"
    r"ingredients|platforms|features|amenities|interests|hobbies|skills)$",
    re.IGNORECASE,
)
_SAMPLE = 20_000
_MOST = 0.9
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_NAMED = rf"""['"](?:name|title|label)['"]\s*:\s*({_QUOTED})"""
_PART = rf"\s*(?:{_QUOTED})|[^,]+"
_OBJECTS = r"^[\[{].*" + _NAMED
_GROUPED = r"^[-+]?\d{1,3}(,\d{3})*([.,]\d{1,2})?$"  # one number, with a decimal comma or thousands


@dataclass(frozen=True)
class _Counts:
    """Of one sign in one column: cells (all, different, different with the sign), parts."""

    cells: int
    different: int
    several: int
    parts: int
    vocabulary: int
    moving: int
    repeated: int
    length: float
    known: int
    singles: int

    def separates(self, name: str, *, bare: bool = False) -> bool:
        if self.several < 3 or self.singles >= _MOST * self.different or self.length > 40:
            return False
        if _NAMES.search(name):
            return True
        if not self.repeated:
            return False
        rate = (self.parts / self.vocabulary) / (self.cells / self.different)
        many = self.vocabulary < self.different or self.parts >= 2.5 * self.cells
        if bare and 2 * self.several > self.different:  # nobody writes a name so: it is a machine's list
            return rate > 1 and 2 * self.repeated >= self.parts and self.moving > 0
        return rate >= 1.5 and many and self.moving >= 0.5 * self.repeated


def guess(
    connection: duckdb.DuckDBPyConnection, table: str, owner_id: str, columns: Mapping[str, str]
) -> dict[str, str]:
    """Return the separators of columns, those that have another than :data:`USUAL`.

    Parameters
    ----------
    connection, table
        Where the rows are; those with ``_rejected`` do not count.
    owner_id
        Column with the ids of the rows' items or users.
    columns
        Name → SQL of its cells.
    """
    if not columns:
        return {}
    good = f"{table} WHERE _rejected IS NULL"
    tests: list[str] = []
    for cell in columns.values():
        lists = f"{cell} LIKE '%[%]%'"
        braces = f"{cell} LIKE '%{{%}}%'"
        tests += [f"count({cell})", f"count(*) FILTER ({lists})", f"count(*) FILTER ({braces})"]
        tests.append(f"count(*) FILTER (contains({cell}, '{USUAL}'))")
        tests += [f"count(*) FILTER (contains({cell}, {literal(sign)}))" for sign in _SIGNS]
    counts = list(connection.execute(f"SELECT {', '.join(tests)} FROM {good}").fetchone() or ())
    width = 4 + len(_SIGNS)
    found: dict[str, str] = {}
    for at, (name, cell) in enumerate(columns.items()):
        held, brackets, braces_, usual, *signs = counts[at * width : (at + 1) * width]
        form = _form(connection, good, cell) if held and max(brackets, braces_) >= _MOST * held else ""
        if form or not held:
            found[name] = form
            continue
        # Where the usual sign separates, commas are within the values.
        asked = [sign for sign, n in zip(_SIGNS, signs, strict=True) if n >= 3 and n > 10 * usual]
        found[name] = _sign(connection, table, owner_id, name, cell, asked) if asked else ""
    return {name: separator for name, separator in found.items() if separator}


def _form(connection: duckdb.DuckDBPyConnection, good: str, cell: str) -> str:
    text = trimmed(cell)
    row = connection.execute(
        f"""SELECT count(*), count(*) FILTER (text LIKE '[%]'), count(*) FILTER (json_valid(text)),
            count(*) FILTER (text LIKE '{{%}}' AND NOT regexp_matches(text, {literal(STRUCTURE)})),
            count(*) FILTER (regexp_matches(text, {literal(_OBJECTS)}))
        FROM (SELECT {text} AS text FROM {good}) WHERE text IS NOT NULL"""
    ).fetchone() or (0, 0, 0, 0, 0)
    cells, lists, valid, braces, named = (int(value) for value in row)
    if max(lists, named) >= _MOST * cells > 0:
        return "json" if valid >= _MOST * cells else "python"
    return "braces" if braces >= _MOST * cells > 0 else ""


def _sign(
    connection: duckdb.DuckDBPyConnection, table: str, owner_id: str, name: str, cell: str, signs: list[str]
) -> str:
    counted = {sign: _count(connection, table, owner_id, cell, sign) for sign in signs}
    for sign, found in counted.items():
        if found.several >= 3 and found.known >= 0.8 * found.parts and found.vocabulary >= 0.2 * found.cells:
            return f"{OWNERS}{sign}"
    # A comma that is never followed by a space.
    bare = {","} - ({","} if ", " in signs else set())
    fit = [sign for sign, found in counted.items() if found.separates(name, bare=sign in bare)]
    # The most repeated parts; of ", " and "," that separate alike the first.
    return max(fit, key=lambda sign: counted[sign].parts / counted[sign].vocabulary, default="")


def _count(connection: duckdb.DuckDBPyConnection, table: str, owner_id: str, cell: str, sign: str) -> _Counts:
    single = f"regexp_matches(cell, {literal(DATE)})"
    if sign.strip() == ",":
        single += f" OR regexp_matches(cell, {literal(_GROUPED)})"
    row = connection.execute(
        f"""WITH cells AS (
            SELECT cell, count(*) AS n
            FROM (SELECT {trimmed(cell)} AS cell FROM {table} WHERE _rejected IS NULL)
            WHERE cell IS NOT NULL GROUP BY cell ORDER BY hash(cell), cell LIMIT {_SAMPLE}
        ), cut AS (
            SELECT n, unnest(found) AS part, generate_subscripts(found, 1) AS place
            FROM (SELECT n, {pieces("cell", sign)} AS found FROM cells)
        ), parts AS (
            SELECT part, sum(n) AS n, count(*) AS cells, count(DISTINCT place) AS places
            FROM cut GROUP BY part
        ), known AS (SELECT DISTINCT {owner_id} AS id FROM {table} WHERE _rejected IS NULL)
        SELECT (SELECT sum(n) FROM cells), (SELECT count(*) FROM cells),
            (SELECT count(*) FROM cells WHERE contains(cell, {literal(sign)})),
            coalesce(sum(n), 0), count(*),
            coalesce(sum(n) FILTER (cells > 1 AND places > 1), 0), coalesce(sum(n) FILTER (cells > 1), 0),
            coalesce(sum(n * length(part)) / sum(n), 0), coalesce(sum(n) FILTER (id IS NOT NULL), 0),
            (SELECT count(*) FROM cells WHERE {single})
        FROM parts LEFT JOIN known ON id = part"""
    ).fetchone()
    return _Counts(*(row or (0,) * 10))


def pieces(cell: str, separator: str) -> str:
    """Return SQL for the values of a cell, as a list without empty ones.

    Parameters
    ----------
    cell
        SQL of the cell.
    separator
        What separates: a sign, one of :data:`FORMS`, or nothing.
    """
    if not separator:
        return f"[{cell}]"
    found = _bracketed(cell) if separator in FORMS else f"string_split({cell}, {literal(separator)})"
    return f"list_filter(list_transform({found}, lambda one: trim(one)), lambda one: one <> '')"


def _bracketed(cell: str) -> str:
    """Values of a list in brackets or braces: the names of objects, what is quoted, else what commas part."""
    inner = f"regexp_replace(trim({cell}), '^[\\[{{(]|[\\]}})]$', '', 'g')"
    names = f"regexp_extract_all({cell}, {literal(_NAMED)}, 1)"
    parts = f"regexp_extract_all({inner}, {literal(_PART)})"
    bare = f"list_filter({parts}, lambda one: trim(one) NOT IN ('null', 'NULL', 'None', 'nan', ''))"
    listed = (
        f"CASE WHEN regexp_matches({cell}, {literal(_NAMED)}) THEN {names}"
        f" WHEN regexp_matches({cell}, {literal(STRUCTURE)}) THEN [] ELSE {bare} END"
    )
    quoted = f"list_transform({listed}, lambda one: {_unquoted('trim(one)')})"
    strings = "list_transform(CAST(try_cast({0} AS JSON) AS JSON[]), lambda one: {1})"
    value = "json_extract_string(one, '$')"
    # JSON knows its own escapes; a list of objects is left to the pattern where it is no JSON.
    named = " , ".join(f"json_extract_string(one, '$.{key}')" for key in ("name", "title", "label"))
    kept = f"CASE WHEN json_type(one) = 'OBJECT' THEN coalesce({named}) ELSE {value} END"
    read = f"list_filter({strings.format(cell, kept)}, lambda one: one IS NOT NULL)"
    return f"CASE WHEN json_valid({cell}) AND json_type({cell}) = 'ARRAY' THEN {read} ELSE {quoted} END"


def _unquoted(text: str) -> str:
    plain = rf"regexp_replace({text}[2:-2], '\\(.)', '\1', 'g')"
    return f"CASE WHEN left({text}, 1) IN ('''', '\"') AND length({text}) > 1 THEN {plain} ELSE {text} END"
