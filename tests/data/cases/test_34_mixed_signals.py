"""Ratings beside a list of what somebody wants to read: the file's name says the kind of event."""

from __future__ import annotations


def test_to_read_is_a_kind_of_its_own(imported) -> None:
    found = imported("34-mixed-signals/in", "guess")
    assert found.rows("SELECT event, count(*), count(rating) FROM events GROUP BY 1 ORDER BY 1") == [
        ("rating", 320, 320),
        ("to_read", 160, 0),
    ]
