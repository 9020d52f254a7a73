"""Bring a build up to its tables, keeping what did not change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mgrec_core.foundation import log
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.operations.building import build
from mgrec_core.operations.changes import changes
from mgrec_core.workspace.folder import Workspace


def update(workspace: Workspace | str | Path, progress: Progress = silent) -> dict[str, Any] | None:
    """Build as the current build was: same model, same options, maps where it had some.

    Parts whose inputs are as they were are kept (:mod:`mgrec_core.model.granularities.parts`).

    Returns
    -------
    dict or None
        What changed (:func:`mgrec_core.operations.changes.changes`); empty where nothing did, ``None``
        without a build to update.
    """
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    if workspace.current_build is None:
        return None
    before = workspace.manifest()
    mapped = any((workspace.path / "projections").glob(f"{before.build}-*.parquet"))
    config = Config.of_build(before.config)
    with log.timed(log.get("update"), "update", workspace=workspace.path.name, since=before.build):
        after, _ = build(workspace, before.model_asked, config, progress, with_map=mapped)
    if after.build == before.build:
        return {}
    return changes(workspace.vectors / before.build, workspace.vectors / after.build)
