"""Clusters of a map: found, by size, named apart; and what somebody draws around."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mgrec_core.analysis.clusters import METHODS, find_clusters, names_of, smallest_of
from mgrec_core.analysis.profile import features
from mgrec_core.foundation.errors import InputError
from mgrec_core.projection.selection import inside_box, inside_drawn, inside_lasso

SIZES = (60, 40, 30)


def blobs() -> tuple[np.ndarray, np.ndarray]:
    """Three blobs far apart, the points shuffled, and which blob each is of."""
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], SIZES)
    random.shuffle(truth)
    centres = np.array([[0, 0], [20, 0], [0, 20]])
    return (centres[truth] + random.normal(size=(len(truth), 2))).astype(np.float32), truth


def told(truth: np.ndarray, words: tuple[str, ...]) -> object:
    ids = [str(n) for n in range(len(truth))]
    frame = pd.DataFrame({"id": ids, "attribute": "genre", "value": [words[t] for t in truth]})
    return features(frame, ids)


@pytest.mark.parametrize("method", METHODS)
def test_blobs_are_found_by_size_and_named_by_what_they_hold(method: str) -> None:
    points, truth = blobs()
    held = told(truth, ("tea", "<b>coffee</b>", "books"))
    found = find_clusters(points, held, method=method, n_clusters=3)  # type: ignore[arg-type]
    assert found.names == ["tea", "<b>coffee</b>", "books"]
    inside = found.labels >= 0
    assert inside.mean() > 0.8 and (found.labels[inside] == truth[inside]).all()
    assert np.allclose(found.centres, [[0, 0], [20, 0], [0, 20]], atol=1)
    assert found.name_of_points()[0] in (None, *found.names)
    assert method == "kmeans" or "HDBSCAN" in found.method
    again = find_clusters(points, held, method=method, n_clusters=3)  # type: ignore[arg-type]
    assert (again.labels == found.labels).all()


def test_names_are_never_alike() -> None:
    profile = pd.DataFrame({"attribute": ["g", "g", "g"], "value": ["a", "b", "c"], "lift": 2.0})
    year = pd.DataFrame({"attribute": "year", "value": ["1990 – 1999", "2000"], "lift": 2.0})
    weak = profile.assign(lift=1.0)
    assert names_of([profile, profile, profile, weak, year, pd.DataFrame()]) == [
        "a, b", "a, b, c", "a, b, c (3)", "Cluster 4", "year 1990 – 1999", "Cluster 6",
    ]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [0, 1, 3, 10])
def test_few_points_and_points_in_one_place(method: str, n: int) -> None:
    for points in (np.zeros((n, 2), np.float32), np.random.default_rng(1).normal(size=(n, 2))):
        found = find_clusters(points, method=method)
        assert len(found.labels) == n and found.centres.shape == (len(found.names), 2)


@pytest.mark.parametrize(
    "wrong", [{"method": "magic"}, {"n_clusters": 1}, {"n_clusters": 99}, {"smallest": 1}]
)
def test_wrong_requests_are_told(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cluster"):
        find_clusters(np.zeros((5, 2), np.float32), **wrong)  # type: ignore[arg-type]


def test_the_smallest_cluster_grows_with_the_map() -> None:
    assert [smallest_of(n) for n in (0, 100, 10_000, 10**7)] == [5, 10, 100, 500]


def test_inside_a_lasso_with_a_notch() -> None:
    x, y = [0, 4, 4, 2, 0], [0, 0, 4, 1, 4]
    points = np.array([[1, 0.5], [2, 2], [3.9, 3], [5, 1], [-1, 0]])
    assert inside_lasso(points, x, y).tolist() == [True, False, True, False, False]
    assert not inside_lasso(points, x[:2], y[:2]).any()


def test_what_was_drawn_is_the_union() -> None:
    points = np.array([[0.5, 0.5], [5.0, 5.0], [9.0, 9.0]])
    assert inside_box(points, [1, 0], [0, 1]).tolist() == [True, False, False]
    drawn = {"box": [{"x": [0, 1], "y": [1, 0]}], "lasso": [{"x": [4, 6, 6, 4], "y": [4, 4, 6, 6]}, {}]}
    assert inside_drawn(points, drawn).tolist() == [True, True, False]
    assert not inside_drawn(points, {}).any()
