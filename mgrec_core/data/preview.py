"""What a source holds and what an import of it would make: the first rows, and what the rules would do."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from mgrec_core.data.importers.mapping.guess import Table, guess
from mgrec_core.data.importers.mapping.kept import fitting
from mgrec_core.data.importers.mapping.model import Mapping, fingerprint
from mgrec_core.data.importers.running import import_source
from mgrec_core.data.importers.sources import Place, open_source
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.receipt import ImportReport, Rows
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

if TYPE_CHECKING:
    import pandas as pd

SAMPLED = 200
"""Rows looked at of each table, to guess and to show what is in a column."""
PREVIEWED = 2_000
"""Rows of each table that a preview reads."""
SHOWN = 10
"""Rows shown of each table that a source becomes."""
_ATTRIBUTES = (
    "SELECT {0}_id, attribute, value, role FROM {0}_attributes LEFT JOIN columns"
    " ON owner = '{0}' AND name = attribute ORDER BY ALL"
)
_TABLES = {
    "events": "SELECT event_id, user_id, item_id, event, role, round(signal, 3) AS signal, rating, weight,"
    " timestamp, session_id FROM v_events ORDER BY event_id",
    "items": "FROM items ORDER BY ALL",
    "item_attributes": _ATTRIBUTES.format("item"),
    "users": "FROM users ORDER BY ALL",
    "user_attributes": _ATTRIBUTES.format("user"),
    **{
        table: f"FROM {table} ORDER BY ALL"
        for table in ("kg", "social", "feedback", "tags", "ads", "ad_items", "ad_events")
    },
}
"""What a preview shows of each table."""


@dataclass(frozen=True)
class Preview:
    """What the beginning of a source would become.

    Attributes
    ----------
    report
        The receipt of the rows that were read.
    frames
        Table → its first rows; tables without rows are left out.
    rows
        Rows read of each file at most.
    """

    report: ImportReport
    frames: dict[str, pd.DataFrame]
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Return the preview as plain dictionaries and lists, ready for JSON."""
        return {
            "rows": self.rows,
            "receipt": self.report.to_dict(),
            "tables": {
                name: frame.astype(object).where(frame.notna(), None).to_dict("records")
                for name, frame in self.frames.items()
            },
        }


def sample(
    place: Place,
    rows: int = SAMPLED,
    unread: list[str] | None = None,
    first: list[Rows] | None = None,
) -> list[Table]:
    """Return every table of a source with the first values of each column.

    Parameters
    ----------
    place
        Folder, file or database.
    rows
        Rows looked at.
    unread
        Takes a sentence for each table that cannot be read; without it the first one is raised.
    first
        Takes the first rows of each table, to be shown.

    Raises
    ------
    InputError
        When the source, all of its tables or, without ``unread``, one of them cannot be read.
    """
    found: list[Table] = []
    refused: list[InputError] = []
    with (
        tempfile.TemporaryDirectory(prefix="mgrec-sample-") as scratch,
        contextlib.closing(duckdb.connect(config={"autoinstall_known_extensions": "false"})) as connection,
        contextlib.closing(open_source(place)) as source,
    ):
        for name in source.tables():
            try:
                staged = source.stage(connection, name, Path(scratch), rows)
            except InputError as error:
                if unread is None:
                    raise
                refused.append(error)
                continue
            listed = ", ".join(staged.columns.values())
            # One query for all: each takes as long as the table is wide.
            cells = connection.execute(
                f"SELECT {listed} FROM {staged.table} ORDER BY _row LIMIT {rows}"
            ).fetchall()
            values = {
                column: [_shown(text) for row in cells if (text := str(row[at] or "")).strip(" ")]
                for at, column in enumerate(staged.columns)
            }
            connection.execute(f"DROP TABLE {staged.table}")
            found.append(Table(name, values))
            if first is not None:
                first.append(Rows.of(name, list(staged.columns), cells))
    if refused and not found:
        raise refused[0]
    if unread is not None:
        unread += [str(error) for error in refused]
    return found


def _shown(text: str) -> str:
    """A list of objects keeps enough of itself to tell its keys."""
    return shorten(text, 2_000 if text.lstrip().startswith("[{") else 200)


def propose(workspace: Path, tables: list[Table], name: str) -> tuple[Mapping, bool]:
    """Return a mapping kept for files with these columns, else a guess; and whether it was kept.

    Raises
    ------
    InputError
        When none is kept and nothing can be guessed.
    """
    kept = fitting(workspace, fingerprint(table.samples.keys() for table in tables))
    return (kept, True) if kept else (guess(tables, name), False)


def preview(
    source: Place,
    mapping: Mapping | None = None,
    format: str | None = None,
    rows: int = PREVIEWED,
    options: ImportOptions | None = None,
) -> Preview:
    """Import the first rows of a source into a database that is thrown away.

    Parameters
    ----------
    source
        Folder, file or database.
    mapping, format
        As for an import.
    rows
        Rows to read of each file.
    options
        As for an import.

    Raises
    ------
    InputError
        As the import would.
    """
    with tempfile.TemporaryDirectory(prefix="mgrec-preview-") as folder:
        database = Path(folder) / "preview.duckdb"
        report = import_source(source, database, format, mapping=mapping, limit=rows, options=options)
        with contextlib.closing(duckdb.connect(str(database), read_only=True)) as connection:
            frames = {
                table: connection.execute(f"{query} LIMIT {SHOWN}").df() for table, query in _TABLES.items()
            }
    return Preview(report, {name: frame for name, frame in frames.items() if len(frame)}, rows)
