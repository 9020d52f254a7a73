from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.metrics.significance import compare, holm, paired_bootstrap, paired_permutation


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


def test_the_permutation_test_is_exact_where_it_can_be_counted() -> None:
    """Six gains of the same sign: 2 of the 64 sign patterns are as extreme."""
    first = np.array([0.5, 0.25, 0.75, 0.3, 0.1, 0.2])
    assert paired_permutation(first, np.zeros(6), samples=20_000) == pytest.approx(2 / 64, abs=0.005)
    assert paired_permutation(first, first) == 1.0
    assert paired_permutation(np.zeros(6), first) == paired_permutation(first, np.zeros(6))


def test_under_no_difference_p_is_uniform() -> None:
    rng = np.random.default_rng(5)
    found = [paired_permutation(rng.normal(size=40), rng.normal(size=40), samples=400) for _ in range(300)]
    assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.09
    assert 0.42 <= np.mean(np.array(found) <= 0.5) <= 0.58


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_p_nor_reorders(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    assert list(adjusted) == list(p_values)
    for name, p in p_values.items():
        assert p <= adjusted[name] <= 1
        assert adjusted[name] <= min(1.0, p * len(p_values)) or any(
            adjusted[other] == adjusted[name] and q < p for other, q in p_values.items()
        )
    for a in p_values:
        for b in p_values:
            assert p_values[a] > p_values[b] or adjusted[a] <= adjusted[b]


def test_the_effect_is_the_mean_in_standard_deviations() -> None:
    rng = np.random.default_rng(6)
    first, second = rng.normal(0.4, 1, 500), np.zeros(500)
    found = paired_bootstrap(first, second, samples=1000)
    assert found.effect == pytest.approx(first.mean() / first.std())
    assert found.effect_low < found.effect < found.effect_high


@pytest.mark.parametrize(("n", "significant"), [(1, False), (5, False), (8, True)])
def test_few_users_show_nothing(n: int, significant: bool) -> None:
    """All differ by the same: the interval has no width and leaves out 0 whatever their number."""
    found = compare({"a": (np.ones(n), np.zeros(n))})["a"]
    assert found["low"] > 0 and found["significant"] is significant
    assert (found["p"] < 0.05) is significant
