"""Tables of a DuckDB or SQLite file, read only and as one snapshot.

DuckDB reads its own files. Its SQLite extension has to be downloaded for each version of DuckDB,
which this program never does; the standard library's reader gives the same rows on every machine.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.reading import stage_rows
from mgrec_core.data.importers.sources.base import Source, labelled, quoted
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.causes import line_of, refusal
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.foundation.files import sql_path
from mgrec_core.foundation.text import shorten

_SQLITE = b"SQLite format 3\0"
_BATCH = 20_000
_PATIENCE = 5.0  # seconds that the first rows of one view may take to be computed, while a person waits
_PATIENCE_WHOLE = 30.0  # the same for each batch of rows, where a table is read to its end
_STEPS = 100_000  # of SQLite's machine between two looks at the clock
_serial = itertools.count()


def database_kind(path: Path) -> str:
    """Return ``duckdb``, ``sqlite`` or, for any other file, nothing; the content decides, not the name."""
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError:
        return ""
    if head == _SQLITE:
        return "sqlite"
    return "duckdb" if head[8:12] == b"DUCK" else ""


def open_database(path: Path) -> Source:
    """Open a database file for reading.

    Raises
    ------
    InputError
        When the file is no database, or cannot be opened.
    """
    match database_kind(path):
        case "sqlite":
            return SqliteSource(path)
        case "duckdb":
            return DuckDbSource(path)
    raise InputError(f"{shorten(path.name)} is neither a DuckDB nor an SQLite database; check the file")


class DuckDbSource:
    """The tables of a DuckDB file. Views are left out: those of a foreign file could read other files."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self._own = duckdb.connect()
        self._own.execute("SET autoinstall_known_extensions = false")
        rows = self._listed()
        shown = {f"{t}" if schema == "main" else f"{schema}.{t}": (schema, t) for schema, t in rows}
        self._tables = {labelled(path.name, name): where for name, where in shown.items()}

    def _listed(self) -> list[tuple[str, str]]:
        alias = self._attach(self._own)
        try:
            return self._own.execute(
                "SELECT schema_name, table_name FROM duckdb_tables()"
                " WHERE database_name = ? AND NOT internal ORDER BY ALL",
                [alias],
            ).fetchall()
        finally:
            self._own.execute(f"DETACH {alias}")

    def _attach(self, connection: duckdb.DuckDBPyConnection) -> str:
        alias = f"given_{next(_serial)}"
        try:
            connection.execute(f"ATTACH {sql_path(self.path)} AS {alias} (READ_ONLY)")
        except duckdb.Error as error:
            unfit = InputError(
                f"{shorten(self.name)} cannot be opened as a DuckDB database"
                f" ({self._line(error)}); copy or export it again"
            )
            raise refusal(error, shorten(self.name), damaged=unfit, other=unfit) from None
        return alias

    def _line(self, error: duckdb.Error) -> str:
        """What DuckDB says is wrong, with the file's name in place of where it lies."""
        line = str(error).splitlines()[0]
        return shorten(
            line.replace(str(self.path), self.name).replace(str(self.path.absolute()), self.name), 120
        )

    def tables(self) -> tuple[str, ...]:
        """Return the tables, those of other schemas than main with the schema in front."""
        return tuple(self._tables)

    def stage(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        scratch: Path,
        limit: int | None = None,
        dialect: Dialect | None = None,
    ) -> Staged:
        """See :class:`Source`."""
        schema, name = self._tables[table]
        alias = self._attach(connection)
        try:
            return stage_rows(connection, table, f"{alias}.{quoted(schema)}.{quoted(name)}", limit=limit)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            unfit = InputError(
                f"{shorten(table)} cannot be read ({self._line(error)}); copy or export it again"
            )
            raise refusal(error, shorten(table), damaged=unfit, other=unfit) from None
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.execute(f"DETACH {alias}")

    def close(self) -> None:
        """See :class:`Source`."""
        self._own.close()


class SqliteSource:
    """The tables and views of an SQLite file, within one read transaction."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        try:
            self._file = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            # Text that is not UTF-8 is the writer's fault and no reason to stop.
            self._file.text_factory = lambda data: data.decode("utf-8", errors="replace")
            self._file.execute("BEGIN")
            rows = self._file.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            ).fetchall()
        except sqlite3.Error as error:
            raise self._error(self.name, error) from None
        self._tables = {labelled(path.name, name): str(name) for (name,) in rows}

    def tables(self) -> tuple[str, ...]:
        """Return tables and views."""
        return tuple(self._tables)

    def stage(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        scratch: Path,
        limit: int | None = None,
        dialect: Dialect | None = None,
    ) -> Staged:
        """See :class:`Source`."""
        name = quoted(self._tables[table])
        patience = _PATIENCE_WHOLE if limit is None else _PATIENCE
        moved = time.monotonic()

        def batches(cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
            nonlocal moved
            for batch in _batches(cursor, schema):
                yield batch
                moved = time.monotonic()

        self._file.set_progress_handler(lambda: time.monotonic() - moved > patience, _STEPS)
        try:
            columns = [row[1] for row in self._file.execute(f"PRAGMA table_xinfo({name})")]
            texts = ", ".join(_text(quoted(column)) for column in columns)
            cursor = self._file.execute(
                f"SELECT {texts} FROM {name}{'' if limit is None else f' LIMIT {limit}'}"
            )
            schema = pa.schema([(str(column), pa.string()) for column in columns])
            reader = pa.RecordBatchReader.from_batches(schema, batches(cursor, schema))
            return stage_arrow(connection, table, reader)
        except sqlite3.Error as error:
            raise self._error(table, error, patience) from None
        except duckdb.InterruptException:
            raise
        except (duckdb.Error, pa.ArrowException) as error:
            unfit = InputError(
                f"{shorten(table)} cannot be read ({line_of(error)});"
                " run SQLite's integrity check on the file"
            )
            raise refusal(error, shorten(table), damaged=unfit, other=unfit) from None
        finally:
            self._file.set_progress_handler(None, 0)

    def _error(self, what: str, error: sqlite3.Error, patience: float = _PATIENCE) -> MgrecError:
        reason = shorten(str(error), 120)
        if "interrupted" in reason:
            return InputError(
                f"{shorten(what)} gave no rows within {patience:g} s: it is a view that computes too much or"
                " never ends; make a table of what it should hold"
            )
        unfit = InputError(
            f"{shorten(what)} cannot be read as an SQLite database ({reason}); copy or export it again"
        )
        return refusal(error, shorten(what), damaged=unfit, other=unfit)

    def close(self) -> None:
        """See :class:`Source`."""
        self._file.close()


def stage_arrow(connection: duckdb.DuckDBPyConnection, file: str, reader: pa.RecordBatchReader) -> Staged:
    """Read a stream of Arrow batches into a staging table."""
    name = f"arrow_{next(_serial)}"
    connection.register(name, reader)
    try:
        return stage_rows(connection, file, name)
    finally:
        connection.unregister(name)


def _text(column: str) -> str:
    """Return SQLite's SQL for a cell as text: whole numbers without a fraction, as everywhere."""
    return (
        f"CASE WHEN typeof({column}) = 'real' AND abs({column}) < 1e15"
        f" AND {column} = CAST({column} AS INTEGER) THEN CAST(CAST({column} AS INTEGER) AS TEXT)"
        f" ELSE CAST({column} AS TEXT) END"
    )


def _batches(cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(_BATCH):
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
