"""Forty forms of time in one column."""

from __future__ import annotations

from datetime import datetime

from tests.data.cases.importing import Brought, case

UNDATED = {"excel_serial", "excel_serial_frac", "neg", "zero", "placeholder", "zero_date", "far", "1900"}
LATER = {
    "epoch_float": datetime(2018, 1, 1, 0, 0, 0, 250000),
    "us_long": datetime(2018, 1, 31),
    "zone": datetime(2018, 1, 1, 5),
    "est": datetime(2018, 1, 1, 5),
    "comma_ms": datetime(2018, 1, 1, 0, 0, 0, 123000),
    "24h": datetime(2018, 1, 2),
    "ampm": datetime(2018, 1, 1, 13),
}


def test_each_is_its_moment_or_undated(tmp_path) -> None:
    brought = Brought(case("07-times/in"), tmp_path)
    found = dict(brought.rows("SELECT item_id, timestamp FROM events"))
    assert len(found) == 39
    for name, time in found.items():
        assert time == (None if name in UNDATED else LATER.get(name, datetime(2018, 1, 1))), name
    assert {"zero_timestamp", "bad_timestamp", "impossible_date"} <= brought.told.keys()
