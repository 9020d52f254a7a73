"""Marks of ten and amounts of money are numbers."""

from __future__ import annotations

import pytest


def _events(header: str, cells: list[str], delimiter: str = ",") -> str:
    lines = [
        f"user_id{delimiter}item_id{delimiter}{header}",
        *(f"u{n}{delimiter}i{n}{delimiter}{cell}" for n, cell in enumerate(cells)),
    ]
    return "\n".join(lines) + "\n"


def told(found) -> str:
    return " | ".join(one.explanation for one in found.report.reasons if one.rule == "file_form")


@pytest.mark.parametrize(
    ("cells", "ratings"),
    [
        (["8/10", "10/10", "7.5/10"], [8, 10, 7.5]),
        (["4/5", "k.A.", "3/5", "5"], [4, None, 3, 5]),
    ],
)
def test_marks_of_one_scale_are_what_they_count(run, cells: list[str], ratings: list[float | None]) -> None:
    found = run({"interactions.csv": _events("rating", cells)})
    assert [one for (one,) in found.rows("SELECT rating FROM events ORDER BY user_id")] == ratings
    assert "the marks in rating are numbers of" in told(found)


def test_marks_of_several_scales_are_no_numbers(run) -> None:
    found = run({"interactions.csv": _events("rating", ["8/10", "4/5", "3"])})
    assert found.rows("SELECT rating FROM events") == [(3,)] and "marks" not in told(found)


@pytest.mark.parametrize(
    ("delimiter", "cells", "weights"),
    [
        ("|", ["3,50 €", "1.250,00 €", ""], [3.5, 1250, None]),
        (";", ["3,50 €", "4,00€"], [3.5, 4]),
        (",", ["€3.50", "$ 4", "USD 2.5"], [3.5, 4, 2.5]),
    ],
)
def test_a_currencys_sign_is_no_part_of_a_number(
    run, delimiter: str, cells: list[str], weights: list[float | None]
) -> None:
    found = run({"interactions.csv": _events("weight", cells, delimiter)})
    assert [one for (one,) in found.rows("SELECT weight FROM events ORDER BY user_id")] == weights
    assert "currency's sign" in told(found)


def test_titles_and_ids_are_left_alone(run) -> None:
    items = "item_id,title\ni0,$5\ni1,24/7\ni2,Tea\n"
    found = run({"interactions.csv": _events("rating", ["1", "2", "3"]), "items.csv": items})
    assert found.rows("SELECT title FROM items ORDER BY item_id") == [("$5",), ("24/7",), ("Tea",)]


@pytest.mark.parametrize(
    ("cells", "weights"),
    [
        (["80%", "20 %", "k.A.", "7.5%"], [80, 20, None, 7.5]),
        (['"80,5%"', "20%"], [80.5, 20]),
        (["80%", "20", "100%"], [20]),
    ],
)
def test_per_cent_are_numbers_where_all_are(run, cells: list[str], weights: list[float | None]) -> None:
    found = run({"interactions.csv": _events("weight", cells)})
    assert [one for (one,) in found.rows("SELECT weight FROM events ORDER BY user_id")] == weights
    assert ("weight are per cent" in told(found)) == (len(weights) > 1)


@pytest.mark.parametrize(
    ("cells", "ratings"),
    [
        (["20.00", "(20.00)", "(1,000.50)"], [20, -20, -1000.5]),
        (["20,00", "(1.007,50)", "3,00"], [20, -1007.5, 3]),
        (["€ 5.00", "(€ 2.50)", "€ 1.00"], [5, -2.5, 1]),
    ],
)
def test_amounts_in_brackets_are_below_zero(run, cells: list[str], ratings: list[float]) -> None:
    found = run({"interactions.csv": _events("rating", [f'"{cell}"' for cell in cells])})
    assert [one for (one,) in found.rows("SELECT rating FROM events ORDER BY user_id")] == ratings
    assert "stand in brackets are below 0" in told(found)


def test_years_in_brackets_stay_as_they_are(run) -> None:
    files = {"interactions.csv": _events("event", ["view"] * 3), "items.csv": "item_id,title\ni0,(1995)\n"}
    found = run({**files, "items.csv": files["items.csv"] + "i1,(1996)\n"})
    assert found.rows("SELECT title FROM items WHERE title IS NOT NULL ORDER BY 1") == [
        ("(1995)",),
        ("(1996)",),
    ]
