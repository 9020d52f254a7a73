"""The write lock of a workspace: one writer at a time, any number of readers."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mgrec_core.foundation import log
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import WorkspaceLockedError


@contextlib.contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the write lock of a workspace's folder; only :mod:`mgrec_core.operations` takes it.

    Raises
    ------
    WorkspaceLockedError
        Another process writes.
    InputError
        The folder cannot be written.
    """
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        log.event(log.get("lock"), logging.INFO, "held by another writer", workspace=folder.name)
        raise WorkspaceLockedError(
            f"workspace {folder} is being written by another import or build: "
            "wait for it or cancel it, then try again"
        ) from None
    except OSError as error:
        raise refusal(error, f"workspace {folder}", "written", choose="choose another --workspace") from None
    try:
        yield
    finally:
        lock.release()
