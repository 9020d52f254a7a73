"""How long work tells its caller where it is.

A progress callback is any ``callable(stage, done, total, detail="")``. Engine code
calls it; the command line draws it, the dashboard reads it from a file.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Protocol

from mgrec_core.foundation.files import write_text


class Progress(Protocol):
    """Receives the state of a running job."""

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        """Report that ``done`` of ``total`` steps of ``stage`` are finished."""


def silent(stage: str, done: int, total: int, detail: str = "") -> None:
    """Ignore progress (the default)."""


class FileProgress:
    """Writes progress to a JSON file, atomically, at most ten times a second.

    Parameters
    ----------
    path
        File to write; its folder must exist.
    also
        A second callback that receives every call unchanged.

    Raises
    ------
    InputError
        The file cannot be written.
    """

    def __init__(self, path: Path, also: Progress = silent) -> None:
        self._path = path
        self._also = also
        self._last = 0.0
        self._stage = ""
        try:
            self._write({"stage": "start", "done": 0, "total": 1, "detail": ""})
        except OSError as error:
            from mgrec_core.foundation.causes import refusal  # only a failure needs it

            raise refusal(error, f"progress file {path}", "written", choose="name another") from None

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        """Write the state unless the last write of the same stage was under 0.1 s ago."""
        self._also(stage, done, total, detail)
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._last < 0.1:
            return
        self._stage, self._last = stage, now
        state = {"stage": stage, "done": done, "total": total, "detail": detail}
        with contextlib.suppress(OSError):  # a full disk ends the work, not the telling of it
            self._write(state)

    def _write(self, state: dict[str, object]) -> None:
        write_text(self._path, json.dumps(state))
