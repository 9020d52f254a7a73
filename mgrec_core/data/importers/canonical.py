"""The canonical folder: interactions, and optionally items, users, kg, social and feedback."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.importers.base import Import, find
from mgrec_core.data.importers.tables import (
    complete_items,
    complete_users,
    load_events,
    load_feedback,
    load_items,
    load_kg,
    load_social,
    load_users,
)
from mgrec_core.data.importers.typed_events import load_typed_events

SUFFIXES = (".csv", ".csv.gz", ".parquet")
TABLES = ("interactions", "items", "users", "kg", "social", "feedback")


class CanonicalImporter:
    """Reads the project's own format, in which anybody can hand over their data."""

    name: ClassVar[str] = "canonical"
    looks_for: ClassVar[str] = "interactions.csv, .csv.gz or .parquet"

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has interactions."""
        return any((source / f"interactions{suffix}").is_file() for suffix in SUFFIXES)

    def fill(self, run: Import) -> None:
        """Fill every table for which the folder has a file."""
        paths = {table: find(run.source, table, *SUFFIXES) for table in TABLES}
        interactions = run.need("interactions", *SUFFIXES)
        run.files = sum(path is not None for path in paths.values())
        run.ignore_files(
            (*SUFFIXES, ".tsv"),
            {path.name for path in paths.values() if path},
            f"the file is none of {', '.join(TABLES)} and was not read",
        )
        if path := paths["items"]:
            staged = run.stage(path)
            columns = {
                "item_id": staged.need("item_id"),
                "title": staged.need("title"),
                "description": staged.find("description"),
            }
            load_items(run, staged, columns, staged.others("item_id", "title", "description"))
        if path := paths["users"]:
            staged = run.stage(path)
            load_users(run, staged, staged.need("user_id"), staged.others("user_id"))
        typed = load_typed_events(run, interactions)
        if not typed:
            self._events(run, interactions)
        if path := paths["social"]:
            staged = run.stage(path)
            names = {"user_id": staged.need("user_id"), "friend_id": staged.need("friend_id")}
            run.ignore_columns(staged, "user_id", "friend_id", "weight")
            load_social(run, staged, {**names, "weight": staged.find("weight")})
        complete_users(run, events=not typed)
        if not typed:
            complete_items(run)
        if path := paths["kg"]:
            staged = run.stage(path)
            triple = {name: staged.need(name) for name in ("head_id", "relation", "tail_id")}
            optional = {name: staged.find(name) for name in ("tail_label", "source")}
            run.ignore_columns(staged, *triple, *optional)
            load_kg(run, staged, {**triple, **optional})
        if path := paths["feedback"]:
            staged = run.stage(path)
            said = {name: staged.need(name) for name in ("user_id", "item_id", "kind")}
            run.ignore_columns(staged, *said, "timestamp")
            load_feedback(run, staged, {**said, "timestamp": staged.find("timestamp")})

    def _events(self, run: Import, path: Path) -> None:
        staged = run.stage(path)
        ids = {"user_id": staged.need("user_id"), "item_id": staged.need("item_id")}
        names = ("event", "weight", "rating", "timestamp", "session_id")
        optional = {name: staged.find(name) for name in names}
        run.ignore_columns(staged, *ids, *optional)
        load_events(run, staged, {**ids, **optional})
