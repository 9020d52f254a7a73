"""Queries take turns: a server runs a few at once, the next one waits and can be cancelled."""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path

from mgrec_core.foundation.errors import Cancelled
from mgrec_core.service.query.running import Answer, Limits, Query

AT_ONCE = 4
"""Queries that one server runs at the same time: each has a process with up to a gigabyte."""


class Places:
    """Places for queries, given in the order of asking.

    Parameters
    ----------
    most
        Queries at the same time, at least 1.
    """

    def __init__(self, most: int = AT_ONCE) -> None:
        self._free = most
        self._waiting: deque[Turn] = deque()
        self._changed = threading.Condition()

    def _take(self, turn: Turn) -> bool:
        """Wait for a place; whether there is one, and not a cancelled wait."""
        with self._changed:
            self._changed.wait_for(lambda: turn._cancelled or (self._free > 0 and self._waiting[0] is turn))
            self._waiting.remove(turn)
            self._free -= not turn._cancelled
            self._changed.notify_all()
            return not turn._cancelled

    def _leave(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()


SHARED = Places()
"""The places of this process, which all its sessions share."""


class Turn:
    """One query that runs as soon as there is a place; asked like :class:`Query`.

    It runs to its end, and gives its place back, also where nobody asks for the answer any more.
    """

    def __init__(
        self,
        workspace: str | Path,
        sql: str,
        limits: Limits | None = None,
        *,
        pseudonymise: bool = False,
        places: Places = SHARED,
    ) -> None:
        self.sql = sql
        self._given = (workspace, sql, limits)
        self._pseudonymise = pseudonymise
        self._places = places
        self._asked = time.monotonic()
        self._cancelled = False
        self._query: Query | None = None
        self._found: Answer | BaseException | None = None
        with places._changed:
            places._waiting.append(self)
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the answer is not there yet."""
        return self._thread.is_alive()

    @property
    def ahead(self) -> int:
        """How many wait for a place before this one, itself included; 0 once it has had its turn."""
        with self._places._changed:
            waiting = self._places._waiting
            return waiting.index(self) + 1 if self in waiting else 0

    @property
    def seconds(self) -> float:
        """Seconds since the query was started, or asked for while it waits."""
        return time.monotonic() - self._asked if self._query is None else self._query.seconds

    def cancel(self) -> None:
        """Stop the query or the wait for a place; idempotent."""
        with self._places._changed:
            self._cancelled = True
            query = self._query
            self._places._changed.notify_all()
        if query is not None:
            query.cancel()

    def result(self) -> Answer:
        """Wait for the answer; raises as :meth:`Query.result`."""
        self._thread.join()
        if isinstance(self._found, Answer):
            return self._found
        assert self._found is not None
        raise self._found

    def _go(self) -> None:
        if not self._places._take(self):
            self._found = Cancelled("the query was cancelled while it waited; nothing was changed")
            return
        try:
            query = Query(*self._given, pseudonymise=self._pseudonymise)
            with self._places._changed:
                self._query = query
                cancelled = self._cancelled
            if cancelled:
                query.cancel()
            self._found = query.result()
        except BaseException as error:  # a thread has nobody to raise to: who asks for the result does
            self._found = error
        finally:
            self._places._leave()
