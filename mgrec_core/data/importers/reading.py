"""Reads a source file into a staging table of text columns, whatever it contains.

Columns are called ``c0``, ``c1`` … in SQL, so that no name in a file ever becomes part of
a statement; the file itself is reached through a link in a folder of our own, so that
neither quotes nor glob characters in its path do.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import re
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
from pyarrow import parquet
from pyarrow.lib import ArrowException

from mgrec_core.data.cells import EXAMPLES_KEPT, literal
from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.dialect_detection import Form, alternatives, fixed, settle, sniff
from mgrec_core.data.importers.encoding import Text, inspect
from mgrec_core.data.importers.number_cells import settle_cells
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.causes import line_of, refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

_PEEKED = 1 << 16
_HEAD = 8 << 20
_serial = itertools.count()


def stage(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scratch: Path,
    *,
    delimiter: str | None = None,
    quoted: bool = True,
    names: Sequence[str] = (),
    limit: int | None = None,
    dialect: Dialect | None = None,
    headerless: bool = False,
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
    names
        The columns of a text file without a header line; empty where its first line names them.
    limit
        Read about so many rows from the beginning only, for a preview; None reads all.
    dialect
        What a person says about a text file; what they do not say, and nothing above does, is found.
    headerless
        Whether a first line that is data like the others is told from a header.

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
            link = str(link_to(path, scratch, ".parquet"))
            return stage_rows(connection, path.name, "read_parquet(?)", [link], limit)
        free = delimiter is None and quoted and not names
        dialect = dialect or Dialect(delimiter=delimiter, quote=None if quoted else "")
        staged = _stage_text(
            connection, _head(path, scratch, limit), scratch, names, dialect, headerless, free
        )
        if limit is not None:
            connection.execute(f"DELETE FROM {staged.table} WHERE _row > {limit}")
        return replace(staged, file=path.name)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        # Name the file as the user knows it, not our link to it.
        own = re.escape(str(scratch)) + r"/source\d+\.\w+"
        line = shorten(re.sub(own, path.name, str(error).splitlines()[0]), 160)
        kind = "Parquet" if path.name.endswith(".parquet") else "CSV"
        unfit = InputError(f"{shorten(path.name)} cannot be read as {kind} ({line}); write the file again")
        raise refusal(error, shorten(path.name), damaged=unfit, other=unfit) from error
    except csv.Error as error:
        raise InputError(f"{path.name} has no readable header line ({error}); export it again") from error
    except OSError as error:
        unfit = InputError(f"{shorten(path.name)} cannot be read ({line_of(error)}); write the file again")
        raise refusal(error, shorten(path.name), damaged=unfit) from error


def peek(path: Path) -> tuple[str, ...]:
    """Return the column names of a file in lower case, or none: a look that never fails.

    Parameters
    ----------
    path
        CSV, CSV.GZ, TSV or Parquet file.
    """
    try:
        if path.name.endswith(".parquet"):
            names = parquet.read_schema(path).names
        else:
            opener = gzip.open if path.name.endswith(".gz") else open
            with opener(path, "rb") as stream:
                line = stream.read(_PEEKED).decode("utf-8-sig", errors="replace").lstrip("\r\n")
            line = re.split(r"[\r\n]", line)[0]
            names = next(csv.reader([line], delimiter=sniff(line)), [])
    except (OSError, EOFError, zlib.error, csv.Error, ArrowException):
        return ()
    return tuple(name.strip().lower() for name in names)


def link_to(path: Path, scratch: Path, suffix: str) -> Path:
    """Give a file a plain name in our own folder."""
    link = scratch / f"source{next(_serial)}{suffix}"
    try:
        link.symlink_to(path.resolve())
    except OSError:
        shutil.copyfile(path, link)  # file systems without links
    return link


def _head(path: Path, scratch: Path, limit: int | None) -> Path:
    """Return a large text file's beginning, cut at a line's end, as a file of its own."""
    packed = path.name.endswith(".gz")
    if limit is None or (path.stat().st_size <= _HEAD and not packed):
        return path
    try:
        with (gzip.open if packed else open)(path, "rb") as stream:
            data = stream.read(_HEAD + 1)
    except (EOFError, zlib.error):
        return path  # reading it says what is wrong
    if len(data) <= _HEAD:
        return path
    folder = scratch / f"head{next(_serial)}"
    folder.mkdir()
    head = folder / path.name.removesuffix(".gz")
    head.write_bytes(data[: data.rfind(b"\n") + 1] or data)
    return head


def stage_rows(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    relation: str,
    parameters: Sequence[str] = (),
    limit: int | None = None,
) -> Staged:
    """Read what SQL can name into a staging table of text.

    Parameters
    ----------
    connection
        Where the table is made.
    file
        What the receipt calls it.
    relation
        SQL that can stand after ``FROM``: a table function, a quoted name, a registered Arrow reader.
    parameters
        Values for its ``?``.
    limit
        Read only so many rows; None reads all.
    """
    given = list(parameters)
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}", given).fetchall()
    columns = _name_columns([row[0] for row in described], file)
    # Columns are addressed by position through renaming, so that hostile names stay data.
    renamed = ", ".join(f"c{index}" for index in range(len(described)))
    texts = ", ".join(
        f"{_typed_text(f'c{index}', row[1], row[0])} AS c{index}" for index, row in enumerate(described)
    )
    table = f"staged_{next(_serial)}"
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER () AS _row, {texts}"
        f" FROM {relation} AS source({renamed}){'' if limit is None else f' LIMIT {limit}'}",
        given,
    )
    return Staged(file, table, columns)


def _typed_text(column: str, kind: str, name: str) -> str:
    """Return SQL for a typed cell as text: whole numbers without a fraction, lists joined by ``|``."""
    kind = kind.upper()
    if kind.endswith("]"):
        return f"array_to_string(CAST({column} AS VARCHAR[]), '|')"
    if kind == "BLOB":  # text that an old writer did not mark as such
        return f"coalesce(try(decode({column})), CAST({column} AS VARCHAR))"
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        number = f"CAST({column} AS DOUBLE)"
        # Statistics of Parquet leave NaN out, so that DuckDB may think it less than 1e15.
        whole = f"CASE WHEN isfinite({number}) AND {number} = trunc({number}) AND abs({number}) < 1e15"
        text = (
            f"{whole} THEN CAST(TRY_CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
        )
        if name.lower() in ("weight", "rating"):
            return text
        # Outside the measures NaN is how data frames write "nothing here".
        return f"CASE WHEN isnan({number}) THEN NULL ELSE {text} END"
    return f"CAST({column} AS VARCHAR)"


def _stage_text(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scratch: Path,
    given: Sequence[str],
    dialect: Dialect,
    headerless: bool,
    free: bool,
) -> Staged:
    text = inspect(path, scratch, dialect.encoding)
    head = text.header
    form = settle(head, dialect, headerless=headerless) if free else fixed(head, dialect, given)
    link = text.path if text.path.parent == scratch else link_to(text.path, scratch, ".csv")
    staged = _read(connection, path.name, text, link, form)
    head = "\n".join((head, *(content for _, content in staged.malformed)))
    for other in alternatives(form, dialect, head) if free and staged.lost else ():
        again = _read(connection, path.name, text, link, other)
        # Without quotes every quote is taken for text: that must be why lines were lost.
        better = again.lost == 0 if other.quote != form.quote else again.lost < staged.lost
        worse, staged, form = (staged, again, other) if better else (again, staged, form)
        connection.execute(f"DROP TABLE {worse.table}")
        if not staged.lost:
            break
    notes = (*text.notes, *form.notes()) if free else text.notes
    staged = replace(staged, notes=notes)
    return settle_cells(connection, staged, dialect, text.signs) if free else staged


def _read(connection: duckdb.DuckDBPyConnection, file: str, text: Text, link: Path, form: Form) -> Staged:
    columns = _name_columns(list(form.names), file)
    packed = text.compressed
    if form.doubled:
        link, packed = _with_doubled_quotes(link, packed), False
    kinds = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(form.names)))
    table = f"staged_{next(_serial)}"
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER () AS _row, * FROM read_csv(?,"
        f" columns={{{kinds}}}, header={form.header}, auto_detect=false,"
        f" delim={literal(form.delimiter)}, quote={literal(form.quote)}, escape={literal(form.escape)},"
        f" nullstr='', strict_mode=true, null_padding={form.pad},"
        f" compression='{'gzip' if packed else 'none'}', skip={text.blank + form.skip},"
        " store_rejects=true, rejects_limit=0)",
        [str(link)],
    )
    # A quote left open swallows the lines after it: each counts as a row that was lost.
    bad = (
        "(SELECT line, any_value(csv_line) AS content,"
        r" greatest(1, len(regexp_extract_all(any_value(csv_line), '[^\r\n]*[^\s][^\r\n]*'))) AS lines"
        " FROM reject_errors GROUP BY line, line_byte_position)"
    )
    ((lost,),) = connection.execute(f"SELECT coalesce(sum(lines), 0) FROM {bad}").fetchall()
    examples = connection.execute(
        f"SELECT line, left(content, 1000) FROM {bad} ORDER BY line LIMIT {EXAMPLES_KEPT}"
    ).fetchall()
    connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans;")
    malformed = tuple((int(line), content or "") for line, content in examples)
    return Staged(file, table, columns, form.delimiter, int(lost), malformed, text.conversions)


def _with_doubled_quotes(path: Path, packed: bool) -> Path:
    """Return a copy with ``""`` in place of each quote that has a backslash before it."""
    copy, rest = path.with_name(f"{path.stem}d{next(_serial)}.csv"), b""
    with (gzip.open if packed else open)(path, "rb") as source, copy.open("wb") as out:
        while chunk := source.read(1 << 20):
            chunk = rest + chunk
            rest = b"\\" if chunk.endswith(b"\\") else b""
            out.write(chunk.removesuffix(rest).replace(b'\\"', b'""'))
        out.write(rest)
    return copy


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
