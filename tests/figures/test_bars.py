"""Bars say exactly what the engine computed, in the same colours and the same order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.figures import contribution_bars, evidence_bars, interest_bars, theme_bars, waterfall
from mgrec_core.figures.text import clean
from mgrec_core.foundation.explanation import Explanation, Interest
from mgrec_core.foundation.results import RankedItem, RankedList
from mgrec_core.foundation.themes import Apart, Theme
from mgrec_core.model.granularities import GRANULARITIES, specs

numbers = st.floats(-50, 50, allow_nan=False)


# No deadline: a figure takes a while to build on a busy machine, and time is not what is tested.
@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(GRANULARITIES, numbers)), min_size=1, max_size=50),
    st.booleans(),
)
def test_stacked_contributions_sum_to_the_score_and_diverge_at_zero(
    rows: list[dict[str, float]], dark: bool
) -> None:
    items = tuple(RankedItem(i + 1, f"id{i}", "t", sum(r.values()), r) for i, r in enumerate(rows))
    weights = dict.fromkeys(GRANULARITIES, 1.0)
    ranked = RankedList("u", len(items), weights, GRANULARITIES[0], "score", weights, 99, items)
    figure = contribution_bars(ranked, dark=dark)
    bars, marker = figure.data[:-1], figure.data[-1]
    assert figure.layout.barmode == "relative", "positive and negative parts never stack onto each other"
    for row, item in enumerate(items):
        assert sum(bar.x[row] for bar in bars) == pytest.approx(item.score, abs=1e-5)
        assert marker.x[row] == item.score
        assert all(trace.customdata[row] == item.item_id for trace in figure.data)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "granularities", [GRANULARITIES, GRANULARITIES[::-1], ("social", "behaviour"), ("popularity",)]
)
def test_colour_pattern_and_order_are_constant(
    ranked: Callable[..., RankedList], granularities: tuple[str, ...], dark: bool
) -> None:
    bars = contribution_bars(ranked(4, granularities=granularities), dark=dark).data[:-1]
    expected = [spec for spec in specs() if spec.name in granularities]
    assert [bar.name.split(" ")[0] for bar in bars] == [spec.label for spec in expected]
    assert [bar.marker.color for bar in bars] == [spec.colours[dark] for spec in expected]
    assert [bar.marker.pattern.shape for bar in bars] == [spec.pattern for spec in expected]


@pytest.mark.parametrize("k", [1, 10, 50])
def test_rows_are_in_rank_order_and_high_enough_to_read(ranked: Callable[..., RankedList], k: int) -> None:
    figure = contribution_bars(ranked(k))
    assert [text.split(" ")[0] for text in figure.layout.yaxis.ticktext] == [str(i + 1) for i in range(k)]
    low, high = figure.layout.yaxis.range
    assert low > k and high < 1, "rank 1 is on top"
    assert 20 * k <= figure.layout.height <= 40 * k + 260


def test_a_granularity_without_weight_keeps_its_place(ranked: Callable[..., RankedList]) -> None:
    items = (RankedItem(1, "a", "A", 0.5, {"behaviour": 0.5, "social": 0.0}),)
    weights = {"behaviour": 1.0, "social": 0.0}
    figure = contribution_bars(RankedList("u", 1, weights, "behaviour", "score", weights, 1, items))
    assert [bar.name for bar in figure.data] == ["Behaviour (λ 1.00)", "Social (λ 0.00)", "Score (the sum)"]


@pytest.mark.parametrize("top", [1, 5, 10, 100])
@pytest.mark.parametrize("n", [1, 10, 30])
def test_evidence_rest_and_baseline_sum_to_the_contribution(
    explained: Callable[..., Explanation], n: int, top: int
) -> None:
    explanation = explained(n)
    for g in GRANULARITIES:
        figure = evidence_bars(explanation, g, top=top)
        values = [value for trace in figure.data for value in trace.x]
        assert sum(values) == pytest.approx(explanation.contributions[g], abs=1e-5)
        assert len(values) == min(n, top) + (n > top) + 1
        assert list(map(abs, figure.data[0].x)) == sorted(map(abs, figure.data[0].x), reverse=True)
        assert len(figure.layout.yaxis.ticktext) == len(values)


def test_waterfall_ends_at_the_score(explained: Callable[..., Explanation]) -> None:
    explanation = explained(6)
    *steps, total = waterfall(explanation).data
    end = 0.0
    for step in steps:
        assert step.base[0] == pytest.approx(end)
        end += step.x[0]
    assert end == pytest.approx(total.x[0]) == pytest.approx(explanation.score)
    assert [step.name for step in steps] == [spec.label for spec in specs()]


def test_themes_say_share_trend_and_what_sets_them_apart() -> None:
    apart = (Apart("attribute", "genre: Horror", 0.8, 0.1),)
    found = [
        Theme("Horror", 0.75, 0.6, 0.35, ("a", "b"), ("Alien", ""), apart, False, ("a", "b")),
        Theme("War", 0.375, None, None, (), (), (), True, ("c",)),
        Theme("Comedy", -0.125, 0.1, 0.1, (), (), (), False, ("d",)),
    ]
    figure = theme_bars(found, "recent")
    assert sum(figure.data[0].x) == pytest.approx(100)
    said = [note.text for note in figure.layout.annotations]
    assert said == ["<b>75 %</b>  ▲ 25", "<b>38 %</b>", "<b>−12 %</b>  steady"]
    assert "Alien; b" in figure.layout.yaxis.ticktext[0] and "against War" in figure.layout.yaxis.ticktext[1]
    assert "80 % of its items, of all items 10 %" in figure.data[0].hovertext[0]
    assert "Horror 75 % ▲ 25" in figure.layout.meta["alt"]
    assert "▲▼" not in theme_bars(found[1:2], "recent").layout.title.subtitle.text


@pytest.mark.parametrize(
    ("fusion", "weight", "said"),
    [("score", 0.0, "is muted (λ = 0)"), ("concat", 0.0, "its α"), ("score", 0.5, "no evidence at this")],
)
def test_nothing_to_show_says_why(
    explained: Callable[..., Explanation], fusion: str, weight: float, said: str
) -> None:
    none = dict.fromkeys(GRANULARITIES, 0.0)
    why = replace(
        explained(0), fusion=fusion, weights=none | {"social": weight}, contributions=none, baseline=none
    )
    assert said in clean(evidence_bars(why, "social").layout.annotations[0].text.replace("<br>", " "))


def test_interests_are_sorted_and_in_per_cent() -> None:
    found = [Interest("item", "a", "A", 0.1, 1.0), Interest("item", "b", "B", 0.3, 2.0)]
    figure = interest_bars(found, "recent")
    assert list(figure.data[0].x) == pytest.approx([30, 10])
    assert list(figure.data[0].customdata) == ["b", "a"]
    assert "40 &#37;" in figure.layout.title.subtitle.text
