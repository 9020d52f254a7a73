"""Histograms count everything once, in classes a reader can name."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.figures import distribution


def draw(values: list[float], log: bool | None = None) -> go.Figure:
    return distribution(values, title="Popularity", quantity="users per item", counted="items", log=log)


# No deadline: a figure takes a while to build on a busy machine, and time is not what is tested.
@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.one_of(st.integers(0, 10**7), st.floats(allow_nan=True, allow_infinity=True, width=32)), min_size=1
    )
)
def test_every_finite_value_is_counted_once(values: list[float]) -> None:
    finite = int(np.isfinite(np.array(values, dtype=float)).sum())
    figure = draw(values)
    assert sum(sum(trace.y) for trace in figure.data) == finite


# No deadline: a figure takes a while to build on a busy machine, and time is not what is tested.
@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 10**6), min_size=1), st.booleans())
def test_whole_numbers_in_both_scales(values: list[int], log: bool) -> None:
    figure = draw(values, log)
    assert sum(figure.data[0].y) == len(values)
    assert len(figure.data[0].hovertext) == len(figure.data[0].x) == len(figure.data[0].y)


def test_a_heavy_tail_has_classes_that_double() -> None:
    figure = draw([1] * 50 + [2, 3, 5, 9, 17, 400])
    assert [h.split(" ")[0] for h in figure.data[0].hovertext][:4] == ["1", "2–3", "4–7", "8–15"]
    assert list(figure.data[0].y)[:5] == [50, 2, 1, 1, 1]
    assert "twice as wide" in figure.layout.title.subtitle.text


def test_few_values_have_a_bar_each() -> None:
    figure = draw([0.5, 1, 1, 5])
    assert list(figure.layout.xaxis.ticktext) == ["0.5", "1", "5"]
    assert list(figure.data[0].y) == [1, 2, 1]


@pytest.mark.parametrize(
    "values", [[7], [7] * 9, [-1, -2, 3], [1e-9, 2e-9], [float("inf"), 1], [i * 5e-324 for i in range(20)]]
)
def test_odd_values(values: list[float]) -> None:
    assert draw(values).data
