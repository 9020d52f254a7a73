"""Language models that are made in a workspace: one training at a time, and removing one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError, WorkspaceLockedError
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.models import FOLDER, read_record, remove_model


@contextlib.contextmanager
def alone(workspace: Path) -> Iterator[None]:
    """Keep others from training or removing models of a workspace.

    Raises
    ------
    WorkspaceLockedError
        Somebody does.
    InputError
        The folder of models cannot be written.
    """
    folder = workspace / FOLDER
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(exist_ok=True)
        lock.acquire()
    except Timeout:
        raise WorkspaceLockedError(
            f"a language model is being trained in {workspace} already: wait for it or stop it first"
        ) from None
    except OSError as error:
        raise refusal(error, f"workspace {workspace}", "written") from None
    try:
        yield
    finally:
        lock.release()


def in_training(workspace: Path) -> bool:
    """Whether a model of a workspace is being trained or removed now."""
    try:
        with FileLock(workspace / FOLDER / ".lock", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # no folder of models, or one that cannot be written
        return False


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
    with alone(workspace.path):
        remove_model(workspace.path, name)
