"""Pieces below 0 and opinions that are not there are no interest."""

from __future__ import annotations

import pytest

SIGNALS = "SELECT item_id, event, weight, signal FROM v_events ORDER BY item_id"
MAPPING = (
    "tables:\n- table: interactions\n  file: a.csv\n  columns: {user_id: user_id, item_id: item_id, %s}\n"
)


def test_pieces_below_0_are_refunds_where_they_are_the_weight(run) -> None:
    text = "user_id,item_id,Menge\nu1,i1,2\nu1,i2,-3\nu1,i3,\n"
    mapping = MAPPING % "weight: Menge" + "  constants: {event: purchase}\n"
    found = run({"a.csv": text, "mapping.yaml": mapping})
    assert found.rows(SIGNALS) == [
        ("i1", "purchase", 2, 1), ("i2", "refund", 3, -1), ("i3", "purchase", None, 1)
    ]  # fmt: skip
    told = [one for one in found.report.reasons if one.rule == "taken_back"]
    assert [(one.count, one.matters) for one in told] == [(1, True)]


def test_pieces_below_0_are_refunds_where_they_have_no_place(run) -> None:
    found = run({"interactions.csv": "user_id,item_id,quantity\nu1,i1,2\nu1,i2,-1\n"})
    assert found.rows(SIGNALS) == [("i1", "interaction", None, 1), ("i2", "refund", None, -1)]


def test_a_kind_that_says_more_than_the_pieces_stays(run) -> None:
    text = "user_id;item_id;event;quantity\nu1;i1;Cancel;-1\nu1;i2;Purchase;-1,5\nu1;i3;Purchase;1,5\n"
    found = run({"interactions.csv": text})
    assert [row[:2] + row[3:] for row in found.rows(SIGNALS)] == [
        ("i1", "cancel", -1), ("i2", "refund", -1), ("i3", "purchase", 1)
    ]  # fmt: skip


@pytest.mark.parametrize("nothing", ["", "n/a"])
def test_without_a_thumb_says_less_than_a_thumb_up(run, nothing: str) -> None:
    text = f"user_id,item_id,thumb\nu1,i1,up\nu1,i2,{nothing}\nu1,i3,👎\n"
    found = run({"a.csv": text, "mapping.yaml": MAPPING % "event: thumb"})
    signals = {item: signal for item, _, _, signal in found.rows(SIGNALS)}
    assert signals["i1"] == 0.8 and signals["i3"] == -1 and 0 <= signals["i2"] < 0.2


def test_without_a_kind_among_other_kinds_is_an_interaction(run) -> None:
    text = "user_id,item_id,event\nu1,i1,like\nu1,i2,\nu1,i3,purchase\n"
    assert run({"interactions.csv": text}).rows(SIGNALS)[1][1] == "interaction"
