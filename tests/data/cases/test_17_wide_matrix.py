"""A matrix of ratings in which 99 means that there is none."""

from __future__ import annotations


def test_columns_become_items_and_99_is_none(imported) -> None:
    found = imported("17-wide-matrix/in", "guess")
    assert found.rows(
        "SELECT count(DISTINCT user_id), count(DISTINCT item_id), max(rating) < 10 FROM events"
    ) == [(40, 20, True)]
    assert found.rows("SELECT rating FROM events WHERE user_id = '0' AND item_id = 'joke_3'") == [(9.6,)]
