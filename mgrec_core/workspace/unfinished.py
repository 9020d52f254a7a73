"""What a killed command had begun to put in place, and who finishes it.

A command that removes a person's data notes what it is about to put in place. As long as the note is
there, the folder is in between, and nobody may read it. Finishing takes the operations, which stand
above this package: they are handed in by :mod:`mgrec_core` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mgrec_core.foundation.errors import WorkspaceLockedError

#: Name of the note in a workspace's folder.
NOTE = ".forgetting"

_finishers: list[Callable[[Path], None]] = []


def when_unfinished(finish: Callable[[Path], None]) -> None:
    """Hand in what finishes a killed command, given the workspace's folder."""
    _finishers.append(finish)


def finish(folder: Path) -> None:
    """Finish what a killed command noted in this folder, if there is a note.

    Where another command holds the write lock, that one is finishing it.

    Raises
    ------
    WorkspaceLockedError
        There is a note and nobody to finish it: nothing half forgotten is read.
    """
    if not (folder / NOTE).exists():
        return
    if not _finishers:
        raise WorkspaceLockedError(
            f"workspace {folder} is in the middle of forgetting: run "
            f"`python -m mgrec_core info --workspace {folder}` once to finish it"
        )
    for one in _finishers:
        one(folder)
