"""Removing a language model that was made in a workspace."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from mgrec_core.foundation.errors import InputError, WorkspaceLockedError
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.models import FOLDER, read_record, remove_model


def remove(workspace: Workspace | str | Path, name: str) -> None:
    """Remove a model of the workspace that no build in use was made with.

    Raises
    ------
    NotFoundError
        The workspace has no such model.
    InputError
        The build in use was made with it.
    WorkspaceLockedError
        A training runs, which may have begun from it.
    """
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    read_record(workspace.path, name)
    if workspace.current_build and workspace.manifest().model_source == name:
        raise InputError(f"the model {name} is in use: build with another one first, then remove it")
    try:
        with FileLock(workspace.path / FOLDER / ".lock", timeout=0):
            remove_model(workspace.path, name)
    except Timeout:
        raise WorkspaceLockedError(
            f"a language model is being trained in {workspace.path}: wait for it or stop it first"
        ) from None
