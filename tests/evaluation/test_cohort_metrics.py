"""A cohort beside everybody: means, intervals, groups too small to tell of, shares of lists."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.evaluation.cohort_metrics import cohort_metrics, places_taken, times_shown
from mgrec_core.foundation.errors import InputError


def test_means_intervals_and_the_difference_to_the_rest() -> None:
    values = np.concatenate([np.linspace(0.6, 0.8, 20), np.linspace(0.1, 0.3, 80)])
    inside = np.arange(100) < 20
    (found,) = cohort_metrics({"ndcg@10": values}, inside)
    assert found.value == pytest.approx(0.7) and found.everybody == pytest.approx(values.mean())
    assert found.low < 0.7 < found.high
    part, rest = values[:20], values[20:]
    error = 1.96 * np.sqrt(part.var(ddof=1) / 20 + rest.var(ddof=1) / 80)
    assert found.difference == pytest.approx(0.5)
    assert (found.difference_low, found.difference_high) == pytest.approx((0.5 - error, 0.5 + error))
    assert found.significant
    (same,) = cohort_metrics({"m": np.tile([0.0, 1.0], 50)}, inside)
    assert same.difference == 0 and not same.significant


@pytest.mark.parametrize("n", [0, 4, 96, 100])
def test_small_groups_are_not_told_of(n: int) -> None:
    with pytest.raises(InputError, match="fewer than 5"):
        cohort_metrics({"m": np.zeros(100)}, np.arange(100) < n)


def test_places_of_lists_and_how_often_each_item_is_shown() -> None:
    top = np.array([[0, 1, 2], [3, 0, -1], [-1, -1, -1]])
    members = np.array([True, False, False, True])
    assert places_taken(top, members).tolist() == pytest.approx([1 / 3, 1.0, 0.0])
    assert times_shown(top, 4).tolist() == [2, 1, 1, 1]
