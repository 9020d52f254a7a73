"""The map keeps neighbours, is the same for the same seed, and survives every small or odd input."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from mgrec_core.foundation.errors import InputError
from mgrec_core.projection import PREPARING, ProjectionSettings, project
from mgrec_core.projection.layout import neighbours, principal


def planted(n: int = 300, d: int = 32, clusters: int = 6) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    centres = random.normal(size=(clusters, d))
    which = random.integers(0, clusters, n)
    return (centres[which] + 0.3 * random.normal(size=(n, d))).astype(np.float32), which


def test_neighbours_of_planted_clusters_are_kept() -> None:
    vectors, which = planted()
    points = project(vectors, ProjectionSettings())
    assert points.shape == (300, 2) and points.dtype == np.float32
    assert trustworthiness(vectors, points, n_neighbors=15, metric="cosine") >= 0.9
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (which[distance.argmin(axis=1)] == which).mean() >= 0.98


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_same_seed_same_map(metric: str) -> None:
    vectors, _ = planted(120)
    settings = ProjectionSettings(metric=metric, seed=3)
    assert np.array_equal(project(vectors, settings), project(vectors.copy(), settings))
    other = project(vectors, settings.model_copy(update={"seed": 4}))
    assert not np.array_equal(project(vectors, settings), other)


@pytest.mark.parametrize("n", range(13))
@pytest.mark.parametrize("d", [1, 2, 24])
def test_few_points(n: int, d: int) -> None:
    vectors = np.random.default_rng(n).normal(size=(n, d)).astype(np.float32)
    for metric in ("cosine", "euclidean"):
        points = project(vectors, ProjectionSettings(metric=metric))
        assert points.shape == (n, 2)
        assert np.isfinite(points).all()


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5])
def test_points_that_are_all_alike_lie_on_one_spot(value: float) -> None:
    points = project(np.full((40, 8), value, dtype=np.float32), ProjectionSettings())
    assert np.array_equal(points, np.zeros((40, 2)))


def test_vectors_without_dimensions() -> None:
    assert np.array_equal(project(np.zeros((5, 0)), ProjectionSettings()), np.zeros((5, 2)))


def test_duplicates_and_zero_vectors() -> None:
    vectors, _ = planted(60)
    vectors = np.concatenate([vectors, np.zeros((80, 32)), np.repeat(vectors[:1], 90, axis=0)])
    points = project(vectors, ProjectionSettings())
    assert np.isfinite(points).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_finite_is_refused_in_one_line(bad: float) -> None:
    vectors, _ = planted(20)
    vectors[4, 2] = bad
    with pytest.raises(InputError, match=r"1 of 20 vectors hold NaN or infinity \(first: row 4\)") as caught:
        project(vectors, ProjectionSettings())
    assert "\n" not in str(caught.value)


def test_a_vector_is_no_matrix() -> None:
    with pytest.raises(InputError, match="shape"):
        project(np.zeros(4), ProjectionSettings())


def test_progress_tells_every_stage_in_order() -> None:
    told: list[tuple[str, int, int]] = []
    vectors, _ = planted(200)
    project(
        vectors, ProjectionSettings(), lambda stage, done, total, detail="": told.append((stage, done, total))
    )
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == [PREPARING, "neighbours", "layout"]
    assert all(0 <= done <= total for _, done, total in told)
    assert ("layout", 500, 500) in told, "UMAP's own epochs are reported"
    assert told[-1] == ("layout", 1, 1)


def test_neighbours_are_exact_with_self_first() -> None:
    vectors, _ = planted(700, 8)
    vectors[:60] = vectors[0]
    rows, distances = neighbours(vectors, 10)
    assert (rows[:, 0] == np.arange(700)).all()
    assert np.allclose(distances[:, 0], 0, atol=1e-5)
    full = ((vectors[:, None].astype(np.float64) - vectors[None]) ** 2).sum(axis=2)
    assert np.allclose(np.sort(full, axis=1)[:, :10], np.sort(distances, axis=1), atol=1e-4)


def test_principal_components_do_not_depend_on_which_gram_matrix_is_taken() -> None:
    tall = np.random.default_rng(1).normal(size=(30, 20)).astype(np.float32)
    wide = np.concatenate([tall, np.zeros((30, 20), dtype=np.float32)], axis=1)
    assert np.allclose(principal(tall), principal(wide), atol=1e-4)


def test_importing_the_package_does_not_import_umap() -> None:
    code = (
        "import sys, mgrec_core.projection; sys.exit(bool({'umap', 'numba', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
