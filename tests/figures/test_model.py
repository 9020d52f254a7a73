"""The figures of the Model page: what they draw of a training, of lengths and of neighbours."""

from __future__ import annotations

import pytest

from mgrec_core.figures.model import text_lengths, text_neighbour_bars, training_curve
from mgrec_core.foundation.results import Neighbour

POINTS = [
    {"step": 0.0, "seconds": 0.0, "ndcg@10": 0.05},
    {"step": 1.0, "seconds": 20.0, "loss": 3.0},
    {"step": 2.0, "seconds": 40.0, "loss": 2.0},
    {"step": 2.0, "seconds": 50.0, "ndcg@10": 0.08},
    {"step": 4.0, "seconds": 90.0, "ndcg@10": 0.07},
]


def test_loss_and_validation_are_drawn_apart_and_the_best_is_marked() -> None:
    loss = training_curve(POINTS, "loss")
    assert list(loss.data[0].x) == [1, 2] and list(loss.data[0].y) == [3, 2] and len(loss.data) == 1
    validation = training_curve(POINTS, "ndcg@10")
    line, best = validation.data
    assert list(line.y) == [0.05, 0.08, 0.07]
    assert (best.x[0], best.y[0], best.text[0]) == (2, 0.08, "best")
    assert "the best is 0.0800 at step 2" in validation.layout.meta["alt"]


@pytest.mark.parametrize("what", ["loss", "ndcg@10"])
def test_one_point_has_room_and_none_is_a_sentence(what: str) -> None:
    figure = training_curve([{"step": 0.0, what: 0.0}], what)
    low, high = figure.layout.yaxis.range
    assert low < 0 < high
    nothing = training_curve([], what, "mlm")
    assert not nothing.data and nothing.layout.annotations[0].text.endswith(".")


def test_every_text_is_counted_once_and_what_is_not_read_is_hatched() -> None:
    tokens = [1, 1, 5, 90, 300]
    figure = text_lengths(tokens, 64)
    (bars,) = figure.data
    assert sum(bars.y) == len(tokens)
    hatched = sum(n for n, shape in zip(bars.y, bars.marker.pattern.shape, strict=True) if shape)
    assert hatched == 2 and figure.layout.shapes
    assert "the ends of 2 are not read" in figure.layout.meta["alt"]
    short = text_lengths([3, 4], 64)
    assert not short.layout.shapes and "all are read whole" in short.layout.meta["alt"]


def test_a_neighbour_that_was_none_before_is_called_new() -> None:
    near = [Neighbour(1, "a", "Tea", 0.9), Neighbour(2, "b", "", 0.5)]
    before = text_neighbour_bars(near, "old", "Pot")
    assert list(before.data[0].text) == ["0.90", "0.50"]
    after = text_neighbour_bars(near, "new", "Pot", others={"a"})
    assert list(after.data[0].text) == ["0.90", "0.50 new"]
    assert list(after.data[0].marker.pattern.shape) == ["", "/"]
    assert list(after.data[0].customdata) == ["a", "b"] and "1 of 2 are new" in after.layout.meta["alt"]


def test_every_bar_of_lengths_holds_as_many_lengths() -> None:
    bars = text_lengths([3, 50, 56, 56], 256).data[0]
    assert len({round(width, 6) for width in bars.width}) == 1
    assert sum(bars.y) == 4
