"""What holds for every figure: title, alt text, background, emptiness, hostile titles."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from mgrec_core import figures
from mgrec_core.analysis.comparison import Comparison, ItemDifference
from mgrec_core.figures.model import text_lengths, text_neighbour_bars, training_curve
from mgrec_core.figures.quality import quality_chart
from mgrec_core.figures.query import table_chart
from mgrec_core.foundation.explanation import Explanation, Interest
from mgrec_core.foundation.results import Neighbour, RankedList
from mgrec_core.foundation.themes import Apart, Theme
from mgrec_core.quality.document import Chart

Build = Callable[..., Any]


def points(labels: tuple[str, ...], colour: object = None) -> pd.DataFrame:
    n = len(labels)
    frame = pd.DataFrame({"id": [f"id{i}" for i in range(n)], "x": np.arange(n), "y": 0.0, "label": labels})
    frame["n"] = np.arange(n)
    return frame if colour is None else frame.assign(colour=colour)


def full(ranked: Build, explained: Build, hostile: tuple[str, ...], dark: bool) -> dict[str, go.Figure]:
    """Every figure, with hostile text wherever text goes."""
    bad, other = hostile[0], hostile[1]
    labels = hostile
    interests = [Interest("item", h, h, 0.1, 1.0) for h in hostile]
    return {
        "contributions": figures.contribution_bars(ranked(12), dark=dark),
        "evidence": figures.evidence_bars(explained(12, bad), "recent", top=5, dark=dark),
        "waterfall": figures.waterfall(explained(3, bad), dark=dark),
        "interests": figures.interest_bars(interests, "knowledge", dark),
        "themes": figures.theme_bars(themes(hostile), "knowledge", dark),
        "map": figures.scatter(points(labels), of="items", dark=dark, selected="id0"),
        "map with a cohort": figures.scatter(
            points(labels, list(labels)).assign(kind="items"),
            of="both",
            colour_name=bad,
            cohort=["items:id0"],
            labels=pd.DataFrame({"x": 0.0, "y": 0.0, "label": labels}),
            background=points(labels),
            many=True,
            dark=dark,
        ),
        "profile": figures.lift_bars(
            pd.DataFrame(
                {
                    "attribute": bad,
                    "value": labels,
                    "share": 0.5,
                    "share_all": 0.1,
                    "lift": [0.2, *[40.0] * (len(labels) - 1)],
                }
            ),
            title=bad,
            subtitle=other,
            unit=bad,
            dark=dark,
        ),
        "map of text": figures.scatter(
            points(labels, list(labels)), of="items", colour_name=bad, dark=dark, selected=["id1", "none"]
        ),
        "map of numbers": figures.scatter(
            points(labels, np.r_[np.nan, np.arange(11.0)]), of="users", colour_name=other, dark=dark
        ),
        "distribution": figures.distribution([1, 2, 2], title=bad, quantity=other, counted=bad, dark=dark),
        "slope": figures.slope_chart(ranked(6), ranked(9), (bad, other), dark=dark),
        "slope of two users": figures.slope_chart(
            ranked(6), ranked(9), (bad, other), title=f"{bad} and {other}", dark=dark
        ),
        "differences of items": figures.difference_items(compared(hostile), dark=dark),
        "shares": figures.share_dumbbells(
            ({"recent": 0.4, "social": 0.6}, {"recent": 1.0}), (bad, other), k=10, dark=dark
        ),
        "neighbours": figures.neighbour_bars(near(hostile), "knowledge", bad, dark=dark),
        "fused neighbours": figures.neighbour_bars(near(hostile), "fused", bad, dark=dark),
        "audience": figures.audience_bars({"recent": 3, "social": 1200}, n_users=2000, k=10, dark=dark),
        "segments": figures.segment_shares(grouped(hostile), segment=bad, overall=0.2, k=10, dark=dark),
        "differences": figures.difference_bars(
            [changed(h, n) for n, h in enumerate(hostile)], title=bad, subtitle=other, dark=dark
        ),
        "sweep": figures.sweep_lines(
            [{"weight": w, "a": changed(bad, 0), "b": changed(bad, 1)} for w in (0.0, 0.5, 1.0)],
            [("a", bad), ("b", other)],
            "recent",
            current=0.5,
            n_users=3,
            dark=dark,
        ),
        "trade-off": figures.tradeoff(
            [weighed(h, n) for n, h in enumerate(hostile)],
            (bad, "higher"),
            (other, "lower"),
            n_users=3,
            chosen=1,
            dark=dark,
        ),
        "weights": figures.weight_bars({h: {"recent": 1.0} for h in hostile}, title=bad, dark=dark),
        "answer": table_chart(pd.DataFrame({bad: labels, other: 1.5}), bad, other, "bars", dark=dark),
        "answer of numbers": table_chart(
            pd.DataFrame({bad: range(7000), other: 1.5}), bad, other, "points", dark=dark
        ),
        "training": training_curve([{"step": 1.0, "loss": 2.0}], "loss", bad, dark=dark),
        "validation": training_curve([{"step": 1.0, "ndcg@10": 0.1}], "ndcg@10", dark=dark),
        "lengths of texts": text_lengths([3, 3, 99], 50, dark=dark),
        "near by text": text_neighbour_bars(near(hostile), bad, other, others={"id1"}, dark=dark),
        "quality": quality_chart(chart(labels, bad, other, "bars"), dark=dark),
        "quality over time": quality_chart(chart(labels, bad, other, "line", labels[:1]), dark=dark),
    }


def themes(names: tuple[str, ...]) -> list[Theme]:
    """Themes with a trend and without, for and against."""
    return [
        Theme(
            h, 0.1 - 0.05 * (n % 3), None if n % 2 else 0.1 * n, None if n % 2 else 0.2, names, names,
            (Apart("attribute", h, 0.5, 0.001 if n % 2 else None),), bool(n % 2), names,
        )
        for n, h in enumerate(names)
    ]  # fmt: skip


def muted(explanation: Explanation) -> Explanation:
    """The same at λ = 0."""
    none = dict.fromkeys(explanation.weights, 0.0)
    return replace(explanation, weights=none, contributions=none, baseline=none)


def chart(
    labels: tuple[str, ...], title: str, quantity: str, kind: Any, reference: tuple[str, ...] = ()
) -> Chart:
    """A chart of the quality document."""
    values = tuple(float(n) for n, _ in enumerate(labels))
    return Chart(
        key="key",
        title=title,
        quantity=quantity,
        counted=title,
        labels=labels,
        values=values,
        kind=kind,
        reference=values if reference else (),
        reference_name=reference[0] if reference else "",
        note=quantity,
    )


def changed(name: str, n: int) -> dict[str, Any]:
    """A metric's difference: better, worse, within chance or without an interval."""
    low, high = ((0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1), (None, None))[n % 4]
    good = (True, False, None, None)[n % 4]
    return {
        "label": name, "value": 0.2, "reference": 0.1, "difference": 0.1,
        "low": low, "high": high, "good": good,
    }  # fmt: skip


