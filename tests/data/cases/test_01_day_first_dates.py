"""Day-first orders of three months, oldest first: the first rows fit both orders, the whole only one."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_all_orders_are_in_their_months(tmp_path) -> None:
    brought = Brought(case("01-day-first-dates/in"), tmp_path, guessed=True)
    months = brought.rows(
        "SELECT strftime(timestamp, '%Y-%m') AS m, count(*) FROM events GROUP BY m ORDER BY m"
    )
    assert [month for month, _ in months] == ["2023-01", "2023-02", "2023-03"]
    assert sum(n for _, n in months) == brought.report.counts["events"] == 5400
    assert "%d/%m/%Y" in brought.told["time_form"]
