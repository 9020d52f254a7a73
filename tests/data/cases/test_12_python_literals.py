"""A dictionary of Python a line, with a list of a player's games."""

from __future__ import annotations


def test_games_are_the_items(imported) -> None:
    found = imported("12-python-literals/in", "guess")
    assert found.rows("SELECT count(*), count(DISTINCT user_id), count(weight) FROM events") == [
        (160, 40, 160)
    ]
    assert found.rows("SELECT title FROM items WHERE item_id = '280'") == [("Game 28's quest",)]
    assert found.rows(
        "SELECT weight FROM events WHERE user_id = '76561197970900000' AND item_id = '280'"
    ) == [(6604.0,)]
