"""A first look at a source: of which format it is, else what its columns may mean."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mgrec_core.data.identifiers import KINDS
from mgrec_core.data.importers.detection import detect_format
from mgrec_core.data.importers.identifiers import RULE, recognised
from mgrec_core.data.importers.mapping.guess import Table, guess
from mgrec_core.data.importers.mapping.kept import fitting
from mgrec_core.data.importers.mapping.model import Mapping, fingerprint
from mgrec_core.data.importers.sources import Place, open_source
from mgrec_core.data.preview import SAMPLED, preview, sample
from mgrec_core.data.receipt import ImportReport, Rows
from mgrec_core.foundation.errors import InputError


@dataclass(frozen=True)
class Look:
    """What a first look found.

    Attributes
    ----------
    format
        The known format, or empty: then the mapping says which column is what.
    tables
        Tables with samples, where a mapping is needed.
    mapping
        The guessed or kept mapping.
    kept
        Whether the mapping was kept from an import of files with the same columns.
    problem
        Why nothing could be guessed, or why the first rows of a known format could not be read.
    unread
        Why some of the tables could not be read; the others are there.
    personal
        File, what one of its columns holds, and what the defaults do with it: personal data in the first
        rows.
    rows
        The first rows of each file, to be shown.
    """

    format: str = ""
    tables: tuple[Table, ...] = ()
    mapping: Mapping | None = None
    kept: bool = False
    problem: str = ""
    unread: tuple[str, ...] = ()
    personal: tuple[tuple[str, str, str], ...] = ()
    rows: tuple[Rows, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "format": self.format,
            "tables": [asdict(table) for table in self.tables],
            "mapping": self.mapping.model_dump(mode="json") if self.mapping else None,
            "kept": self.kept,
            "problem": self.problem,
            "unread": self.unread,
            "personal": self.personal,
            "rows": [asdict(one) for one in self.rows],
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Look:
        """Return what :meth:`to_dict` gave."""
        mapping = found["mapping"]
        return cls(
            found["format"],
            tuple(Table(one["name"], one["samples"]) for one in found["tables"]),
            Mapping.model_validate(mapping) if mapping else None,
            found["kept"],
            found["problem"],
            tuple(found["unread"]),
            tuple((file, what, done) for file, what, done in found["personal"]),
            tuple(Rows.from_dict(one) for one in found["rows"]),
        )


def look(place: Place, name: str, workspaces: Sequence[Path]) -> Look:
    """Look at a source's files and first rows.

    Parameters
    ----------
    place
        Folder, file or database.
    name
        What a guessed mapping will be called.
    workspaces
        Folders that may keep a mapping for the same columns.

    Raises
    ------
    InputError
        When it cannot be read at all.
    """
    format = _known(place)
    if format:
        try:
            report = preview(place, None, format, SAMPLED).report
            return Look(format, personal=_personal(report), rows=report.first)
        except InputError as error:
            return Look(format, problem=str(error))
    unread: list[str] = []
    first: list[Rows] = []
    tables = tuple(sample(place, unread=unread, first=first))
    columns = fingerprint(table.samples.keys() for table in tables)
    kept = next((one for folder in workspaces if (one := fitting(folder, columns))), None)
    mapping, problem = kept, ""
    try:
        mapping = kept or guess(tables, name)
    except InputError as error:
        problem = str(error)
    personal = tuple(
        (table.name, f"the column '{column}' holds {KINDS[kind]}", "dropped")
        for table in tables
        for column, kind in recognised(table.samples).items()
    )
    return Look("", tables, mapping, kept is not None, problem, tuple(unread), personal, tuple(first))


def _known(place: Place) -> str:
    """The format, unless it is a database whose tables have other names than ours."""
    try:
        format = detect_format(place)
    except InputError:
        return ""
    if format == "database":
        with contextlib.closing(open_source(place)) as source:
            names = [one.partition(" [")[2].rstrip("]").lower() for one in source.tables()]
        return format if "interactions" in names else ""
    return format


def _personal(report: ImportReport) -> tuple[tuple[str, str, str], ...]:
    """What the rules recognise in the first rows."""
    return tuple(
        (reason.file, reason.explanation.rpartition(" and was ")[0] or reason.explanation, reason.action)
        for reason in report.reasons
        if reason.rule == RULE
    )
