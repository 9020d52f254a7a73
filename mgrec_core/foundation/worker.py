"""What a :class:`~mgrec_core.foundation.child.Child` calls: its request, its limits, how it ends."""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import shutil
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from mgrec_core.foundation.child import SCRATCH

_CHUNK = 1 << 16


def request() -> dict[str, Any]:
    """Read the asker's request, in the child; from then on it ends when the asker does.

    What a library prints, such as DuckDB its progress, goes nowhere: only ``sys.stdout`` is the answer.
    """
    sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    found: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_asker, daemon=True).start()
    return found


def fail(sentence: str, code: int, kind: str = "") -> int:
    """Tell the asker why there is no answer, in the child; return the exit code."""
    plain = "".join(sign if sign.isprintable() else " " for sign in sentence)
    sys.stderr.write("\n" + json.dumps({"error": " ".join(plain.split()), "kind": kind}))
    sys.stderr.flush()
    return code


def confine(memory: int, *, written: int = 0, open_files: int = 0, processes: int | None = None) -> None:
    """Give up, in the child and for good, what its work does not need.

    Parameters
    ----------
    memory
        Bytes of address space beyond what it holds now.
    written
        Bytes that a file may grow to; 0 writes none.
    open_files
        Files and sockets open at once; 0 opens none from here on.
    processes
        Threads and processes beyond those that its user runs now. The system counts no limit for root.
    """
    _lower(resource.RLIMIT_AS, _held() + memory)
    _lower(resource.RLIMIT_FSIZE, written)
    _lower(resource.RLIMIT_CORE, 0)
    if processes is not None:
        _lower(resource.RLIMIT_NPROC, _threads_of_user() + processes)
    _lower(resource.RLIMIT_NOFILE, open_files)


def memory_left() -> float:
    """Bytes of address space that this process may still take; infinite without a limit on it."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return math.inf if limit == resource.RLIM_INFINITY else limit - _held()


def _held() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def leave(code: int) -> NoReturn:
    """End the child at once: no thread of a library may keep it."""
    sys.stdout.flush()
    os._exit(code)


def _lower(kind: int, most: int) -> None:
    before = resource.getrlimit(kind)[1]
    least = most if before == resource.RLIM_INFINITY else min(most, before)
    resource.setrlimit(kind, (least, least))


def _threads_of_user() -> int:
    user, count = os.getuid(), 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == user:
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


def _leave_with_the_asker() -> None:
    while os.read(0, _CHUNK):  # not through sys.stdin: its lock would abort an interpreter that ends
        pass
    if scratch := os.environ.get(SCRATCH):
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(3)
