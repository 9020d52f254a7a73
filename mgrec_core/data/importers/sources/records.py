"""JSON records as rows: one object a line, an array of objects, or an object that holds such an array.

Lines may also be dictionaries as Python prints them, as in dumps that a script wrote with ``print``.

Each key is a column, the keys of an object inside it are columns ``key.inner``; lists are joined by
``|``, anything deeper stays JSON. A line that is no JSON object is a malformed line.
"""

from __future__ import annotations

import ast
import gzip
import itertools
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from mgrec_core.data.cleaning import EXAMPLES_KEPT, literal
from mgrec_core.data.importers.reading import stage
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.causes import line_of, refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
_MOST_COLUMNS = 500
_LONGEST = 32 << 20
_MOST_WHOLE = 512 << 20
_SEPARATOR = "\x1f"  # a control character, which JSON never holds unescaped
_serial = itertools.count()


def stage_records(
    connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, limit: int | None = None
) -> Staged:
    """Read JSON records into a staging table of text.

    Parameters
    ----------
    connection, path, scratch, limit
        See :func:`~mgrec_core.data.importers.reading.stage`.

    Raises
    ------
    InputError
        When the file holds no records or cannot be read.
    """
    python = _is_python(path)
    lines = _from_python(path, scratch, limit) if python else _as_lines(path, scratch)
    staged = stage(
        connection, lines, scratch, delimiter=_SEPARATOR, quoted=False, names=("record",), limit=limit
    )
    staged = replace(staged, file=path.name)
    good = "coalesce(json_type(try_cast(c0 AS JSON)) = 'OBJECT', false)"
    ((blank, bad),) = connection.execute(
        f"SELECT count(*) FILTER (WHERE trim(coalesce(c0, '')) = ''), count(*) FILTER (WHERE NOT {good})"
        f" FROM {staged.table}"
    ).fetchall()
    broken = connection.execute(
        f"SELECT _row, left(c0, 1000) FROM {staged.table} WHERE NOT {good} AND trim(coalesce(c0, '')) <> ''"
        f" ORDER BY _row LIMIT {EXAMPLES_KEPT}"
    ).fetchall()
    connection.execute(f"DELETE FROM {staged.table} WHERE NOT {good}")
    pointers = _pointers(connection, staged.table, path.name)
    table = f"records_{next(_serial)}"
    columns = ", ".join(f"{_value(f'found[{n + 1}]')} AS c{n}" for n in range(len(pointers)))
    listed = ", ".join(literal(one) for one in pointers.values())
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER (ORDER BY _row) AS _row, {columns} FROM"
        f" (SELECT _row, json_extract(c0, [{listed}]) AS found FROM {staged.table})"
    )
    connection.execute(f"DROP TABLE {staged.table}")
    return replace(
        staged,
        table=table,
        notes=("each line is a dictionary in Python's notation and was read as one in JSON",)
        if python
        else (),
        delimiter=",",
        columns={name: f"c{n}" for n, name in enumerate(pointers)},
        lost=staged.lost + int(bad) - int(blank),
        malformed=(*staged.malformed, *((int(row), content) for row, content in broken))[:EXAMPLES_KEPT],
    )


