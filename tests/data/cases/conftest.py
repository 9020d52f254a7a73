"""Inputs in the forms of public reports, where they are at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping.guess import guess
from mgrec_core.data.importers.mapping.model import Mapping, load
from mgrec_core.data.preview import sample
from tests.data.importers.conftest import Imported


@pytest.fixture(scope="session")
def cases(shared_data: Path) -> Path:
    """Return the folder of cases, beside that of the data."""
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("../shared/cases is absent")
    return folder


@pytest.fixture
def imported(cases: Path, tmp_path: Path) -> Callable[..., Imported]:
    """Import a case's folder: as it is found, as it is guessed, or by a mapping of its own."""

    def run(folder: str, mapping: str = "") -> Imported:
        source, database = cases / folder, tmp_path / "case.duckdb"
        chosen: Mapping | None = None
        if mapping == "guess":
            chosen = guess(sample(source, unread=[]), "guessed")
        elif mapping:
            chosen = load(cases / mapping)
        return Imported(import_source(source, database, mapping=chosen), database)

    return run
