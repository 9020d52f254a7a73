"""Build a workspace's vectors from its tables, and switch to them."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import MgrecError, WorkspaceBrokenError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.operations import review
from mgrec_core.operations.consent import with_consent
from mgrec_core.operations.locking import writing
from mgrec_core.workspace.connection import connect, read_meta
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest, read_manifest

if TYPE_CHECKING:
    from mgrec_core.language import Choice


def build(
    workspace: Workspace | str | Path,
    model: str | None = None,
    config: str | Path | Config | None = None,
    progress: Progress = silent,
    with_map: bool = True,
    *,
    send_texts: bool = False,
) -> tuple[Manifest, bool]:
    """Build vectors from the tables, unless the same build is there already.

    Parameters
    ----------
    workspace
        A workspace or its folder.
    model
        Name, path or OpenAI-compatible address of the language model, one of the workspace's own among them
        (:mod:`mgrec_core.workspace.models`); by default the embedded one that reads the texts
        (:func:`mgrec_core.language.choose_model`), never one behind an address.
    config
        Build options, or the YAML file that holds them.
    with_map
        Lay out the maps of users and items too.
    send_texts
        Allow the items' texts to leave this machine to the model's address, now and whenever the build with
        this model is brought up to its tables.

    Returns
    -------
    manifest, changed
        ``changed`` is False when nothing had to be done.

    Raises
    ------
    InputError
        Nothing was imported, or the model or an option does not do; the build before stays in use.
    WorkspaceLockedError
        Another import or build writes.
    """
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    settings = config if isinstance(config, Config) else Config.load(config)
    settings = with_consent(workspace, model, settings, send_texts)
    if workspace.is_imported:
        review.apply(workspace)  # what was decided about names in the graph since the last build
    with (
        writing(workspace),
        workspace.reading() as connection,
        log.timed(log.get("build"), "build", workspace=workspace.path.name) as facts,
    ):
        manifest, changed = _ensure(workspace, connection, model, settings, progress)
        _switch_to(workspace, manifest.build)
        facts |= {"build": manifest.build, "changed": changed, "counts": manifest.counts}
    if with_map and any(record.present for record in manifest.granularities.values()):
        from mgrec_core.engine.engine import Engine
        from mgrec_core.projection import ProjectionSettings, compute_and_store

        engine = Engine.open(workspace.path)
        with log.timed(log.get("build"), "maps", workspace=workspace.path.name):
            for of in ("users", "items"):
                compute_and_store(engine, workspace.path, ProjectionSettings(of=of), progress)
    return manifest, changed


def build_staged(
    workspace: Workspace, database: Path, progress: Progress = silent, model: str | None = None
) -> str:
    """Build from tables that are not in place yet, as the current build was; return its id.

    Parameters
    ----------
    model
        Another language model than that build's.
    """
    manifest = workspace.manifest()
    named = manifest.model_asked if model is None else model
    with contextlib.closing(connect(database)) as connection:
        config = Config.of_build(manifest.config)
        return _ensure(workspace, connection, named, config, progress)[0].build


def _ensure(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    model: str | None,
    config: Config,
    progress: Progress,
) -> tuple[Manifest, bool]:
    """Make the build of these tables, model and options, unless it is there; do not switch to it."""
    from mgrec_core.language import Choice, model_fingerprint
    from mgrec_core.operations.stored_build import build_id, make_build

    meta = read_meta(connection)
    choice = Choice(model) if model else _chosen(workspace, connection, meta, config, progress)
    model = choice.model
    path = workspace.model_at(model)
    fingerprint = model_fingerprint(
        path, prompt=config.language.prompt, long_texts=config.language.long_texts
    )
    identity = build_id(meta["data_fingerprint"], fingerprint, config)
    target = workspace.vectors / identity
    if target.is_dir():
        with contextlib.suppress(WorkspaceBrokenError):
            found = read_manifest(target, anew=True)
            if found.digests:
                return found, False
            # of a version before them: nothing says that it is whole, so it is made anew and gets them
    current = workspace.current_build
    manifest = make_build(
        connection,
        target,
        workspace.path / "cache",
        identity=identity,
        meta=meta,
        model=path,
        model_name=model,
        model_fingerprint=fingerprint,
        model_reason=choice.reason,
        config=config,
        earlier=workspace.vectors / current if current else None,
        progress=progress,
    )
    return manifest, True


def _chosen(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    meta: dict[str, str],
    config: Config,
    progress: Progress,
) -> Choice:
    """Choose the model by the texts; the current build's choice where it was made for the same."""
    from mgrec_core.data.item_texts import item_texts
    from mgrec_core.language import Choice, choose_model
    from mgrec_core.operations.stored_build import ENGINE_VERSION

    with contextlib.suppress(MgrecError):
        last = workspace.manifest()
        same = (ENGINE_VERSION, meta["data_fingerprint"], config.model_dump())
        if (last.engine_version, last.data_fingerprint, last.config) == same and last.chose_model:
            return Choice(last.model_source, last.model_reason)
    progress("choosing the language model", 0, 1)
    return choose_model(text for text in item_texts(connection, config.language.template).values() if text)


def _switch_to(workspace: Workspace, build: str) -> None:
    """Make a build the current one and drop all others but the previous."""
    previous = workspace.current_build
    if previous == build:
        return
    workspace.point_to(build)
    for folder in workspace.vectors.iterdir():
        if folder.is_dir() and folder.name not in (build, previous):
            shutil.rmtree(folder, ignore_errors=True)
