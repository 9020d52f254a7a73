"""Imports the inputs in the forms of public reports that lie beside the project, where they are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.sources import as_place
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.preview import propose, sample
from mgrec_core.data.receipt import ImportReport

CASES = Path(__file__).parents[4] / "shared" / "cases"


def case(name: str) -> Path:
    folder = CASES / name
    if not folder.is_dir():
        pytest.skip(f"the case is not at {folder}")
    return folder


class Brought:
    """What an import of a case brought."""

    def __init__(self, folder: Path, place: Path, guessed: bool = False, **options: Any) -> None:
        mapping = propose(place, sample(as_place(folder)), "guessed")[0] if guessed else None
        self.database = place / "case.duckdb"
        self.report: ImportReport = import_source(
            folder, self.database, mapping=mapping, options=ImportOptions.of(**options)
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    @property
    def told(self) -> dict[str, str]:
        return {one.rule: one.explanation for one in self.report.reasons}
