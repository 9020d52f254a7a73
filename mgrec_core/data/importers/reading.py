"""Reads a source file into a staging table of text columns, whatever it contains.

Columns are called ``c0``, ``c1`` … in SQL, so that no name in a file ever becomes part of
a statement; the file itself is reached through a link in a folder of our own, so that
neither quotes nor glob characters in its path do.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import duckdb

from mgrec_core.data.cleaning import literal
from mgrec_core.errors import InputError

_CHUNK = 1 << 20
_DELIMITERS = ",\t;|"
_serial = count()


@dataclass(frozen=True)
class Staged:
    """A source file as a temporary table of text.

    Attributes
    ----------
    file
        File name inside the source folder, for messages and the receipt.
    table
        Temporary table: ``_row`` (1, 2, … in file order) and ``c0``, ``c1`` …
    columns
        Name in the file → SQL column.
    rows
        Rows in the table.
    malformed
        Lines that could not be read at all: (line number or None, content, number of lines).
    encoding_rule
        Name of the repairing rule when the file is not UTF-8, else ``""``.
    """

    file: str
    table: str
    columns: dict[str, str]
    rows: int
    malformed: tuple[tuple[int | None, str, int], ...] = ()
    encoding_rule: str = ""

    def find(self, name: str) -> str | None:
        """Return the SQL column called ``name`` in the file (in any case), or None."""
        wanted = name.lower()
        return next((sql for given, sql in self.columns.items() if given.lower() == wanted), None)

    def need(self, name: str) -> str:
        """Return the SQL column called ``name`` in the file.

        Raises
        ------
        InputError
            When the file has no such column.
        """
        column = self.find(name)
        if column is None:
            found = shorten(", ".join(self.columns), 120)
            raise InputError(
                f"{self.file} has no column '{name}' (it has: {found}); add it or rename the column that holds it"
            )
        return column

    def others(self, *known: str) -> dict[str, str]:
        """Return the columns whose names are not in ``known``."""
        names = {name.lower() for name in known}
        return {given: sql for given, sql in self.columns.items() if given.lower() not in names}


@dataclass(frozen=True)
class _Text:
    path: Path
    header: str
    encoding_rule: str
    compressed: bool


def shorten(text: str, length: int = 300) -> str:
    """Return a text on one line, without control characters, cut to ``length``."""
    line = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(line.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def stage(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scratch: Path,
    *,
    delimiter: str | None = None,
    quoted: bool = True,
) -> Staged:
    """Read a CSV, CSV.GZ or Parquet file into a staging table.

    Parameters
    ----------
    connection
        Where the table is made.
    path
        File to read.
    scratch
        Existing folder for links and converted copies.
    delimiter
        Field delimiter; None finds it in the header.
    quoted
        Whether ``"`` quotes fields; False leaves stray quotes alone.

    Returns
    -------
    Staged
        The table and what was found on the way.

    Raises
    ------
    InputError
        When the file is missing, empty, truncated, corrupt, or names a column twice.
    """
    if not path.is_file():
        raise InputError(f"{path.name} is missing from the folder {shorten(path.parent.name)}; put it there")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path.name} is empty (0 bytes); export it again with a header line and rows")
        if path.name.endswith(".parquet"):
            return _stage_parquet(connection, path, scratch)
        return _stage_text(connection, path, scratch, delimiter, quoted)
    except duckdb.Error as error:
        line = shorten(str(error).splitlines()[0], 160)
        kind = "Parquet" if path.name.endswith(".parquet") else "CSV"
        raise InputError(
            f"{shorten(path.name)} cannot be read as {kind} ({line}); write the file again"
        ) from error
    except OSError as error:
        raise InputError(
            f"{shorten(path.name)} cannot be read ({error.strerror or 'damaged'}); check its permissions"
        ) from error


def _link(path: Path, scratch: Path, suffix: str) -> Path:
    """Give a file a plain name in our own folder."""
    link = scratch / f"source{next(_serial)}{suffix}"
    try:
        os.symlink(path.resolve(), link)
    except OSError:
        shutil.copyfile(path, link)  # file systems without links
    return link


def _stage_parquet(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Staged:
    link = str(_link(path, scratch, ".parquet"))
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [link]).fetchall()
    columns = _name_columns([row[0] for row in described], path.name)
    # Columns are addressed by position through renaming, so that hostile names stay data.
    renamed = ", ".join(f"c{index}" for index in range(len(described)))
    texts = ", ".join(
        f"{_parquet_text(f'c{index}', row[1], row[0])} AS c{index}" for index, row in enumerate(described)
    )
    table = f"staged_{next(_serial)}"
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER () AS _row, {texts}"
        f" FROM read_parquet(?) AS source({renamed})",
        [link],
    )
    return Staged(path.name, table, columns, _count(connection, table))


def _parquet_text(column: str, kind: str, name: str) -> str:
    """SQL for a Parquet cell as text: whole numbers without a fraction, lists joined by ``|``."""
    kind = kind.upper()
    if kind.endswith("]"):
        return f"array_to_string(CAST({column} AS VARCHAR[]), '|')"
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        number = f"CAST({column} AS DOUBLE)"
        whole = f"CASE WHEN {number} = trunc({number}) AND abs({number}) < 1e15"
        text = f"{whole} THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
        if name.lower() in ("weight", "rating"):
            return text
        # Outside the measures NaN is how data frames write "nothing here".
        return f"CASE WHEN isnan({number}) THEN NULL ELSE {text} END"
    return f"CAST({column} AS VARCHAR)"


def _stage_text(
    connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, delimiter: str | None, quoted: bool
) -> Staged:
    text = _inspect(path, scratch)
    delimiter = delimiter or _sniff(text.header)
    quote = '"' if quoted else ""
    if quoted:
        names = next(csv.reader(io.StringIO(text.header), delimiter=delimiter), [])
    else:
        names = text.header.splitlines()[0].split(delimiter)
    columns = _name_columns(names, path.name)
    kinds = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(names)))
    table = f"staged_{next(_serial)}"
    link = text.path if text.path.parent == scratch else _link(text.path, scratch, ".csv")
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER () AS _row, * FROM read_csv(?,"
        f" columns={{{kinds}}}, header=true, auto_detect=false, delim={literal(delimiter)}, quote='{quote}',"
        f" escape='{quote}', nullstr='', strict_mode={'true' if quoted else 'false'},"
        f" compression='{'gzip' if text.compressed else 'none'}', store_rejects=true, rejects_limit=0)",
        [str(link)],
    )
    bad = connection.execute(
        "SELECT line, any_value(csv_line) FROM reject_errors GROUP BY line, line_byte_position ORDER BY line"
    ).fetchall()
    connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans;")
    # A quote left open swallows the lines after it: each counts as a row that was lost.
    malformed = tuple(
        (int(line), content or "", max(1, sum(1 for part in (content or "").splitlines() if part.strip())))
        for line, content in bad
    )
    rows = _count(connection, table)
    return Staged(path.name, table, columns, rows, malformed, text.encoding_rule)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _name_columns(names: list[str], file: str) -> dict[str, str]:
    """Map the header's names to ``c0``, ``c1`` …; nameless columns are left out."""
    columns: dict[str, str] = {}
    seen: set[str] = set()
    for index, name in enumerate(names):
        clean = shorten(name.strip("\ufeff"), 200)
        if not clean:
            continue
        if clean.lower() in seen:
            raise InputError(f"{file} has two columns named '{clean}'; rename one of them")
        seen.add(clean.lower())
        columns[clean] = f"c{index}"
    if not columns:
        raise InputError(f"{file} has no header line; put the column names in its first line")
    return columns


