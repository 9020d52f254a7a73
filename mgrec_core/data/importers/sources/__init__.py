"""Where tables come from: a folder, a file, a database file, a database server."""

from __future__ import annotations

from pathlib import Path

from mgrec_core.data.importers.sources.base import Source
from mgrec_core.data.importers.sources.databases import database_kind, open_database
from mgrec_core.data.importers.sources.files import FileSource, readable
from mgrec_core.data.importers.sources.postgres import PostgresAddress, PostgresSource, is_postgres
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

__all__ = ["Place", "Source", "as_place", "database_of", "open_source"]

Place = Path | PostgresAddress
"""What a person can name as a source."""


def as_place(given: str | Path | PostgresAddress) -> Place:
    """Read what was named as a source: a path, or a ``postgres://`` address."""
    if isinstance(given, str) and is_postgres(given):
        return PostgresAddress(given.strip())
    return given if isinstance(given, PostgresAddress) else Path(given)


def database_of(place: Place) -> Place | None:
    """Return the database that a place is, or that is alone in a folder without files to read."""
    if isinstance(place, PostgresAddress):
        return place
    if place.is_file():
        return place if database_kind(place) else None
    if not place.is_dir():
        return None
    files = [path for path in place.iterdir() if path.is_file()]
    found = [path for path in files if not readable(path) and database_kind(path)]
    return found[0] if len(found) == 1 and not any(readable(path) for path in files) else None


def open_source(place: Place) -> Source:
    """Open a place for reading; the caller closes it.

    Raises
    ------
    InputError
        When there is nothing there that can be read.
    """
    if isinstance(place, PostgresAddress):
        return PostgresSource(place)
    if not place.exists():
        raise InputError(f"{shorten(str(place))} does not exist; check the path")
    database = database_of(place)
    if isinstance(database, Path):
        return open_database(database)
    if place.is_file() and not readable(place):
        raise InputError(
            f"{shorten(place.name)} is no file that can be read: give CSV, TSV, Parquet, JSON, JSON lines, a"
            " workbook, a DuckDB or SQLite database, or a folder of such files"
        )
    return FileSource(place)
