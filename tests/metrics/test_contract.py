"""What every metric must do, whoever declares it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics import (
    ACCURACY,
    METRICS,
    Catalogue,
    FromAllLists,
    FromHits,
    FromList,
    Metric,
    definition,
    metric_keys,
    parse_metric,
)

README = Path(__file__).resolve().parents[2] / "README.md"
USERS, ITEMS = 6, 12


@pytest.fixture(params=METRICS)
def metric(request: pytest.FixtureRequest) -> Metric:
    return METRICS[request.param]


def catalogue(*, bare: bool = False) -> Catalogue:
    rng = np.random.default_rng(0)
    history = sparse.csr_array(rng.random((USERS, ITEMS)) * (rng.random((USERS, ITEMS)) < 0.4))
    return Catalogue(
        users_of_item=np.bincount(history.indices, minlength=ITEMS).astype(np.float64),
        n_users=USERS,
        history=history,
        vectors=None if bare else rng.normal(size=(ITEMS, 4)).astype(np.float32),
        categories=None if bare else sparse.csr_array(np.eye(3)[rng.integers(0, 3, ITEMS)]),
        category=None if bare else "category",
    )


def lists(k: int) -> np.ndarray:
    """Lists of distinct items, one short and one empty."""
    rng = np.random.default_rng(1)
    top = np.stack([rng.permutation(ITEMS)[:k] for _ in range(USERS)])
    top[0, k // 2 :], top[1] = -1, -1
    return top


def test_there_are_metrics_of_each_kind() -> None:
    for kind in (FromHits, FromList, FromAllLists):
        assert any(isinstance(one, kind) for one in METRICS.values()), kind


def test_it_says_what_it_is(metric: Metric) -> None:
    assert metric.title and len(metric.formula) > 5 and metric.better in ("higher", "lower", "none")
    assert metric.key(7) == (f"{metric.name}@7" if metric.cut else metric.name)
    assert definition(metric.key(7)) is metric
    assert f"`{metric.key(0).replace('@0', '@k')}`" in README.read_text(encoding="utf-8")


def test_accuracy_can_be_asked_for_and_nothing_else_learned_for(metric: Metric) -> None:
    if isinstance(metric, FromHits):
        assert metric.key(7) in metric_keys(7) and metric.name in ACCURACY
        assert parse_metric(metric.key(7), 7) == (metric.name, 7)
    else:
        assert metric.name not in ACCURACY
        with pytest.raises(InputError, match="choose ndcg"):
            parse_metric(metric.key(7))


@pytest.mark.parametrize("k", [1, 5])
def test_its_numbers_are_finite_one_a_user_or_one_in_all(metric: Metric, k: int) -> None:
    if isinstance(metric, FromHits):
        hits = np.random.default_rng(2).random((USERS, k)) < 0.3
        found = metric(hits, hits.sum(axis=1) + np.arange(USERS) % 2)
        assert found.shape == (USERS,) and ((found >= 0) & (found <= 1)).all()
        return
    assert isinstance(metric, FromList | FromAllLists)
    values = np.asarray(metric.compute(lists(k), catalogue()), dtype=np.float64)
    assert values.shape == ((USERS,) if isinstance(metric, FromList) else ())
    assert np.isfinite(values).all()


def test_accuracy_prefers_hits(metric: Metric) -> None:
    if isinstance(metric, FromHits):
        best, none = np.ones((1, 3), dtype=bool), np.zeros((1, 3), dtype=bool)
        assert metric.better == "higher"
        assert metric(none, np.array([3]))[0] == 0 and metric(best, np.array([3]))[0] == 1


def test_what_the_data_lack_gives_nothing_or_a_number(metric: Metric) -> None:
    if not isinstance(metric, FromHits):
        assert isinstance(metric, FromList | FromAllLists)
        found = metric.compute(lists(5), catalogue(bare=True))
        assert found is None or np.isfinite(found).all()