def near(titles: tuple[str, ...]) -> list[Neighbour]:
    return [Neighbour(n, f"id{n}", t, 1.0 - 0.3 * n) for n, t in enumerate(titles, start=1)]


def grouped(names: tuple[str, ...]) -> pd.DataFrame:
    """Groups of an audience, the first suppressed."""
    n = len(names)
    frame = pd.DataFrame({"group": names, "users": 10, "seeing": 2, "share": 0.2})
    frame = frame.astype({"users": "Int64", "seeing": "Int64", "share": "Float64"})
    frame.loc[frame.index[: min(n, 1)], ["users", "seeing", "share"]] = None
    return frame


def compared(titles: tuple[str, ...]) -> Comparison:
    """A comparison whose items differ at two granularities."""
    nobody = RankedList(titles[0] if titles else "", 10, {"recent": 1.0}, "recent", "score", {}, 0, ())
    differences = tuple(
        ItemDifference(f"id{n}", t, n, None, 1.0 - n, 0.25, {"recent": 0.5 - n, "social": 0.25})
        for n, t in enumerate(titles, start=1)
    )
    names = (titles[0], titles[1]) if titles else ("a", "b")
    shares = ({"recent": 1.0, "social": 0.0}, {"recent": 0.0, "social": 1.0})
    return Comparison(nobody, nobody, names, (), 0.0, differences, shares, (), (0, 0))


def weighed(name: str, n: int) -> dict[str, Any]:
    """A point of a trade-off; every other one is a preset."""
    return {
        "name": name if n % 2 else "",
        "weights": {"recent": 0.5},
        "x": 0.1 * n,
        "y": -0.1 * n,
        "front": n < 3,
    }