def first_record(path: Path) -> dict[str, object]:
    """Return the first record of a file of lines, or nothing: a look that never fails."""
    try:
        with (gzip.open if path.name.endswith(".gz") else open)(path, "rb") as stream:
            head = stream.read(1 << 20)
        line = next((one for one in head.decode("utf-8-sig", "replace").splitlines() if one.strip()), "")
        found = json.loads(line)
    except (OSError, EOFError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_python(path: Path) -> bool:
    """Tell whether the first line is a dictionary in Python's notation and not in JSON's."""
    try:
        line = next((one for one in _lines_of(path) if one.strip()), "")
        return line.lstrip().startswith("{") and not _is_json(line) and _literal(line) is not None
    except (OSError, EOFError, zlib.error):
        return False


def _lines_of(path: Path) -> Iterator[str]:
    with (gzip.open if path.name.endswith(".gz") else open)(path, "rb") as stream:
        while line := stream.readline(_LONGEST):
            yield line.decode("utf-8-sig", "replace")


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _literal(line: str) -> dict[object, object] | None:
    """Return the dictionary of a line; what is none, or nested too deeply, is None. Nothing is run."""
    try:
        found = ast.literal_eval(line.strip())
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return found if isinstance(found, dict) else None


def _from_python(path: Path, scratch: Path, limit: int | None) -> Path:
    """Return a copy with JSON in place of each dictionary; other lines stay, to be told as malformed."""
    folder = scratch / f"json{next(_serial)}"
    folder.mkdir()
    copy = folder / path.name.removesuffix(".gz")
    with copy.open("w", encoding="utf-8") as out:
        for line in itertools.islice(_lines_of(path), None if limit is None else limit + 1):
            found = _literal(line)
            try:
                out.write(json.dumps(found, default=str) + "\n" if found is not None else line)
            except (TypeError, ValueError, RecursionError):  # keys that JSON has not
                out.write(line)
    return copy


def _pointers(connection: duckdb.DuckDBPyConnection, table: str, file: str) -> dict[str, str]:
    """Return column name → JSON pointer, in the order of first appearance."""
    keys = connection.execute(
        "SELECT key, any_value(inner_keys) FROM ("
        "SELECT key, min(_row) AS row, min(place) AS place, list_distinct(flatten(list(inner_keys)"
        " FILTER (WHERE inner_keys IS NOT NULL))) AS inner_keys FROM ("
        "SELECT _row, key, place, CASE WHEN json_type(c0, pointer) = 'OBJECT'"
        " THEN json_keys(c0, pointer) END AS inner_keys FROM ("
        "SELECT _row, c0, unnest(keys) AS key, generate_subscripts(keys, 1) AS place,"
        " '/' || replace(replace(unnest(keys), '~', '~0'), '/', '~1') AS pointer FROM"
        f" (SELECT _row, c0, json_keys(c0) AS keys FROM {table})"
        f")) GROUP BY key) GROUP BY key, row, place ORDER BY row, place LIMIT {_MOST_COLUMNS + 1}"
    ).fetchall()
    found: dict[str, str] = {}
    seen: set[str] = set()
    for key, inner in keys:
        names = [(f"{key}.{one}", f"{_pointer(key)}{_pointer(one)}") for one in sorted(inner or ())]
        for name, pointer in names or [(key, _pointer(key))]:
            clean = shorten(name, 200)
            if clean and clean.lower() not in seen:
                seen.add(clean.lower())
                found[clean] = pointer
    if not found:
        raise InputError(f"{file} holds no JSON records; write one object a line, or an array of objects")
    if len(found) > _MOST_COLUMNS:
        raise InputError(
            f"{file} has more than {_MOST_COLUMNS} different keys, so they are no columns;"
            " write records with the same keys"
        )
    return found


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _value(cell: str) -> str:
    """Return SQL for a JSON cell as text."""
    text = f"json_extract_string({cell}, '$')"
    inside = "json_extract_string(one, '$')"
    nested = f"array_to_string(flatten(CAST({cell} AS VARCHAR[][])), '|')"
    joined = f"array_to_string(list_transform(CAST({cell} AS JSON[]), lambda one: {inside}), '|')"
    whole = rf"regexp_replace({text}, '^(-?\d+)\.0+$', '\1')"
    # Objects stay JSON: a mapping may make rows of them, or take their names.
    objects = f"contains(CAST(json_structure({cell}) AS VARCHAR), '{{') THEN CAST({cell} AS VARCHAR)"
    return (
        f"CASE WHEN json_type({cell}) = 'ARRAY' AND {objects}"
        f" WHEN CAST(json_structure({cell}) AS VARCHAR) = '[[\"VARCHAR\"]]' THEN {nested} ELSE"
        f" CASE json_type({cell}) WHEN 'NULL' THEN NULL WHEN 'ARRAY' THEN nullif({joined}, '')"
        f" WHEN 'DOUBLE' THEN {whole} ELSE {text} END END"
    )


def _as_lines(path: Path, scratch: Path) -> Path:
    """Return the file, or a copy with one record a line where it is one JSON document."""
    if not path.is_file() or path.stat().st_size == 0:
        return path  # reading it says what is wrong
    try:
        with (gzip.open if path.name.endswith(".gz") else open)(path, "rb") as stream:
            head = stream.read(1 << 16).decode("utf-8-sig", "replace").lstrip()
            if not head.startswith("[") and (_lines(path, head) or not head.startswith("{")):
                return path
            stream.seek(0)
            whole = stream.read(_MOST_WHOLE + 1)
    except (OSError, EOFError) as error:
        unfit = InputError(f"{path.name} cannot be read ({line_of(error)}); copy it again")
        raise refusal(error, path.name, damaged=unfit, other=unfit) from None
    if len(whole) > _MOST_WHOLE:
        raise InputError(f"{path.name} is one JSON document of over 512 MiB; write one object a line instead")
    try:
        document = _parsed(whole.decode("utf-8-sig"))
    except RecursionError:
        raise InputError(
            f"{path.name} is nested too deeply to hold records; write one object a line"
        ) from None
    except ValueError as error:
        if head.startswith("{"):
            return path  # lines, the first of them broken
        raise InputError(
            f"{path.name} is no valid JSON ({shorten(str(error), 80)}); export it again"
        ) from None
    records = _records(document)
    if records is None:
        raise InputError(f"{path.name} holds no array of objects; write one object a line")
    folder = scratch / f"json{next(_serial)}"
    folder.mkdir()
    copy = folder / f"{path.name.removesuffix('.gz')}"
    with copy.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(record, ensure_ascii=True) + "\n" for record in records)
    return copy


def _parsed(text: str) -> object:
    """Parse JSON; whole numbers of more digits than Python converts stay text, as every cell becomes."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # too many digits
        return json.loads(text, parse_int=str)


def _lines(path: Path, head: str) -> bool:
    """Tell whether the first line is a record, and not a whole document on one line."""
    record = first_record(path)
    alone = len(head) < 1 << 16 and "\n" not in head.strip()
    return bool(record) and not (alone and (_records(record) or [record])[0] is not record)


def _records(document: object) -> list[object] | None:
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        if not any(isinstance(value, list) and value for value in lists):
            return [document]
        document = max(lists, key=len)
    if isinstance(document, list) and any(isinstance(one, dict) for one in document):
        return document
    return None
