"""Orders of a shop: an offset after a space, a state on the first line of an order, many columns."""

from __future__ import annotations

from datetime import datetime


def test_orders_that_were_taken_back_are_left_out_and_times_read(imported) -> None:
    found = imported("09-shopify/in", "guess")
    ((events, dated),) = found.rows("SELECT count(*), count(timestamp) FROM events")
    assert (events, dated) == (263, 263) and found.report.counts["items"] == 37
    assert found.rows("SELECT DISTINCT event FROM events") == [("purchase",)]
    assert found.rows("SELECT min(timestamp) FROM events") == [(datetime(2024, 1, 3, 5, 1, 4),)]
    unused = [one for one in found.report.reasons if one.rule == "ignored_column"]
    assert len(unused) == len({one.file for one in unused}), "one line for all columns without a use"
