"""What a writer makes aside before it switches, and what a killed one left there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

from mgrec_core.foundation.files import remove

#: Folder of a workspace where its writer makes what is not whole yet; only the writer looks there.
STAGING = ".part"

#: What is written without the lock too: the names say by which process (``.tmp`` those of earlier versions).
_ANYBODYS = (
    *(
        "cache/*/*.part",
        "projections/*.part",
        "panels/*.part",
        "splits/*.part",
        "jobs/*/*.part",
        "models/*.part",
    ),
    *(".checked.json.*.part", "state.duckdb.*.part"),
    *("cache/*/*.tmp", "projections/.*.tmp"),
)


def tidy(folder: Path) -> None:
    """Remove what killed commands left in a workspace; its lock must be held.

    Parameters
    ----------
    folder
        The workspace's folder.
    """
    shutil.rmtree(folder / STAGING, ignore_errors=True)
    vectors = folder / "vectors"
    with contextlib.suppress(OSError):
        for path in [*folder.glob("mgrec*.part*"), *vectors.glob("*.part")]:
            remove(path)
        for path in (path for place in _ANYBODYS for path in folder.glob(place)):
            number = re.search(r"\.(\d+)(-\d+\.part|\.tmp)$", path.name)
            if number and not _alive(int(number[1])):
                remove(path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
