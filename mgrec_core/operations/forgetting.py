"""Forgetting a user, an item or an event: nothing of it stays in any file of the workspace.

The new tables and a new build are made aside. Then a note, ``.forgetting``, says what is under way, and
everything is put in place: from there on a killed command is finished by the next one. Before the note
a killed command has changed nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from mgrec_core.data.forgetting import Kind, Target, without
from mgrec_core.data.importers.identifiers import KIND
from mgrec_core.data.importers.rewriting import write
from mgrec_core.foundation.errors import MgrecError, NotFoundError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.operations import traces
from mgrec_core.operations.building import build_staged, prune_texts
from mgrec_core.operations.staging import ASIDE
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey

if TYPE_CHECKING:
    from mgrec_core.workspace.folder import Workspace

NOTE = ".forgetting"


def forget(workspace: Workspace, kind: Kind, id: str, progress: Progress = silent) -> dict[str, Any]:
    """Remove a user, an item or an event from the workspace; its lock must be held.

    Returns
    -------
    dict
        ``forgot`` (the kind), ``removed`` (rows by table), ``build`` (the new one, or None), and ``note``
        where the build could not be made.

    Raises
    ------
    NotFoundError
        There is no such thing; nothing was changed.
    """
    with workspace.reading() as connection:
        target = _find(workspace, connection, kind, id)
        counted = _counts(connection)
    progress("forgetting", 0, 4, "tables")
    aside = workspace.path / ASIDE
    try:
        record = _prepare(workspace, target, aside, progress)
        note = record.pop("problem")
        unfinished = aside / "note"
        unfinished.write_text(json.dumps(record), encoding="utf-8")
        traces.rewrite_state(workspace.state, target, aside)  # may be refused: nothing else has happened
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    progress("forgetting", 2, 4, "putting in place")
    unfinished.replace(workspace.path / NOTE)
    _finish(workspace, record)
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


def _prepare(workspace: Workspace, target: Target, aside: Path, progress: Progress) -> dict[str, Any]:
    """Make the tables and the build without the target; say what is to be put in place."""
    aside.mkdir(exist_ok=True)
    database = aside / "mgrec.duckdb"
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET temp_directory = '{_quoted(aside / 'spill')}'")
        connection.execute(f"ATTACH '{_quoted(workspace.database)}' AS earlier (READ_ONLY)")
        write(connection, database, without(connection, target))
    progress("forgetting", 1, 4, "build")
    build, note = None, None
    if workspace.current_build is not None:
        try:
            build = build_staged(workspace, database, progress)
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


def resume(workspace: Workspace) -> None:
    """Finish what a killed command had begun to put in place; the lock must be held."""
    note = workspace.path / NOTE
    if not note.is_file():
        return
    _finish(workspace, json.loads(note.read_text(encoding="utf-8")))


def _finish(workspace: Workspace, record: dict[str, Any]) -> None:
    """Put everything in place; done twice it does the same."""
    target = Target(record["kind"], record["id"], tuple(record["texts"]), tuple(record["pair"]))
    folder, build = workspace.path, record["build"]
    database = folder / ASIDE / "mgrec.duckdb"
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
    traces.rewrite_state(workspace.state, target, folder / ASIDE)
    prune_texts(workspace)
    shutil.rmtree(folder / "panels", ignore_errors=True)
    traces.remove_splits(workspace)
    traces.clean_jobs(folder / "jobs", target)
    traces.remove_files(folder, target)
    shutil.rmtree(folder / ASIDE, ignore_errors=True)
    (folder / NOTE).unlink(missing_ok=True)


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    from mgrec_core.data.receipt import COUNTED, count_rows

    return {name: count_rows(connection, table) for name, table in COUNTED.items()}


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")
