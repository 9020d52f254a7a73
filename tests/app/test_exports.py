"""Files for taking away say where they come from and do not run in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from mgrec_core.foundation.results import Evidence, Explanation, RankedItem, RankedList
from pages.ui.widgets import exports

ABOUT = {"workspace": "shop", "build": "b1", "model": "m", "preset": "default"}
RANKED = RankedList(
    user_id="u1", k=2, weights={"recent": 0.5, "collaborative": 1.0}, base="collaborative", fusion="score",
    alpha={}, n_candidates=9,
    items=(
        RankedItem(1, "i1", "=HYPERLINK(1)", 1.5, {"recent": 0.5, "collaborative": 1.0}),
        RankedItem(2, "i2", "Käse, \"alt\"", 0.5, {"recent": 0.0, "collaborative": 0.5}),
    ),
)  # fmt: skip
EXPLANATION = Explanation(
    user_id="u1", item_id="i1", title="One", score=1.5, rank=1, seen=False,
    weights={"recent": 0.5}, base="recent", fusion="score", contributions={"recent": 1.5},
    baseline={"recent": -0.5}, evidence={"recent": (Evidence("item", "i9", "+cmd", 2.0, 1.0),)},
)  # fmt: skip


def test_the_list_as_csv_carries_its_origin_on_each_row() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.ranked_csv(RANKED, ABOUT))))
    assert [r["item_id"] for r in rows] == ["i1", "i2"]
    assert rows[1]["title"] == 'Käse, "alt"'
    assert {(r["build"], r["k"], r["weight_recent"], r["base"], r["user_id"]) for r in rows} == {
        ("b1", "2", "0.5", "collaborative", "u1")
    }


def test_alpha_is_in_the_csv_where_it_has_a_part_in_the_list() -> None:
    alpha = {"recent": 0.25, "collaborative": 0.75}
    for fusion, is_held in (("score", False), ("vector", True)):
        ranked = replace(RANKED, fusion=fusion, alpha=alpha)
        row = next(csv.DictReader(io.StringIO(exports.ranked_csv(ranked, ABOUT))))
        assert {k: float(v) for k, v in row.items() if k.startswith("alpha_")} == (
            {"alpha_recent": 0.25, "alpha_collaborative": 0.75} if is_held else {}
        )


def test_titles_that_look_like_formulas_are_quoted() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.ranked_csv(RANKED, ABOUT))))
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    evidence = list(csv.DictReader(io.StringIO(exports.explanation_csv(EXPLANATION, ABOUT))))
    assert evidence[0]["label"] == "'+cmd"


def test_ids_that_look_like_formulas_are_quoted_too() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.ranked_csv(replace(RANKED, user_id="=1+1"), ABOUT))))
    assert {row["user_id"] for row in rows} == {"'=1+1"}


def test_json_holds_origin_and_result_unchanged() -> None:
    document = json.loads(exports.as_json(RANKED.to_dict(), ABOUT))
    assert document["build"] == "b1" and document["k"] == 2
    assert document["items"][0]["title"] == "=HYPERLINK(1)"
    assert document["weights"] == {"recent": 0.5, "collaborative": 1.0}


def test_evidence_and_baseline_in_the_csv_sum_to_the_contribution() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.explanation_csv(EXPLANATION, ABOUT))))
    assert sum(float(r["value"]) for r in rows) == EXPLANATION.contributions["recent"]
