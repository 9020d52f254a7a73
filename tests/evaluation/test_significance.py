from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.evaluation.significance import paired_bootstrap


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        first, second = rng.normal(0.3, 1.0, 80), rng.normal(0.0, 1.0, 80)
        found = paired_bootstrap(first, second, samples=500, seed=seed)
        covered += found.low <= 0.3 <= found.high
    assert 180 <= covered <= 200


def test_equal_rankings_differ_by_nothing() -> None:
    values = np.random.default_rng(1).random(50)
    found = paired_bootstrap(values, values, samples=100)
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not found.to_dict()["significant"]


def test_pairing_matters() -> None:
    """A small gain for every user shows although users differ far more among themselves."""
    rng = np.random.default_rng(2)
    level = rng.normal(0, 10, 100)
    found = paired_bootstrap(level + 0.1 + rng.normal(0, 0.01, 100), level, samples=1000)
    assert found.low > 0
    assert found.mean == pytest.approx(0.1, abs=0.01)
