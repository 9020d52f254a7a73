"""Titles in Chinese: what is in them, whose they are and when is read whatever a model makes of the words."""

from __future__ import annotations


def test_titles_times_and_ids_are_as_they_stand(imported) -> None:
    found = imported("24-chinese-titles/in")
    counts = "SELECT count(*), count(DISTINCT user_id), count(DISTINCT item_id) FROM events"
    assert found.rows(counts) == [(640, 80, 158)]
    assert found.rows("SELECT count(*), count(DISTINCT title) FROM items") == [(160, 160)]
    assert found.rows("SELECT item_id, title FROM items ORDER BY ALL LIMIT 2") == [
        ("i1", "红色手机"),
        ("i10", "新款智能手机"),
    ]
    alone = "SELECT count(*) FROM events WHERE item_id NOT IN (SELECT item_id FROM items WHERE title <> '')"
    assert found.rows(alone) == [(0,)]
    times = "SELECT min(epoch(timestamp)), max(epoch(timestamp)), count(timestamp) FROM events"
    assert found.rows(times) == [(1_700_000_000, 1_700_079_350, 640)]
    assert [one.rejected for one in found.report.files] == [0, 0]
    assert not [one for one in found.report.reasons if one.matters]
