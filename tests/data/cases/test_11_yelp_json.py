"""Yelp's files of JSON lines: friends in a cell become friendships, and 'None' is none."""

from __future__ import annotations


def test_friends_are_social(imported) -> None:
    found = imported("11-yelp-json/in", "guess")
    assert found.report.counts["events"] == 240 and found.report.counts["items"] == 30
    assert found.rows("SELECT count(*) FROM social WHERE 'None' IN (user_id, friend_id)") == [(0,)]
    assert found.rows("SELECT count(*) > 100, min(length(user_id)), max(length(friend_id)) FROM social") == [
        (True, 5, 5)
    ]
