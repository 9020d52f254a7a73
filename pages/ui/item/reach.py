"""Everybody's ranked lists under given weights, worked out in a thread of its own with its progress.

One thread for all sessions, the newest few results kept by build and weights. Work that no page has
asked after for a while (its weights were moved on) stops, so that the newest weights need not wait.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mgrec_core.analysis.audience import Lists
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.foundation.progress import Progress

KEPT = 6
PATIENCE_SECONDS = 1.5
FORGOTTEN_SECONDS = 8.0

_pool = ThreadPoolExecutor(1, thread_name_prefix="reach")
_runs: OrderedDict[object, Run] = OrderedDict()
_lock = threading.Lock()


class _Forgotten(Exception):
    """Nobody waits for this any more."""


class Run:
    """One piece of work: where it is, and what came of it."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        self.lists: Lists | None = None
        self.error: Exception | None = None
        self.ended = threading.Event()
        self.cancelled = False
        self.by_person = False
        self.asked = time.monotonic()

    def progress(self, stage: str, done: int, total: int, detail: str = "") -> None:
        """Note how far it is; stop when nobody asks any more."""
        self.done, self.total = done, total
        if self.cancelled or time.monotonic() - self.asked > FORGOTTEN_SECONDS:
            raise _Forgotten

    def work(self, make: Callable[[Progress], Lists]) -> None:
        """Do it."""
        try:
            self.progress("", 0, 0)
            self.lists = make(self.progress)
        except _Forgotten:
            self.cancelled = True
        except Exception as error:  # a thread has nobody to raise to: the page that waits does
            self.error = error
        finally:
            self.ended.set()


def run(key: object, make: Callable[[Progress], Lists], *, again: bool = False) -> Run:
    """Return the work of this key, started when there is none or the last was given up.

    Parameters
    ----------
    make
        Does the work; called with a progress callback.
    again
        Start even what was cancelled by a person.
    """
    with _lock:
        found = _runs.get(key)
        forgotten = found is not None and found.cancelled and (again or not found.by_person)
        if found is None or forgotten or (found.error is not None and again):
            found = _runs[key] = Run()
            _pool.submit(found.work, make)
        _runs.move_to_end(key)
        found.asked = time.monotonic()
        while len(_runs) > KEPT:
            _, old = _runs.popitem(last=False)
            old.cancelled = True
    found.ended.wait(PATIENCE_SECONDS)
    if found.error is not None and not isinstance(found.error, MgrecError):
        raise found.error
    return found


def stop(found: Run) -> None:
    """Cancel work on behalf of a person: it starts again only when asked to."""
    found.by_person = True
    found.cancelled = True
