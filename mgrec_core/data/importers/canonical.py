"""The canonical folder: interactions, and optionally items, users, kg, social, feedback and ads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.importers.ads import load_ad_events, load_ad_items, load_ads
from mgrec_core.data.importers.base import Import, Importer, find
from mgrec_core.data.importers.opinions import with_opinions
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
from mgrec_core.data.staged import Staged

SUFFIXES = (".csv", ".csv.gz", ".parquet")
ADS = ("ads", "ad_items", "ad_events")
TABLES = ("interactions", "items", "users", "kg", "social", "feedback", *ADS)


class CanonicalImporter(Importer):
    """Reads the project's own format, in which anybody can hand over their data."""

    name: ClassVar[str] = "canonical"
    looks_for: ClassVar[str] = "interactions.csv, .csv.gz or .parquet"
    order: ClassVar[int] = 1

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has interactions."""
        return any((source / f"interactions{suffix}").is_file() for suffix in SUFFIXES)

    def recognises_part(self, source: Path) -> bool:
        """Return whether the folder has any of this format's files."""
        return any(find(source, table, *SUFFIXES) for table in TABLES)

    def fill(self, run: Import) -> None:
        """Fill every table for which the folder has a file."""
        paths = {table: find(run.source, table, *SUFFIXES) for table in TABLES}
        if not (run.adds and any(paths.values())):  # a workspace that is added to has interactions
            run.need("interactions", *SUFFIXES)
        run.files = sum(path is not None for path in paths.values())
        run.ignore_files(
            (*SUFFIXES, ".tsv"),
            {path.name for path in paths.values() if path},
            f"the file is none of {', '.join(TABLES)} and was not read",
        )
        fill_canonical(
            run,
            lambda table: run.stage(path) if (path := paths[table]) else None,
            lambda: bool((path := paths["interactions"]) and load_typed_events(run, path)),
        )


IMPORTER = CanonicalImporter()


def fill_canonical(
    run: Import, staged_of: Callable[[str], Staged | None], quick: Callable[[], bool] = lambda: False
) -> None:
    """Fill the tables from files or database tables that have the canonical names and columns.

    Parameters
    ----------
    run
        The running import.
    staged_of
        Reads the one called as asked (of :data:`TABLES`); None where there is none.
    quick
        Fills events and whom and what they name in a faster way, if it can; says whether it did.
    """
    if staged := staged_of("items"):
        columns = {
            "item_id": staged.need("item_id"),
            "title": staged.find("title"),
            "description": staged.find("description"),
        }
        load_items(run, staged, columns, staged.others("item_id", "title", "description"))
    if staged := staged_of("users"):
        load_users(run, staged, staged.need("user_id"), staged.others("user_id"))
    known = quick()
    if not known and (staged := staged_of("interactions")):
        ids = {"user_id": staged.need("user_id"), "item_id": staged.need("item_id")}
        names = ("event", "weight", "rating", "timestamp", "session_id")
        optional = {name: staged.find(name) for name in names}
        staged, kinds, opinions = with_opinions(run, staged, optional)
        run.ignore_columns(staged, *ids, *names, *opinions)
        load_events(run, staged, {**ids, **kinds}, free=True)
    if staged := staged_of("social"):
        ids = {"user_id": staged.need("user_id"), "friend_id": staged.need("friend_id")}
        run.ignore_columns(staged, "user_id", "friend_id", "weight")
        load_social(run, staged, {**ids, "weight": staged.find("weight")})
    complete_users(run, events=not known)
    if not known:
        complete_items(run)
    if staged := staged_of("kg"):
        triple = {name: staged.need(name) for name in ("head_id", "relation", "tail_id")}
        optional = {name: staged.find(name) for name in ("tail_label", "source")}
        optional["confidence"] = staged.find("confidence") or staged.find("score")
        run.ignore_columns(staged, *triple, *optional, "score")
        load_kg(run, staged, {**triple, **optional})
    if staged := staged_of("feedback"):
        said = {name: staged.need(name) for name in ("user_id", "item_id", "kind")}
        run.ignore_columns(staged, *said, "timestamp")
        load_feedback(run, staged, {**said, "timestamp": staged.find("timestamp")})
    _fill_ads(run, staged_of)


def _fill_ads(run: Import, staged_of: Callable[[str], Staged | None]) -> None:
    if staged := staged_of("ads"):
        columns = {"ad_id": staged.need("ad_id")}
        optional = {name: staged.find(name) for name in ("title", "starts", "ends")}
        load_ads(run, staged, {**columns, **optional}, staged.others(*columns, *optional))
    if staged := staged_of("ad_items"):
        pair = {name: staged.need(name) for name in ("ad_id", "item_id")}
        run.ignore_columns(staged, *pair)
        load_ad_items(run, staged, pair)
    if staged := staged_of("ad_events"):
        said = {name: staged.need(name) for name in ("user_id", "ad_id", "kind")}
        run.ignore_columns(staged, *said, "timestamp")
        load_ad_events(run, staged, {**said, "timestamp": staged.find("timestamp")})
