"""A query in a process of its own: started, watched, cancelled; its end never harms the asker."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mgrec_core.foundation import log
from mgrec_core.foundation.child import Child, Ended
from mgrec_core.foundation.errors import Cancelled, InputError, NoMemoryError

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


class Query(Child):
    """One query that runs in its own process from the moment this is made."""

    def __init__(
        self, workspace: str | Path, sql: str, limits: Limits | None = None, *, pseudonymise: bool = False
    ) -> None:
        self.sql = sql
        self.limits = limits or Limits()
        log.event(_LOG, logging.INFO, "started", rows=self.limits.rows, most_seconds=self.limits.seconds)
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
        super().__init__(
            "mgrec_core.service.query.worker",
            request,
            seconds=self.limits.seconds + _GRACE,
            most=2 * self.limits.answer_mb * 2**20,  # the worker refuses a larger answer by itself
        )

    def result(self) -> Answer:
        """Wait for the answer.

        Raises
        ------
        InputError
            The statement is refused or fails, or the time or the memory does not do.
        Cancelled
            :meth:`cancel` was called.
        """
        ended = self.wait()
        late = ended.stopped == "time" or ended.seconds > self.limits.seconds  # the worker stops by itself
        how = "cancelled" if ended.stopped == "person" else "timed out" if late else "refused"
        how = "done" if ended.code == 0 else how
        log.event(_LOG, logging.INFO, how, code=ended.code, seconds=round(ended.seconds, 3))
        if ended.code == 0:
            return self._table(ended)
        if ended.stopped == "person":
            raise Cancelled("the query was cancelled; nothing was changed")
        if ended.stopped == "time":
            raise InputError(
                f"the query took longer than {self.limits.seconds:g} s and was stopped: ask for less, "
                "or allow it more time"
            )
        if ended.error.get("kind") == NoMemoryError.__name__:
            raise NoMemoryError(ended.error["error"])
        raise InputError(
            ended.error.get("error")
            or "the query ended its process, most likely out of memory; nothing was changed: ask for less"
        )

    def _table(self, ended: Ended) -> Answer:
        import pyarrow as pa

        with pa.ipc.open_stream(ended.out) as reader:
            table = reader.read_all()
        truncated = (table.schema.metadata or {}).get(b"truncated") == b"1"
        return Answer(self.sql, table.replace_schema_metadata(None), truncated, ended.seconds)


def run(
    workspace: str | Path, sql: str, limits: Limits | None = None, *, pseudonymise: bool = False
) -> Answer:
    """Run one query and wait for it; raises as :meth:`Query.result`."""
    return Query(workspace, sql, limits, pseudonymise=pseudonymise).result()
