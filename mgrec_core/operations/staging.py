"""What a writer makes aside before it switches, and what a killed one left there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

#: Folder of a workspace where its writer makes what is not whole yet; only the writer looks there.
STAGING = ".part"


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
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        # These are written without the lock too: their names say by which process.
        for path in [*folder.glob("cache/*/*.tmp"), *folder.glob("projections/.*.tmp")]:
            number = re.search(r"\.(\d+)\.tmp$", path.name)
            if number and not _alive(int(number[1])):
                path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
