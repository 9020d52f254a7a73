"""Traces of what is forgotten, outside the tables: state, jobs, and any other file of the workspace."""

from __future__ import annotations

import contextlib
import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb

from mgrec_core.data.forgetting import LEAST_DISTINCTIVE, Target
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.files import sql_path, write_text
from mgrec_core.operations.staging import STAGING
from mgrec_core.workspace import models, uploads
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.jobs import jobs_of
from mgrec_core.workspace.state import StateFile

FORGOTTEN = "[forgotten]"

#: Files and folders that are dealt with one by one; hidden ones are the workspace's own.
MANAGED = (
    "mgrec.duckdb",
    "state.duckdb",
    "state.duckdb.wal",
    "vectors",
    "cache",
    "projections",
    "panels",
    "splits",
    "jobs",
    "mappings",  # names of columns
    "feedback.yaml",  # numbers
    "models",  # weights and tokenizers: pieces of words and numbers there are nobody's ids
    "privacy.key",
)
#: Endings of files that cannot be searched as text: they go, whatever they hold.
OPAQUE = (
    ".gz",
    ".zip",
    ".parquet",
    ".xlsx",
    ".xls",
    ".duckdb",
    ".sqlite",
    ".db",
    ".pdf",
    ".arrow",
    ".feather",
)


def learned_models(workspace: Path) -> list[str]:
    """Names of the models that have learned from the tables, and of what was made of them."""
    learned: list[str] = []
    for record in reversed(models.models_of(workspace)):  # what a model was made of is older
        if record.held_out or record.base in learned:
            learned.append(record.name)
    return sorted(learned)


def remove_models(workspace: Path) -> None:
    """Remove the models that have learned from the tables, and every training that was begun."""
    for name in learned_models(workspace):
        models.remove_model(workspace, name)
    for training in (workspace / models.FOLDER).glob(f"*/{models.TRAINING}"):
        shutil.rmtree(training.parent)


def rewrite_state(state: Path, target: Target, staged: Path) -> None:
    """Write ``state.duckdb`` anew without the target and put it in place.

    Rows about the target go; in documents and lists its id is taken out. Weights, presets and what
    concerns others stay.

    Raises
    ------
    StateBrokenError
        It is damaged or gone: what it says of the target, or a copy that is put back, cannot be found.
    NoRoomError, WorkspaceLockedError
        There is no room for it, or another program writes it.
    """
    held = StateFile(state)
    if not state.is_file():
        return held.refuse_lost()
    fresh = staged / "state.duckdb"
    fresh.unlink(missing_ok=True)
    if held.journal.exists():  # killed in between, it would lie beside a file that it is not of
        with held.open(read_only=False):
            pass
    try:
        _write_without(state, target, fresh)
    except duckdb.Error as error:
        raise refusal(error, state, "written", damaged=held.damaged()) from None
    fresh.replace(state)
    held.journal.unlink(missing_ok=True)


def _write_without(state: Path, target: Target, fresh: Path) -> None:
    with contextlib.closing(duckdb.connect()) as connection:
        for path, name, mode in ((state, "held", " (READ_ONLY)"), (fresh, "fresh", "")):
            connection.execute(f"ATTACH {sql_path(path)} AS {name}{mode}")
        connection.execute("COPY FROM DATABASE held TO fresh (SCHEMA)")
        columns: dict[str, dict[str, str]] = {}
        for table, column, kind in connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = 'held' AND NOT internal ORDER BY table_name, column_index"
        ).fetchall():
            columns.setdefault(table, {})[column] = kind
        of = dict(_rows(connection, 'SELECT name, "of" FROM held.cohorts')) if "cohorts" in columns else {}
        for table, kinds in columns.items():
            names = list(kinds)
            kept = []
            for row in _rows(connection, f'SELECT * FROM held."{table}"'):
                cells = dict(zip(names, row, strict=True))
                if not _about(target, table, cells, of):
                    kept.append([_cleaned(target, table, n, cells[n], kinds[n]) for n in names])
            if kept:
                holes = ", ".join("?" * len(names))
                connection.executemany(f'INSERT INTO fresh."{table}" VALUES ({holes})', kept)
        connection.execute("CHECKPOINT fresh")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _about(target: Target, table: str, cells: dict[str, Any], of: dict[str, str]) -> bool:
    """Return whether a row of the state is the target's own."""
    if target.kind == "event":
        return False
    if table == "cohort_members":
        return bool(
            cells["id"] == target.id and of.get(cells["name"], f"{target.kind}s") == f"{target.kind}s"
        )
    own = ("user_id", "friend_id") if target.kind == "user" else ("item_id",)
    return any(cells.get(name) == target.id for name in own)


def _cleaned(target: Target, table: str, column: str, value: Any, kind: str) -> Any:
    """Take the target out of a cell that may name it: a list, a document, a query."""
    if not isinstance(value, str) or kind != "VARCHAR" or target.kind == "event" or table == "presets":
        return value
    if (table, column) == ("feedback_log", "list") and target.kind != "item":
        return value
    if (table, column) == ("cohorts", "definition"):
        value = _without_pieces(target, value)
    if not value.startswith(("{", "[")):
        return _without_name(target, value)
    try:
        document = json.loads(value)
    except ValueError:
        return _without_name(target, value)
    cleaned = _pruned(target, document)
    return value if cleaned == document else json.dumps(cleaned, ensure_ascii=False)


