"""Databases (DuckDB, SQLite, PostgreSQL) whose tables have the canonical names and columns.

``interactions``, ``items``, ``users``, ``kg``, ``social`` and ``feedback`` are read as the canonical
folder's files are; only ``interactions`` is required. Tables with other names need a mapping.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.canonical import TABLES, fill_canonical
from mgrec_core.data.importers.sources import Place, Source, database_of, open_source
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten


class DatabaseImporter(Importer):
    """Reads a database with canonical tables."""

    name: ClassVar[str] = "database"
    looks_for: ClassVar[str] = "a DuckDB or SQLite file with the tables of the canonical folder"
    order: ClassVar[int] = 10
    from_file: ClassVar[bool] = True
    from_address: ClassVar[bool] = True

    def recognises(self, source: Path) -> bool:
        """Return whether this is a database, or a folder with nothing but one."""
        return database_of(source) is not None

    def fill(self, run: Import) -> None:
        """Fill every table of which the database has one."""
        place = run.given or run.source
        with contextlib.closing(open_source(database_of(place) or place)) as source:
            _fill(run, source, place)


IMPORTER = DatabaseImporter()


def _fill(run: Import, source: Source, place: Place) -> None:
    names = source.tables()
    inner = {name.partition(" [")[2].rstrip("]").lower(): name for name in names}
    if "interactions" not in inner:
        listed = shorten(", ".join(inner), 160) or "none"
        raise InputError(
            f"{shorten(source.name)} has no table interactions (it has: {listed}); give a view that name, or"
            " say which table is what in a mapping (--mapping FILE; `mapping SOURCE` writes a proposal)"
        )
    known = {table: inner[table] for table in TABLES if table in inner}
    run.files = len(known)
    for name in names:
        if name not in known.values():
            run.receipt.ignore(
                name, "ignored_file", f"the table is none of {', '.join(TABLES)} and was not read"
            )

    def staged_of(table: str) -> Staged | None:
        if table not in known:
            return None
        run.tell(known[table])
        return run.protect(source.stage(run.connection, known[table], run.scratch, run.limit))

    fill_canonical(run, staged_of)
