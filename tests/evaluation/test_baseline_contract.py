"""What every baseline must do, whoever declares it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.evaluation.baselines import BASELINES, HISTORIES, Baseline

USERS, ITEMS = 20, 12


@pytest.fixture(params=BASELINES)
def baseline(request: pytest.FixtureRequest) -> Baseline:
    return BASELINES[request.param]


def histories() -> sparse.csr_array:
    rng = np.random.default_rng(0)
    return sparse.csr_array(rng.random((USERS, ITEMS)) * (rng.random((USERS, ITEMS)) < 0.4))


def ends(baseline: Baseline) -> list[dict[str, Any]]:
    return [baseline.grid[0], baseline.grid[-1]]


def test_there_are_baselines() -> None:
    assert {"item-knn", "als", "ease", "ease-scaled"} <= set(BASELINES)


def test_its_settings_are_told_apart(baseline: Baseline) -> None:
    assert len({repr(one) for one in baseline.grid}) == len(baseline.grid) > 0
    assert {one.get("histories", HISTORIES[0]) for one in baseline.grid} <= set(HISTORIES)


def test_it_scores_every_item_the_same_every_time_and_leaves_the_histories(baseline: Baseline) -> None:
    rows = np.array([3, 0, 19])
    for settings in ends(baseline):
        held = histories()
        first, second = (baseline.fit(held, settings)(rows) for _ in range(2))
        assert first.shape == (3, ITEMS) and first.dtype == np.float32 and np.isfinite(first).all()
        np.testing.assert_array_equal(first, second)
        assert (held != histories()).nnz == 0


def test_it_ranks_nobody_by_nothing_without_failing(baseline: Baseline) -> None:
    held = histories().tolil()
    held[0] = 0
    found = baseline.fit(sparse.csr_array(held), baseline.grid[0])(np.array([0]))
    assert found.shape == (1, ITEMS) and np.isfinite(found).all()