def _sniff(header: str) -> str:
    """Return the delimiter that splits the header most; a comma for a single column."""
    line = header.splitlines()[0] if header.strip() else ""
    counts = {sign: len(next(csv.reader([line], delimiter=sign), [])) for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: counts[sign])


def _chunks(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path.name} is not a whole gzip file (truncated or damaged); compress or copy it again"
        ) from error


def _inspect(path: Path, scratch: Path) -> _Text:
    """Read the file once: check the compression, the encoding and the line ends; convert if need be."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    head = b""
    pairs = returns = feeds = nulls = size = 0
    last = b""
    for chunk in _chunks(path):
        size += len(chunk)
        if len(head) < _CHUNK:
            head += chunk[: _CHUNK - len(head)]
        pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
        returns += chunk.count(b"\r")
        feeds += chunk.count(b"\n")
        nulls += chunk.count(b"\0")
        last = chunk[-1:]
        if utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                utf8 = False
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding, rule = ("utf-16", "not_utf8_utf16") if wide else ("utf-8-sig", "") if utf8 else ("latin-1", "not_utf8")
    text = _Text(path, head.decode(encoding, errors="ignore"), rule, path.name.endswith(".gz"))
    if rule or nulls or (returns and not (pairs == returns == feeds)):
        text = _convert(text, scratch, encoding, keep_feeds=wide or feeds > 0)
    header = text.header.lstrip("\r\n")
    if not header.strip():
        raise InputError(f"{path.name} is empty; export it again with a header line and rows")
    return replace(text, header=header)


def _convert(text: _Text, scratch: Path, encoding: str, *, keep_feeds: bool) -> _Text:
    """Write a UTF-8 copy with ``\\n`` line ends and no NUL characters."""
    copy = scratch / f"source{next(_serial)}.csv"
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    lone = "" if keep_feeds else "\n"  # old Macintosh files end lines with a lone carriage return
    carry = ""
    with copy.open("w", encoding="utf-8", newline="") as out:
        for chunk in _chunks(text.path):
            part = carry + decoder.decode(chunk)
            carry = "\r" if part.endswith("\r") else ""
            part = part.removesuffix("\r") if carry else part
            out.write(part.replace("\r\n", "\n").replace("\r", lone).replace("\0", ""))
        rest = carry + decoder.decode(b"", final=True)
        out.write(rest.replace("\r", "\n"))
    head = text.header.replace("\r\n", "\n").replace("\r", lone).replace("\0", "")
    return _Text(copy, head, text.encoding_rule, False)
