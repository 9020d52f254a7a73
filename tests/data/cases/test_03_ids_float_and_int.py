"""Ids that are 10.0 in the events and 10 in the catalogue."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_users_and_items_meet(tmp_path) -> None:
    brought = Brought(case("03-ids-float-and-int/in"), tmp_path)
    assert (brought.report.counts["users"], brought.report.counts["items"]) == (30, 40)
    assert brought.rows("SELECT count(*) FROM events JOIN items USING (item_id) WHERE title IS NULL") == [
        (0,)
    ]
    assert "decimal_id" in brought.told
