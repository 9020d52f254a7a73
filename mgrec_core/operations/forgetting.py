"""Forgetting a user, an item or an event: nothing of it stays in any file of the workspace.

The new tables and a new build are made staging. Then a note, ``.forgetting``, says what is under way, and
everything is put in place: from there on a killed command is finished by the next one. Before the note
a killed command has changed nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from mgrec_core.data.forgetting import Kind, Target, without
from mgrec_core.data.importers.identifiers import KIND
from mgrec_core.data.importers.rewriting import write
from mgrec_core.foundation import log
from mgrec_core.foundation.errors import MgrecError, NotFoundError
from mgrec_core.foundation.files import sql_path
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.operations import traces
from mgrec_core.operations.building import build_staged
from mgrec_core.operations.finishing import finish
from mgrec_core.operations.locking import writing
from mgrec_core.operations.staging import STAGING
from mgrec_core.workspace import models
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey
from mgrec_core.workspace.unfinished import NOTE


def forget(
    workspace: Workspace | str | Path, kind: Kind, id: str, progress: Progress = silent
) -> dict[str, Any]:
    """Remove a user, an item or an event from every file of the workspace.

    Parameters
    ----------
    workspace
        A workspace or its folder.
    kind, id
        What to remove: ``user``, ``item`` or ``event``, and its id.

    Returns
    -------
    dict
        ``forgot`` (the kind), ``removed`` (rows by table), ``build`` (the new one, or None), and ``note``
        where the build could not be made.

    Raises
    ------
    NotFoundError
        There is no such thing; nothing was changed.
    WorkspaceLockedError
        Another import or build writes.
    """
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    told = log.timed(log.get("forget"), "forget", workspace=workspace.path.name, kind=kind)
    with writing(workspace), told as facts:
        found = _forget(workspace, kind, id, progress)
        facts |= {"removed": found["removed"], "build": found["build"]}
    return found


def _forget(workspace: Workspace, kind: Kind, id: str, progress: Progress) -> dict[str, Any]:
    with workspace.reading() as connection:
        target = _find(workspace, connection, kind, id)
        counted = _counts(connection)
    progress("forgetting", 0, 4, "tables")
    staging = workspace.path / STAGING
    try:
        record = _prepare(workspace, target, staging, progress)
        note = record.pop("problem")
        unfinished = staging / "note"
        unfinished.write_text(json.dumps(record), encoding="utf-8")
        traces.rewrite_state(workspace.state, target, staging)  # may be refused: nothing else has happened
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    progress("forgetting", 2, 4, "putting in place")
    unfinished.replace(workspace.path / NOTE)
    finish(workspace, record)
    progress("forgetting", 4, 4)
    with workspace.reading() as connection:
        left = _counts(connection)
    removed = {table: counted[table] - left[table] for table in counted if counted[table] != left[table]}
    build = record["build"]
    return {"forgot": kind, "removed": removed, "build": build, **({"note": note} if note else {})}


def _find(workspace: Workspace, connection: duckdb.DuckDBPyConnection, kind: Kind, id: str) -> Target:
    """Look up an id as it is stored, or as it was in the source before it became a pseudonym.

    What tells it in files is then the one and the other, and what files with pseudonyms call a user.
    """
    if kind == "event" or not (workspace.path / KEY_FILE).is_file():
        return Target.find(connection, kind, id)
    key = WorkspaceKey(workspace.path)
    try:
        found = Target.find(connection, kind, id)
    except NotFoundError as error:
        try:
            found = Target.find(connection, kind, key.pseudonym(id.strip(), KIND))
        except NotFoundError:
            raise error from None
        found = dataclasses.replace(found, texts=(*found.texts, id.strip()))
    exported = (key.pseudonym(found.id),) if kind == "user" else ()
    return dataclasses.replace(found, texts=(*found.texts, *exported))


def _prepare(workspace: Workspace, target: Target, staging: Path, progress: Progress) -> dict[str, Any]:
    """Make the tables and the build without the target; say what is to be put in place."""
    staging.mkdir(exist_ok=True)
    database = staging / "mgrec.duckdb"
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET temp_directory = {sql_path(staging / 'spill')}")
        connection.execute(f"ATTACH {sql_path(workspace.database)} AS earlier (READ_ONLY)")
        write(connection, database, without(connection, target))
    progress("forgetting", 1, 4, "build")
    build, note = None, None
    if workspace.current_build is not None:
        try:
            model, learned = _unlearned(workspace)
            build = build_staged(workspace, database, progress, model)
            if learned:
                note = f"language models that had learned from the tables are gone ({learned}): `adapt` anew"
        except MgrecError as error:  # a model that is not there any more must not keep anybody's data
            note = f"there is no build any more ({error}): build again"
    return {
        "kind": target.kind,
        "id": target.id,
        "texts": target.texts,
        "pair": target.pair,
        "build": build,
        "problem": note,
    }


def _unlearned(workspace: Workspace) -> tuple[str | None, str]:
    """The model to build with, one that has not learned from the tables; names of those that have."""
    learned = traces.learned_models(workspace.path)
    made_of = {record.name: record.base for record in models.models_of(workspace.path)}
    model = named = workspace.manifest().model_source
    while model in learned:
        model = made_of[model]
    return (None if model == named else model), ", ".join(learned)


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    from mgrec_core.data.receipt import COUNTED, count_rows

    return {name: count_rows(connection, table) for name, table in COUNTED.items()}
