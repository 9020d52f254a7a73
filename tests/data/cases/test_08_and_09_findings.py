"""Findings of files in the forms of public reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.data.importers.mapping.kept import named
from mgrec_core.operations.importing import import_data
from mgrec_core.quality.assessment import assess
from mgrec_core.quality.document import Finding
from mgrec_core.workspace.folder import Workspace
from tests.built import ROOT

CASES = ROOT.parent / "shared" / "cases"


def findings(case: str, folder: Path) -> dict[str, Finding]:
    """Findings of a case by check, imported by its mapping where it has one."""
    if not CASES.is_dir():
        pytest.skip("the cases are not there")
    workspace, mapping = Workspace.create(folder), CASES / case / "mapping.yaml"
    chosen = named(workspace.path, str(mapping)) if mapping.is_file() else None
    import_data(workspace, CASES / case / "in", mapping=chosen)
    return {found.check: found for found in assess(workspace).findings}


def test_numbers_of_episodes_are_no_users(tmp_path: Path) -> None:
    assert "item_attribute_names_users" not in findings("04-no-rating-sentinel", tmp_path / "w")


def test_order_lines_repeat_their_products(tmp_path: Path) -> None:
    found = findings("09-shopify", tmp_path / "w")
    assert "rejected_rows" not in found or found["rejected_rows"].severity == "low"


def test_dates_as_numbers_are_dates_or_said_to_be_wrong(tmp_path: Path) -> None:
    found = findings("08-yyyymmdd", tmp_path / "w")
    assert "early_dates" not in found or found["early_dates"].severity == "high"