def _pruned(target: Target, node: Any) -> Any:
    """Drop entries that name the target: elements of lists, keys of objects, values of ids."""
    if isinstance(node, list):
        return [_pruned(target, one) for one in node if not _is(target, one)]
    if isinstance(node, dict):
        return {
            key: _pruned(target, value)
            for key, value in node.items()
            if not _is(target, key) and not (_is(target, value) or _holder(target, value))
        }
    return _without_name(target, node) if isinstance(node, str) else node


def _is(target: Target, value: object) -> bool:
    return isinstance(value, str) and value in target.texts and (len(value) >= 2 or not value.isdigit())


def _holder(target: Target, value: object) -> bool:
    """Return whether an object is a record of the target, such as ``{"item_id": …, "score": …}``."""
    return isinstance(value, dict) and any(value.get(key) == target.id for key in (f"{target.kind}_id",))


def _without_pieces(target: Target, query: str) -> str:
    """Take quoted pieces of the target's names out of a query, such as ``'%zeppelin%'``, in any case."""

    def blotted(found: re.Match[str]) -> str:
        piece = found[1].strip("%_ ").lower()
        if len(piece) < LEAST_DISTINCTIVE or all(piece not in name.lower() for name in target.texts):
            return found[0]
        return f"'{FORGOTTEN}'"

    return re.sub(r"'([^']*)'", blotted, query)


def _without_name(target: Target, text: str) -> str:
    """Take the target's name out of free text: quoted, or as a word that is no mere number."""
    for name in target.texts:
        for quote in "'\"":
            text = text.replace(f"{quote}{name}{quote}", f"{quote}{FORGOTTEN}{quote}")
        if len(name) >= LEAST_DISTINCTIVE and not re.fullmatch(r"[\d.\-]+", name):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", FORGOTTEN, text)
    return text


def remove_splits(workspace: Workspace) -> None:
    """Remove the kept splits with pairs that the tables do not hold any more; nobody can use them."""
    with workspace.reading() as connection:
        for file in sorted((workspace.path / "splits").glob("*")):
            try:
                ((gone,),) = connection.execute(
                    f"SELECT count(*) FROM read_parquet({sql_path(file)})"
                    " ANTI JOIN v_history USING (user_id, item_id)"
                ).fetchall()
            except duckdb.Error as error:
                if cause_of(error) in (Cause.FULL, Cause.NO_MEMORY):
                    raise refusal(error, file) from None
                gone = 1
            if gone:
                file.unlink(missing_ok=True)


def clean_jobs(jobs: Path, target: Target) -> None:
    """Remove ended jobs with their logs and uploads; in the record of a running one blot the name out."""
    for job in jobs_of(jobs.parent):
        for command in job.commands:
            if job.state != "running" and command[0] == "import" and len(command) > 1:
                uploads.remove(jobs.parent.absolute().parent, Path(command[1]))
    running = {job.folder for job in jobs_of(jobs.parent) if job.state == "running"}
    for folder in [path for path in (jobs.iterdir() if jobs.is_dir() else ()) if path.is_dir()]:
        if folder not in running:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        record = folder / "job.json"
        with contextlib.suppress(OSError, ValueError):
            document = json.loads(record.read_text(encoding="utf-8"))
            commands = [
                [
                    FORGOTTEN if word in target.texts or word == f"--{target.kind}={target.id}" else word
                    for word in one
                ]
                for one in document["commands"]
            ]
            write_text(record, json.dumps(document | {"commands": commands}))


def remove_files(folder: Path, target: Target) -> list[str]:
    """Remove every other file of the workspace that names the target or cannot be searched.

    Returns
    -------
    list
        Names of the removed files, without their folders.
    """
    forms = _written_forms(target)
    removed = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or inside.parts[0] in (*MANAGED, STAGING) or inside.parts[0].startswith("."):
            continue
        if path.suffix.lower() in OPAQUE or _holds(path, target, forms) or target.mentioned(str(inside)):
            path.unlink(missing_ok=True)
            removed.append(path.name)
    for path in sorted(folder.rglob("*"), reverse=True):
        inside = path.relative_to(folder)
        if path.is_dir() and inside.parts[0] not in (*MANAGED, STAGING) and target.mentioned(path.name):
            with contextlib.suppress(OSError):
                path.rmdir()  # named after the target, and empty now
    return removed


def _written_forms(target: Target) -> set[str]:
    """How JSON, HTML, CSV and Markdown write the names."""
    forms: set[str] = set()
    for text in target.texts or target.pair:
        escaped = json.dumps(text)[1:-1], html.escape(text), html.escape(text, quote=False)
        forms |= {
            text,
            *escaped,
            text.replace('"', '""'),
            re.sub(r"([\\`*_{}\[\]<>()#+\-.!|$])", r"\\\1", text),
        }
    return forms


def _holds(path: Path, target: Target, forms: set[str]) -> bool:
    try:
        raw = path.read_bytes()
    except OSError:
        return True
    text = raw.decode("utf-8", errors="replace")
    return target.mentioned(text) or any(
        len(form) >= LEAST_DISTINCTIVE
        and (form in text or form.encode("latin-1", "replace") in raw or form.encode("utf-16-le") in raw)
        for form in forms
    )
