"""The map: ids to click on, categories that fit a legend, no axes to misread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mgrec_core.figures import COLOURS_LIGHT, ORDER, SYMBOLS, scatter


def frame(rows: int = 60, **columns: object) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {"id": range(rows), "x": random.normal(size=rows), "y": random.normal(size=rows)}
    ).assign(**columns)


def test_every_point_is_there_once_with_its_id() -> None:
    figure = scatter(frame(colour=[f"c{i % 11}" for i in range(60)]), of="items", colour_name="brand")
    ids = [i for trace in figure.data for i in trace.customdata]
    assert sorted(ids, key=int) == [str(i) for i in range(60)]
    assert all(trace.type == "scattergl" for trace in figure.data)
    assert len(figure.data) == 7, "six categories and the others"
    assert any(trace.name.startswith("5 others") for trace in figure.data)


def test_granularities_have_their_own_colours_and_symbols() -> None:
    figure = scatter(frame(colour=[ORDER[i % 7] for i in range(60)]), of="users", colour_name="dominant")
    assert [t.marker.color for t in figure.data] == [COLOURS_LIGHT[g] for g in ORDER]
    assert [t.marker.symbol for t in figure.data] == [SYMBOLS[g] for g in ORDER]


def test_equal_aspect_and_no_ticks() -> None:
    layout = scatter(frame(), of="users").layout
    assert layout.yaxis.scaleanchor == "x" and layout.yaxis.scaleratio == 1
    assert not layout.xaxis.showticklabels and not layout.yaxis.showticklabels
    assert "no meaning" in layout.meta["alt"] and "no meaning" in layout.title.subtitle.text


def test_selected_is_ringed_and_named() -> None:
    figure = scatter(frame(label=[f"Title {i}" for i in range(60)]), of="items", selected="7")
    assert list(figure.data[-1].customdata) == ["7"]
    assert "Title 7" in figure.layout.annotations[0].text
    assert "Title 7" in figure.layout.meta["alt"]


@pytest.mark.parametrize("selected", [None, "nobody", [], ["nobody"]])
def test_nobody_selected(selected: object) -> None:
    assert len(scatter(frame(), of="items", selected=selected).data) == 1  # type: ignore[arg-type]


def test_size_grows_with_n() -> None:
    sizes = scatter(frame(n=np.arange(60)), of="items").data[0].marker.size
    assert sizes[0] < sizes[30] < sizes[59] < 3 * sizes[0]


@pytest.mark.parametrize(
    "colour",
    [
        [None] * 60,
        [np.nan] * 60,
        [3.0] * 60,
        [True, False] * 30,
        pd.Series(["a", None] * 30, dtype="category"),
        pd.array([1, None] * 30, dtype="Int64"),
        pd.Series(pd.to_datetime(["2001-01-01", None] * 30)),
    ],
)
def test_odd_colour_columns(colour: object) -> None:
    figure = scatter(
        frame(colour=colour, n=pd.array([1, None] * 30, dtype="Int64")), of="items", colour_name="year"
    )
    assert sum(len(trace.x) for trace in figure.data) == 60


def test_points_without_a_place_are_left_out() -> None:
    data = frame(5)
    data.loc[2, "x"] = np.nan
    assert len(scatter(data, of="users").data[0].x) == 4
