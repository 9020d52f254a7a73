"""A query in a process of its own: started, watched, cancelled; its end never harms the asker."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import Cancelled, InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MOST_ROWS = 1_000_000
MOST_SECONDS = 600.0
_LOG = log.get("query")
_GRACE = 10.0  # for the process to start and to say that its time is over


@dataclass(frozen=True)
class Limits:
    """What one query may use.

    Attributes
    ----------
    rows
        1 to 1,000,000; further rows are left out and said so.
    seconds
        Above 0 to 600.
    memory_mb
        DuckDB's share; nothing is spilled to files.
    answer_mb
        Size of the answer.
    """

    rows: int = 10_000
    seconds: float = 30.0
    memory_mb: int = 1024
    answer_mb: int = 256

    def __post_init__(self) -> None:
        if not 1 <= self.rows <= MOST_ROWS:
            raise InputError(f"the row limit is {self.rows}: it lies from 1 to {MOST_ROWS:,}")
        if not 0 < self.seconds <= MOST_SECONDS:
            raise InputError(
                f"the time limit is {self.seconds:g} s: it lies above 0 up to {MOST_SECONDS:g} s"
            )


@dataclass(frozen=True)
class Answer:
    """What a query gave."""

    sql: str
    table: pa.Table
    truncated: bool
    seconds: float

    def to_frame(self) -> pd.DataFrame:
        """Rows as a data frame; column names are distinct."""
        from mgrec_core.service.query.plain import frame_of

        return frame_of(self.table)


class Query:
    """One query that runs in its own process from the moment this is made."""

    def __init__(
        self, workspace: str | Path, sql: str, limits: Limits | None = None, *, pseudonymise: bool = False
    ) -> None:
        self.sql = sql
        self.limits = limits or Limits()
        self._started = time.monotonic()
        log.event(_LOG, logging.INFO, "started", rows=self.limits.rows, most_seconds=self.limits.seconds)
        self._ended: float | None = None
        self._stopped = ""
        root = str(Path(__file__).resolve().parents[3])
        # Nothing of the server's environment is the query's business.
        environment = {"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mgrec_core.service.query.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, cwd=root, start_new_session=True,
        )  # fmt: skip
        request = {
            "workspace": str(Path(workspace).absolute()),
            "sql": sql,
            "limit": self.limits.rows,
            "seconds": self.limits.seconds,
            "bytes": self.limits.answer_mb * 2**20,
            "memory": f"{self.limits.memory_mb}MB",
            "memory_bytes": self.limits.memory_mb * 2**20,
            "pseudonymise": pseudonymise,
        }
        self._out = self._error = b""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a worker that died already says so with its exit code
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        self._timer = threading.Timer(self.limits.seconds + _GRACE, self._stop, ["time"])
        self._timer.daemon = True
        self._timer.start()
        self._readers = [
            threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("stdout", "stderr")
        ]
        for reader in self._readers:
            reader.start()

    @property
    def running(self) -> bool:
        """Whether the answer is not there yet."""
        return any(reader.is_alive() for reader in self._readers)

    @property
    def seconds(self) -> float:
        """Seconds since the start, or until the end."""
        return (self._ended or time.monotonic()) - self._started

    def cancel(self) -> None:
        """Stop the query; idempotent."""
        self._stop("person")

    def result(self) -> Answer:
        """Wait for the answer.

        Raises
        ------
        InputError
            The statement is refused or fails, or the time or the memory does not do.
        Cancelled
            :meth:`cancel` was called.
        """
        try:
            for reader in self._readers:
                reader.join()
        except BaseException:
            self.cancel()
            raise
        code = self._process.wait()
        self._timer.cancel()
        self._ended = self._ended or time.monotonic()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        late = self._stopped == "time" or self.seconds > self.limits.seconds  # the worker stops by itself
        how = "cancelled" if self._stopped == "person" else "timed out" if late else "refused"
        how = "done" if code == 0 else how
        log.event(_LOG, logging.INFO, how, code=code, seconds=round(self.seconds, 3))
        if code == 0:
            return self._answer()
        if self._stopped == "person":
            raise Cancelled("the query was cancelled; nothing was changed")
        if self._stopped == "time":
            raise InputError(
                f"the query took longer than {self.limits.seconds:g} s and was stopped: ask for less, "
                "or allow it more time"
            )
        try:
            raise InputError(str(json.loads(self._error)["error"]))
        except (ValueError, KeyError, TypeError):
            raise InputError(
                "the query ended its process, most likely out of memory; nothing was changed: ask for less"
            ) from None

    def _answer(self) -> Answer:
        import pyarrow as pa

        with pa.ipc.open_stream(self._out) as reader:
            table = reader.read_all()
        truncated = (table.schema.metadata or {}).get(b"truncated") == b"1"
        return Answer(self.sql, table.replace_schema_metadata(None), truncated, self.seconds)

    def _stop(self, why: str) -> None:
        if self._process.poll() is None:
            self._stopped = self._stopped or why
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, 9)

    def _read(self, name: str) -> None:
        stream: Any = getattr(self._process, name)
        with stream:
            found = stream.read()
        if name == "stdout":
            self._out = found
        else:
            self._error = found


def run(
    workspace: str | Path, sql: str, limits: Limits | None = None, *, pseudonymise: bool = False
) -> Answer:
    """Run one query and wait for it; raises as :meth:`Query.result`."""
    return Query(workspace, sql, limits, pseudonymise=pseudonymise).result()
