"""Ids that a spreadsheet keeps as formulas: ="000"."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_ids_are_taken_out_of_formulas(tmp_path) -> None:
    brought = Brought(case("32-csv-dialects/m-eq"), tmp_path)
    assert all(user.isdigit() for (user,) in brought.rows("SELECT user_id FROM users"))
    assert "formula" in brought.told
