"""The map: ids to click on, categories that fit a legend, no axes to misread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mgrec_core.figures import scatter
from mgrec_core.model.granularities import GRANULARITIES, specs


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
    dominant = [GRANULARITIES[i % len(GRANULARITIES)] for i in range(60)]
    figure = scatter(frame(colour=dominant), of="users", colour_name="dominant")
    assert [t.marker.color for t in figure.data] == [spec.colours[0] for spec in specs()]
    assert [t.marker.symbol for t in figure.data] == [spec.symbol for spec in specs()]


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


def test_kinds_are_in_the_keys_and_users_have_a_ring() -> None:
    figure = scatter(frame(4, kind=["users", "items", "users", "items"]), of="both")
    assert list(figure.data[0].customdata) == ["users:0", "items:1", "users:2", "items:3"]
    assert list(figure.data[0].marker.line.width) == [1.6, 0.5, 1.6, 0.5]
    assert "users and items" in figure.layout.title.text


def test_a_cohort_greys_the_rest_in_every_trace() -> None:
    data = frame(colour=[f"c{i % 3}" for i in range(60)])
    figure = scatter(data, of="users", cohort=["3", "4", "9"])
    kept = [t.customdata[i] for t in figure.data for i in t.selectedpoints]
    assert sorted(kept) == ["3", "4", "9"]
    assert all(trace.unselected.marker.opacity < 0.3 for trace in figure.data)
    assert scatter(data, of="users").data[0].selectedpoints is None
    assert "cohort of 3" in figure.layout.meta["alt"]


def test_words_on_the_map_do_not_cover_each_other() -> None:
    labels = pd.DataFrame({"x": 0.0, "y": 0.0, "label": [f"name {n}" for n in range(20)]})
    found = scatter(frame(), of="users", labels=labels).layout.annotations
    assert len(found) == 12, "the biggest clusters' names"
    assert len({a.y for a in found}) == 12


def test_the_map_flies_to_a_point() -> None:
    data = frame()
    figure = scatter(data, of="items", focus="7")
    (low, high), row = figure.layout.xaxis.range, data.iloc[7]
    assert low < row["x"] < high and (low + high) / 2 == pytest.approx(row["x"])
    assert high - low < np.ptp(data["x"]) / 3
    assert figure.layout.uirevision != scatter(data, of="items").layout.uirevision
    assert scatter(data, of="items", focus="nobody").layout.xaxis.range is None


def test_a_sample_lies_on_the_density_of_all() -> None:
    figure = scatter(frame(20), of="users", background=frame(60))
    assert figure.data[0].type == "heatmap"
    assert float(np.nansum(10 ** figure.data[0].z)) == pytest.approx(60)
    assert "Density of 60 users, a sample of 20 drawn" in figure.layout.title.subtitle.text


def test_many_categories_have_pairs_of_their_own() -> None:
    data = frame(colour=[f"c{i % 12}" for i in range(60)])
    figure = scatter(data, of="items", many=True)
    assert len({(t.marker.color, t.marker.symbol) for t in figure.data}) == 12
