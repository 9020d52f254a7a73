"""Dates of eight digits, as GA4 and KuaiRand write them."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_eight_digits_are_dates_of_their_year(tmp_path) -> None:
    brought = Brought(case("08-yyyymmdd/in"), tmp_path)
    assert brought.rows("SELECT DISTINCT year(timestamp), count(*) FROM events GROUP BY ALL") == [(2023, 320)]
