"""A folder of files, or one file: text, Parquet, JSON records, workbooks."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.dialect_detection import is_table
from mgrec_core.data.importers.reading import stage
from mgrec_core.data.importers.sources import records, workbook
from mgrec_core.data.importers.sources.base import labelled
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".parquet")
_NO_TABLE = (
    ".md", ".rst", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".py", ".ipynb", ".r", ".sql", ".sh", ".html",
    ".htm", ".xml", ".log", ".pdf", ".zip", ".png", ".jpg", ".jpeg", ".webp", ".bz2", ".xz", ".7z", ".tar",
)  # fmt: skip
"""Endings of files that lie beside data; of others the content says whether they are tables."""
SUFFIXES = (*TEXT, *records.SUFFIXES, *workbook.SUFFIXES)
_MOST_FILES = 500


class FileSource:
    """Each file is a table, and each sheet of a workbook."""

    def __init__(self, place: Path) -> None:
        self.name = place.resolve().name
        found = sorted(place.iterdir()) if place.is_dir() else [place]
        self._files = [path for path in found if path.is_file() and readable(path)]
        if not self._files:
            raise InputError(
                f"{shorten(self.name)} holds nothing that can be read by a mapping: CSV, TSV, TXT, Parquet,"
                " JSON, JSON lines or a workbook"
            )
        if len(self._files) > _MOST_FILES:
            raise InputError(f"{shorten(self.name)} holds more than {_MOST_FILES} files; give fewer at once")
        self._tables: dict[str, tuple[Path, str]] | None = None

    def _listed(self) -> Iterator[tuple[str, tuple[Path, str]]]:
        for path in self._files:
            if path.name.lower().endswith(workbook.SUFFIXES):
                try:
                    found = workbook.sheets(path)
                except InputError:  # told by whoever wants to read it; the other files can be
                    found = ("",)
                for sheet in found:
                    yield (labelled(path.name, sheet) if sheet else path.name), (path, sheet)
            else:
                yield path.name, (path, "")

    def tables(self) -> tuple[str, ...]:
        """Return the names of files and of sheets in files."""
        if self._tables is None:
            self._tables = dict(self._listed())
        return tuple(self._tables)

    def stage(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        scratch: Path,
        limit: int | None = None,
        dialect: Dialect | None = None,
    ) -> Staged:
        """See :class:`~mgrec_core.data.importers.sources.base.Source`."""
        self.tables()
        path, sheet = (self._tables or {})[table]
        if sheet:
            return workbook.stage_sheet(connection, path, sheet, limit)
        if path.name.lower().endswith(workbook.SUFFIXES):
            workbook.sheets(path)
        if path.name.lower().endswith(records.SUFFIXES):
            return records.stage_records(connection, path, scratch, limit)
        return stage(connection, path, scratch, limit=limit, dialect=dialect, headerless=True)

    def close(self) -> None:
        """Nothing stays open."""


def readable(path: Path) -> bool:
    """Tell whether a file can be read: by its ending, else by lines with as many fields each."""
    name = path.name.lower()
    if name.startswith(("~$", ".")):
        return False
    return name.endswith(SUFFIXES) or (not name.endswith(_NO_TABLE) and path.suffix != "" and _tabular(path))


def _tabular(path: Path) -> bool:
    try:
        with (gzip.open if path.name.endswith(".gz") else open)(path, "rb") as stream:
            head = stream.read(1 << 14)
    except (OSError, EOFError, zlib.error):
        return False
    return b"\0" not in head and is_table(head.decode("latin-1"))
