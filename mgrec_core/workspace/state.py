"""A workspace's ``state.duckdb``: what people and runs leave behind, opened briefly each time."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from mgrec_core.foundation import log
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import MgrecError, StateBrokenError
from mgrec_core.foundation.files import remove

_ONE_THREAD = threading.Lock()
_KEPT = 64
_LONG = 0.25  # seconds
_LOG = log.get("state")
_read: OrderedDict[tuple[object, ...], tuple[tuple[object, ...], Any]] = OrderedDict()
"""By file, query and how its rows are read: the state of the file, and what was read of it then.

The only memory of such rows: what holds what a person said must be one place.
"""
_written: Counter[str] = Counter()
"""How often this process has written each file."""

T = TypeVar("T")
Row = tuple[object, ...]

_TABLES = (
    """CREATE TABLE IF NOT EXISTS presets (
    name VARCHAR PRIMARY KEY, weights VARCHAR NOT NULL, base VARCHAR NOT NULL, origin VARCHAR NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS experiments (
    id BIGINT PRIMARY KEY, made TIMESTAMP NOT NULL, build VARCHAR NOT NULL, settings VARCHAR NOT NULL,
    document VARCHAR NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS cohorts (
    name VARCHAR PRIMARY KEY, of VARCHAR NOT NULL, origin VARCHAR NOT NULL, definition VARCHAR NOT NULL,
    made TIMESTAMP NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS cohort_members (name VARCHAR NOT NULL, id VARCHAR NOT NULL)",
    """CREATE TABLE IF NOT EXISTS target_weights (
    target VARCHAR PRIMARY KEY, weights VARCHAR NOT NULL, base VARCHAR NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS kg_decisions (
    id BIGINT PRIMARY KEY, node_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL, verdict VARCHAR NOT NULL,
    made TIMESTAMP NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS feedback_log (
    id BIGINT PRIMARY KEY, made TIMESTAMP, user_id VARCHAR, item_id VARCHAR, kind VARCHAR, rank INTEGER,
    list VARCHAR, weights VARCHAR, base VARCHAR, origin VARCHAR)""",
    """CREATE TABLE IF NOT EXISTS weight_history (
    id BIGINT PRIMARY KEY, made TIMESTAMP, user_id VARCHAR, weights VARCHAR, base VARCHAR, reason VARCHAR)""",
)


class StateFile:
    """Opens the file, one thread at a time, waiting a little for other processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """Connect, one thread at a time: DuckDB opens a file in one mode a process.

        Raises
        ------
        InputError
            The file may not be opened.
        WorkspaceLockedError
            Another process keeps it open for writing.
        StateBrokenError
            It is no such database.
        """
        if not self.path.exists():
            self.refuse_lost()
            if not read_only:
                self._make()
        with _ONE_THREAD, self._connection(read_only) as connection:
            try:
                yield connection
            finally:
                if not read_only:
                    _written[str(self.path)] += 1
        if not read_only:
            self._note()

    def version(self) -> tuple[object, ...] | None:
        """What is another after every write, by whomever; ``None`` where the file is not there.

        A process that was killed leaves what it wrote in DuckDB's journal, and the file as it was.
        """
        found = _stamp(self.path)
        return None if found is None else (found, _stamp(self.journal), _written[str(self.path)])

    def rows(self, table: str, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Rows of a query on a table, none where the file or the table is not there yet."""
        return list(self.read(table, query, list, parameters))

    def read(
        self, table: str, query: str, reader: Callable[[list[Row]], T], parameters: Sequence[object] = ()
    ) -> T:
        """What ``reader`` makes of a query's rows, of none where the file or the table is not there yet.

        Pages ask for the same again and again: the file is opened, and its rows are read, only where
        it has changed since. The result is shared, so it is only to be looked at.

        Raises
        ------
        StateBrokenError
            The reader could make nothing of the rows.
        """
        version = self.version()
        if version is None:
            self.refuse_lost()
            return reader([])
        key = (str(self.path), query, *parameters, reader)
        held = _read.get(key)
        if held is not None and held[0] == version:
            result: T = held[1]
            return result
        with self.open(read_only=True) as connection:
            there = connection.execute(
                "SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]
            ).fetchone()
            found = connection.execute(query, list(parameters)).fetchall() if there else []
            try:
                result = reader(found)
            except (ValueError, TypeError, AttributeError):
                raise self.damaged() from None
            _read[key] = version, result
            while len(_read) > _KEPT:
                _read.popitem(last=False)
        return result

    def _make(self) -> None:
        """Make the file aside and link it: where there is no room for one, none is left half made."""
        staged = self.path.with_name(f"{self.path.name}.{os.getpid()}-{threading.get_ident()}.part")
        remove(staged)
        try:
            with contextlib.closing(duckdb.connect(str(staged))) as connection:
                for table in _TABLES:
                    connection.execute(table)
                connection.execute("CHECKPOINT")
            with contextlib.suppress(FileExistsError):
                os.link(staged, self.path)
        except (duckdb.Error, OSError) as error:
            raise self._refused(error, False) from None
        finally:
            for path in (staged, staged.with_name(f"{staged.name}.wal")):
                with contextlib.suppress(OSError):
                    remove(path)

    @property
    def journal(self) -> Path:
        """What a process that was killed wrote last, or one that writes at this moment."""
        return self.path.with_name(f"{self.path.name}.wal")

    @property
    def noted(self) -> Path:
        """A file that says that there was a state: without it, a lost one looks like none."""
        return self.path.with_name(f".{self.path.stem}.made")

    def _note(self) -> None:
        if not self.noted.exists():
            with contextlib.suppress(OSError):  # what was to be kept is kept; the next write notes it
                self.noted.touch()

    def refuse_lost(self) -> None:
        """Raise :class:`StateBrokenError` where there was a file; nobody then writes a new one unasked.

        A journal alone says so too, and would make the new file one that cannot be read.
        """
        left = [path.name for path in (self.noted, self.journal) if path.exists()]
        if left and not self.path.exists():
            raise StateBrokenError(
                f"{self.path} is gone, and with it the presets, cohorts, feedback and experiments: put back "
                f"a copy of it, or move {' and '.join(left)} beside it away to begin again without them"
            )

    @contextlib.contextmanager
    def _connection(self, read_only: bool, patience: float = 4.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Connect, waiting up to ``patience`` seconds for another process to let go."""
        start = time.monotonic()
        while True:
            try:
                connection = duckdb.connect(str(self.path), read_only=read_only)
                break
            except duckdb.Error as error:
                # Locked: another process holds the file, or other code of this one in the other mode.
                if cause_of(error) is not Cause.LOCKED or time.monotonic() > start + patience:
                    raise self._refused(error, read_only) from None
                time.sleep(random.uniform(0.005, 0.03))  # in step with another it would never get in
        waited = round(time.monotonic() - start, 3)
        if waited > _LONG:
            log.event(_LOG, logging.INFO, "waited for the state file", seconds=waited)
        try:
            if not read_only:
                for table in _TABLES:
                    connection.execute(table)
            yield connection
        except duckdb.Error as error:
            raise self._refused(error, read_only) from None
        finally:
            connection.close()

    def _refused(self, error: duckdb.Error | OSError, read_only: bool) -> MgrecError:
        return refusal(error, self.path, "read" if read_only else "written", damaged=self.damaged())

    def damaged(self) -> StateBrokenError:
        """What to raise when the content makes no sense."""
        beside = [path.name for path in (self.journal, self.noted) if path.exists()]
        these = f"it and {' and '.join(beside)} beside it" if beside else "it"
        return StateBrokenError(
            f"{self.path} is damaged: put back a copy of it, or move {these} away to go on without the "
            "presets, cohorts, feedback and experiments that it holds"
        )


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Asked for once: between two questions the file may have been replaced."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