def empties(ranked: Build, explained: Build, dark: bool) -> dict[str, go.Figure]:
    nothing = pd.DataFrame({"id": [], "x": [], "y": []})
    return {
        "contributions": figures.contribution_bars(ranked(0), dark=dark),
        "contributions of nothing": figures.contribution_bars(ranked(0, granularities=()), dark=dark),
        "evidence absent": figures.evidence_bars(
            explained(3, granularities=("recent",)), "social", dark=dark
        ),
        "evidence none": figures.evidence_bars(explained(0), "social", dark=dark),
        "waterfall": figures.waterfall(explained(0, granularities=()), dark=dark),
        "interests": figures.interest_bars((), "social", dark),
        "themes": figures.theme_bars((), "social", dark),
        "evidence muted": figures.evidence_bars(muted(explained(0)), "social", dark=dark),
        "map": figures.scatter(nothing, of="users", dark=dark),
        "profile": figures.lift_bars(pd.DataFrame({"attribute": []}), title="Profile", dark=dark),
        "distribution": figures.distribution(
            [], title="Activity", quantity="items", counted="users", dark=dark
        ),
        "slope": figures.slope_chart(ranked(0), ranked(0), ("a", "b"), dark=dark),
        "differences": figures.difference_bars([], title="Differences", subtitle="", dark=dark),
        "differences of items": figures.difference_items(compared(()), dark=dark),
        "neighbours": figures.neighbour_bars([], "knowledge", "Title", dark=dark),
        "audience": figures.audience_bars({}, n_users=3, k=10, dark=dark),
        "segments": figures.segment_shares(grouped(("a",)), segment="town", overall=0.0, k=10, dark=dark),
        "sweep": figures.sweep_lines([], [], "recent", current=0.0, n_users=0, dark=dark),
        "trade-off": figures.tradeoff([], ("a", "higher"), ("b", "lower"), n_users=0, dark=dark),
        "weights": figures.weight_bars({}, title="Weights", dark=dark),
        "answer": table_chart(pd.DataFrame({"x": ["a"], "y": [np.nan]}), "x", "y", "line", dark=dark),
        "training": training_curve([], "loss", dark=dark),
        "validation": training_curve([{"step": 1.0, "loss": 2.0}], "ndcg@10", dark=dark),
        "lengths of texts": text_lengths([], 50, dark=dark),
        "near by text": text_neighbour_bars([], "model", "Title", dark=dark),
        "quality": quality_chart(chart((), "Activity", "items", "bars"), dark=dark),
        "distribution of nan": figures.distribution(
            [np.nan], title="Activity", quantity="items", counted="users", dark=dark
        ),
    }


@pytest.mark.parametrize("dark", [False, True])
def test_title_alt_and_background(
    ranked: Callable[..., RankedList],
    explained: Callable[..., Explanation],
    hostile: tuple[str, ...],
    dark: bool,
) -> None:
    shown = full(ranked, explained, hostile, dark) | {
        f"no {name}": figure for name, figure in empties(ranked, explained, dark).items()
    }
    for name, figure in shown.items():
        assert figure.layout.title.text, name
        alt = figure.layout.meta["alt"]
        assert len(alt) > 20 and "\n" not in alt, name
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)", name
        assert figure.layout.height >= 100, name
        json.loads(figure.to_json())


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_to_show_is_a_sentence(ranked: Build, explained: Build, dark: bool) -> None:
    for name, figure in empties(ranked, explained, dark).items():
        assert not figure.data, name
        assert figure.layout.annotations[0].text.endswith("."), name


def strings(value: object) -> list[str]:
    """All text that plotly would read as pseudo-HTML; ids in ``customdata`` and alt text are not read."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [
            s for k, v in value.items() if k not in ("customdata", "meta", "template") for s in strings(v)
        ]
    if isinstance(value, (list, tuple)):
        return [s for v in value for s in strings(v)]
    return []


def test_hostile_text_is_escaped_everywhere(
    ranked: Build, explained: Build, hostile: tuple[str, ...]
) -> None:
    for name, figure in full(ranked, explained, hostile, False).items():
        for text in strings(figure.to_dict()):
            for tag in ("<img", "<script", "</svg", "<a ", "$", "%{x}", "%{alt}", "\n", "\u202e"):
                assert tag not in text, (name, text)


def test_long_titles_are_short_in_rows_and_whole_in_hovers(ranked: Build) -> None:
    figure = figures.contribution_bars(ranked(3, titles=("A" + "b" * 50,)))
    assert all("…" in text and len(text) < 50 for text in figure.layout.yaxis.ticktext)
    assert all("A" + "b" * 50 in text for text in figure.data[0].hovertext)


def test_a_title_that_is_missing_shows_the_id(ranked: Build) -> None:
    assert "id0" in figures.contribution_bars(ranked(1, titles=("",))).layout.yaxis.ticktext[0]


def test_presets_at_one_place_have_their_names_side_by_side() -> None:
    points = [
        {"name": name, "weights": {"recent": 1.0}, "x": x, "y": 0.2, "front": False}
        for name, x in (("default", 0.1), ("equal", 0.3), ("current", 0.1))
    ]
    drawn = figures.tradeoff(points, ("a", "higher"), ("b", "higher"), n_users=9).data[-1].text
    assert [figures.text.clean(t) for t in drawn] == ["default, current", "", "equal"]
