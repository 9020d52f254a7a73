"""What a process does, as JSON lines on stderr: one event a line, with how long it took.

``MGREC_LOG`` sets the level: ``debug``, ``info``, ``warning`` (the default) or ``error``. Above ``debug``
no line holds an item's text or anybody's id: a log may be read by more people than the data.

>>> is_line('{"time": "2026-01-01T00:00:00.000+00:00", "level": "info"}'), is_line("mgrec: no such file")
(True, False)
>>> import logging
>>> record = logging.LogRecord("mgrec.build", logging.INFO, "", 0, "done", (), None)
>>> record.facts = {"seconds": 1.5}
>>> JsonLines().format(record).split(", ", 1)[1]
'"level": "info", "logger": "mgrec.build", "event": "done", "seconds": 1.5}'
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

VARIABLE: Final = "MGREC_LOG"
LEVELS: Final = ("debug", "info", "warning", "error")
_ROOT: Final = "mgrec"
_one_thread: Final = threading.Lock()
_told: Final[set[str]] = set()
"""Levels that do not exist and were told."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, event, and the facts of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            if frames := traceback.extract_tb(record.exc_info[2]):
                line["at"] = f"{frames[-1].filename}:{frames[-1].lineno}"
            if record.levelno <= logging.DEBUG:
                line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def is_line(text: str) -> bool:
    """Tell whether a line of stderr is one of these, and no sentence for a person."""
    return text.startswith('{"time": ')


class _Stderr(logging.StreamHandler[Any]):
    """Writes to the stderr of the moment, so that a redirected one is followed."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, value: Any) -> None: ...


def configure(level: str | None = None) -> str:
    """Send events of this level and above to stderr; done again it only sets the level.

    Parameters
    ----------
    level
        One of :data:`LEVELS`; by default the environment's ``MGREC_LOG``, else ``warning``. A level that
        does not exist is told once and taken as ``warning``.

    Returns
    -------
    str
        The level in use.
    """
    asked = (level or os.environ.get(VARIABLE, "") or "warning").strip().lower()
    chosen = asked if asked in LEVELS else "warning"
    root = logging.getLogger(_ROOT)
    with _one_thread:  # every run of a page comes here
        if not any(isinstance(handler, _Stderr) for handler in root.handlers):
            handler = _Stderr()
            handler.setFormatter(JsonLines())
            root.addHandler(handler)
            root.propagate = False
        root.setLevel(chosen.upper())
        new = asked not in (*LEVELS, *_told)
        _told.add(asked)
    if new:
        event(get("log"), logging.WARNING, "unknown level", asked=asked[:20], choose=", ".join(LEVELS))
    return chosen


def hush() -> None:
    """Keep warnings and errors only, until :func:`configure` is called again."""
    root = logging.getLogger(_ROOT)
    root.setLevel(max(root.level, logging.WARNING))


def get(name: str) -> logging.Logger:
    """Return the logger of a part of the program, such as ``build``."""
    return logging.getLogger(f"{_ROOT}.{name}")


def event(logger: logging.Logger, level: int, what: str, **facts: object) -> None:
    """Log an event with facts: numbers, kinds and names of files, never texts or ids."""
    logger.log(level, what, extra={"facts": facts})


def unexpected(logger: logging.Logger, error: BaseException, **facts: object) -> None:
    """Log an error that nobody expected: its kind and where it arose, not what it says."""
    logger.error("unexpected error", exc_info=error, extra={"facts": facts})


@contextlib.contextmanager
def timed(logger: logging.Logger, what: str, **facts: object) -> Iterator[dict[str, object]]:
    """Log that something begins, and that it is done or failed after how many seconds.

    Yields
    ------
    dict
        Further facts for the last line may be put there.
    """
    event(logger, logging.INFO, f"{what} begins", **facts)
    start = time.perf_counter()
    more: dict[str, object] = {}
    try:
        yield more
    except BaseException as error:
        spent = round(time.perf_counter() - start, 3)
        event(logger, logging.INFO, f"{what} failed", **facts, error=type(error).__name__, seconds=spent)
        raise
    event(
        logger, logging.INFO, f"{what} done", **facts, **more, seconds=round(time.perf_counter() - start, 3)
    )
