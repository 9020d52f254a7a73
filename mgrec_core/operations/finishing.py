"""Put in place what a forgetting has prepared; done twice it does the same."""

from __future__ import annotations

import json
import shutil
from typing import Any

from mgrec_core.data.forgetting import Target
from mgrec_core.language import TextCache
from mgrec_core.model.config import Config
from mgrec_core.model.training import texts_in_use
from mgrec_core.operations import traces
from mgrec_core.operations.staging import STAGING
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.unfinished import NOTE


def resume(workspace: Workspace) -> None:
    """Finish what a killed command had begun to put in place; the lock must be held."""
    note = workspace.path / NOTE
    if not note.is_file():
        return
    finish(workspace, json.loads(note.read_text(encoding="utf-8")))


def finish(workspace: Workspace, record: dict[str, Any]) -> None:
    """Put everything in place; done twice it does the same."""
    target = Target(record["kind"], record["id"], tuple(record["texts"]), tuple(record["pair"]))
    folder, build = workspace.path, record["build"]
    database = folder / STAGING / "mgrec.duckdb"
    if database.is_file():
        database.replace(workspace.database)
    if build is not None:
        workspace.point_to(build)
    for path in workspace.vectors.iterdir() if workspace.vectors.is_dir() else ():
        if path.is_dir() and path.name != build:
            shutil.rmtree(path)
        elif build is None:
            path.unlink(missing_ok=True)
    shutil.rmtree(folder / "projections", ignore_errors=True)
    traces.rewrite_state(workspace.state, target, folder / STAGING)
    traces.remove_models(folder)
    prune_texts(workspace)
    shutil.rmtree(folder / "panels", ignore_errors=True)
    traces.remove_splits(workspace)
    traces.clean_jobs(folder / "jobs", target)
    traces.remove_files(folder, target)
    shutil.rmtree(folder / STAGING, ignore_errors=True)
    (folder / NOTE).unlink(missing_ok=True)


def prune_texts(workspace: Workspace) -> None:
    """Drop from the text cache what no text of the tables needs."""
    if (workspace.path / "cache").is_dir():
        manifest = workspace.manifest() if workspace.current_build else None
        config = Config.of_build(manifest.config) if manifest else Config()
        with workspace.reading() as connection:
            TextCache(workspace.path / "cache").keep(texts_in_use(connection, config))
