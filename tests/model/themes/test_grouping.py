"""Groups of evidence: against brute force, and on what is planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.model.themes.grouping import SAMPLE, _clusters, silhouette


def by_hand(distances: np.ndarray, group: np.ndarray) -> float:
    scores = []
    for i, own in enumerate(group):
        same = [j for j in np.flatnonzero(group == own) if j != i]
        if not same:
            scores.append(0.0)
            continue
        a = distances[i, same].mean()
        b = min(distances[i, group == other].mean() for other in set(group) - {own})
        scores.append((b - a) / max(a, b) if max(a, b) > 0 else 0.0)
    return float(np.mean(scores))


@given(st.integers(4, 20), st.integers(2, 4), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_the_silhouette_is_the_textbooks(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 3))
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    group = np.arange(n) % k
    assert silhouette(distances, group) == pytest.approx(by_hand(distances, group))


def test_a_single_group_has_none() -> None:
    assert silhouette(np.zeros((3, 3)), np.zeros(3, dtype=np.int64)) == -1.0


@pytest.mark.parametrize("n", [30, 4 * SAMPLE])
def test_far_groups_are_found_also_beyond_the_sample(n: int) -> None:
    rng = np.random.default_rng(0)
    planted = np.arange(n) % 4
    vectors = (np.eye(4, 16)[planted] + rng.normal(scale=0.05, size=(n, 16))).astype(np.float32)
    found = _clusters([(vectors, 1.0)], np.ones(n), np.full(n, 1 / n), np.arange(n))
    assert len(set(zip(planted.tolist(), found.tolist(), strict=True))) == 4 == len(set(found.tolist()))


def test_what_is_all_alike_is_one_group() -> None:
    vectors = np.ones((40, 5), dtype=np.float32)
    assert not _clusters([(vectors, 1.0)], np.ones(40), np.full(40, 1 / 40), np.arange(40)).any()
    nothing = np.zeros((40, 5), dtype=np.float32)
    assert not _clusters([(nothing, 1.0)], np.ones(40), np.zeros(40), np.arange(40)).any()
