"""Be the only writer of a workspace, on a folder that is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mgrec_core.foundation.errors import WorkspaceLockedError
from mgrec_core.operations.staging import tidy
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.lock import write_lock
from mgrec_core.workspace.unfinished import NOTE


@contextlib.contextmanager
def writing(workspace: Workspace) -> Iterator[None]:
    """Hold the write lock; what a killed writer left is finished or removed first.

    Raises
    ------
    WorkspaceLockedError
        Another process writes.
    InputError
        The folder cannot be written.
    """
    with write_lock(workspace.path):
        if (workspace.path / NOTE).is_file():
            from mgrec_core.operations.finishing import resume

            resume(workspace)
        tidy(workspace.path)
        yield


def finish(folder: Path) -> None:
    """Finish a killed command before a workspace is read; a writer that is there does it itself."""
    with contextlib.suppress(WorkspaceLockedError), writing(Workspace(folder)):
        pass
