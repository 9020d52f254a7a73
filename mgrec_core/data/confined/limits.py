"""What reading an untrusted source may use."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

from mgrec_core.foundation import worker
from mgrec_core.foundation.causes import files_are_capped, refusal
from mgrec_core.foundation.errors import InputError, MgrecError, NoRoomError

OPEN_FILES = 512
"""Files and sockets that the reader may hold open at once: a folder's files, DuckDB's spill, a server."""

PROCESSES = 32
"""Threads and processes that the reader may start; the system does not hold root to it."""


@dataclass(frozen=True)
class Limits:
    """What one reading may use; beyond it the reading ends with a sentence, and nothing else does.

    Attributes
    ----------
    seconds
        Wall time.
    memory_mb
        Address space beyond what the empty process holds, in MiB.
    written_mb
        Size that a file may grow to, in MiB: the database, spilled rows, unpacked files.
    answer_mb
        Size of the answer, in MiB.
    """

    seconds: float
    memory_mb: int
    written_mb: int
    answer_mb: int = 16


LOOKING = Limits(seconds=60.0, memory_mb=2048, written_mb=2048)
"""For a look or a preview, while a person waits."""

IMPORTING = Limits(seconds=2 * 3600.0, memory_mb=6144, written_mb=16_384)
"""For an import: hours, and the memory of ten million events and then some."""

NONE = Limits(seconds=30 * 86_400.0, memory_mb=1 << 24, written_mb=1 << 24, answer_mb=1024)
"""For a source whose maker is known: a month and sixteen terabytes."""


def bytes_to_write(limits: Limits, where: Path) -> int:
    """Bytes that a file below ``where`` may grow to: never more than half of what the disk has left."""
    return min(limits.written_mb << 20, shutil.disk_usage(where).free // 2)


def too_much(shown: str, memory: int) -> MgrecError:
    """What to raise for a source that wants more memory than ``memory`` bytes, or than there is."""
    if worker.memory_left() < memory:  # `ulimit -v` of whoever asked: the source may want little
        return refusal(MemoryError(), shown)
    return InputError(
        f"{shown} needs more than {memory >> 20:,} MB of memory to be read: give fewer or smaller files, or"
        " text or Parquet in place of a workbook or JSON; the command line's --trusted lifts the limit for a"
        " file whose maker you know"
    )


def no_room(shown: str) -> MgrecError:
    """What to raise for a source that takes more of the disk than is left, or than a reading may fill."""
    if files_are_capped():
        return refusal(OSError(errno.EFBIG, "File too large"), f"what {shown} holds", "written")
    return NoRoomError(
        f"reading {shown} takes more room than the disk has left for it: free space there and try again; what"
        " was there before is as it was"
    )


def too_long(shown: str, seconds: float) -> str:
    """The sentence for a source that takes longer."""
    return (
        f"{shown} was not read within {seconds:g} s and its reading was stopped: give less at once, or a"
        " table in place of a view; the command line's --trusted lifts the limit for a file whose maker you"
        " know"
    )


def broke(shown: str) -> str:
    """The sentence for a source that ended its reader."""
    return (
        f"{shown} ended the process that read it, and nothing else; most likely it asks for far more memory"
        " than it holds data, as a sheet with a stray cell in its last row does, or it is damaged: save"
        " it again with its filled cells only, or export it as CSV"
    )


def ours(shown: str, kind: str) -> str:
    """The sentence for a source that brought out a fault of this program's."""
    return (
        f"{shown} cannot be read because of a fault of this program ({kind}); nothing was changed: report it,"
        " and try the data as CSV meanwhile"
    )
