"""Sheets of a workbook (Excel, OpenDocument): the first row that is not empty names the columns."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mgrec_core.data.importers.sources.base import labelled
from mgrec_core.data.importers.sources.databases import stage_arrow
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.causes import line_of, refusal
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.foundation.text import shorten

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
LARGEST = 2 << 30
"""Bytes a workbook may unpack to; more is a mistake or an attack."""


def sheets(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets.

    Raises
    ------
    InputError
        When it is no workbook, is protected by a password, or would unpack to too much.
    """
    return tuple(_open(path).sheet_names)


def stage_sheet(
    connection: duckdb.DuckDBPyConnection, path: Path, sheet: str, limit: int | None = None
) -> Staged:
    """Read a sheet into a staging table of text; dates become ISO 8601, whole numbers stay whole."""
    label = labelled(path.name, sheet)
    try:
        rows = _open(path).get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    except Exception as error:  # the reader's own error kinds, one for each damage
        raise _refused(path, error) from None
    rows = [row for row in rows if any(cell != "" for cell in row)]
    if not rows:
        raise InputError(f"{label} is empty; choose another sheet or fill it")
    names = [shorten(_text(cell) or "", 200) for cell in rows[0]]
    seen: set[str] = set()
    for name in filter(None, names):
        if name.lower() in seen:
            raise InputError(f"{label} has two columns named '{name}'; rename one of them")
        seen.add(name.lower())
    named = [index for index, name in enumerate(names) if name]
    body = rows[1 : None if limit is None else limit + 1]
    columns = [pa.array([_text(row[index]) for row in body], pa.string()) for index in named]
    if not named:
        raise InputError(f"{label} has no header row; put the column names in its first row")
    table = pa.table(dict(zip([names[index] for index in named], columns, strict=True)))
    return stage_arrow(connection, label, table.to_reader())


def _open(path: Path) -> Any:
    import python_calamine

    if not path.is_file():
        raise InputError(f"{shorten(path.name)} is missing; check the path")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                if sum(entry.file_size for entry in packed.infolist()) > LARGEST:
                    raise InputError(
                        f"{shorten(path.name)} would unpack to more than 2 GiB; export the sheet as CSV"
                    )
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except InputError:
        raise
    except Exception as error:  # the reader's own error kinds, one for each damage
        raise _refused(path, error) from None


def _refused(path: Path, error: Exception) -> MgrecError:
    unfit = InputError(
        f"{shorten(path.name)} cannot be read as a workbook ({line_of(error, 100)}); save it again without a"
        " password, or export the sheet as CSV"
    )
    return refusal(error, shorten(path.name), damaged=unfit, other=unfit)


def _text(cell: object) -> str | None:
    match cell:
        case "" | None:
            return None
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell.total_seconds())
    return str(cell)
