"""A column of yes and no in the canonical events is the opinion that it names."""

from __future__ import annotations

import pytest

KINDS = "SELECT item_id, event, signal > 0 FROM v_events ORDER BY item_id"


@pytest.mark.parametrize(("name", "yes", "no"), [("liked", "true", "FALSE"), ("Recommended", "1", "0")])
def test_yes_is_for_and_no_is_against(run, name: str, yes: str, no: str) -> None:
    text = f"user_id,item_id,{name}\nu1,i1,{yes}\nu1,i2,{no}\nu2,i3,\n"
    found = run({"interactions.csv": text})
    assert found.rows(KINDS) == [
        ("i1", "recommend", True), ("i2", "not_recommend", False), ("i3", "view", True)
    ]  # fmt: skip
    assert f"the column '{name}' says who liked what: yes is a recommendation, no is against" in found.told(
        "interactions.csv"
    )
    assert "ignored_column" not in found.reasons("interactions.csv")


@pytest.mark.parametrize(
    "text",
    [
        "user_id,item_id,event,liked\nu1,i1,play,false\n",
        "user_id,item_id,rating,liked\nu1,i1,4,false\n",
        "user_id,item_id,liked\nu1,i1,perhaps\n",
    ],
)
def test_a_file_that_says_it_otherwise_is_read_by_that(run, text: str) -> None:
    found = run({"interactions.csv": text})
    assert found.rows("SELECT event LIKE '%recommend%' FROM events") == [(False,)]
    assert found.reasons("interactions.csv")["ignored_column"] == 1
