from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics import ACCURACY, hits_of, parse_metric, user_metric

# k = 5, hits at ranks 1 and 3, |R| = 2
TOP = np.array([[4, 7, 2, 0, 1]])
RELEVANT = np.isin(np.arange(9), [4, 2])[None, :]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ndcg@5", 0.9197),
        ("map@5", 0.8333),
        ("precision@5", 0.4),
        ("recall@5", 1.0),
        ("mrr@5", 1.0),
        ("hitrate@5", 1.0),
    ],
)
def test_the_fixture_every_metric_must_reproduce(key: str, value: float) -> None:
    assert user_metric(key, TOP, RELEVANT)[0] == pytest.approx(value, abs=5e-5)


def _by_hand(top: list[int], relevant: set[int], k: int) -> dict[str, float]:
    hits = [item in relevant for item in top[:k]]
    places = [n for n, hit in enumerate(hits, start=1) if hit]
    best = min(len(relevant), k)
    if not relevant:
        return dict.fromkeys(ACCURACY, 0.0)
    return {
        "ndcg": sum(1 / math.log2(p + 1) for p in places)
        / sum(1 / math.log2(p + 1) for p in range(1, best + 1)),
        "recall": len(places) / len(relevant),
        "precision": len(places) / k,
        "map": sum((n + 1) / p for n, p in enumerate(places)) / best,
        "mrr": 1 / places[0] if places else 0.0,
        "hitrate": float(bool(places)),
    }


@given(
    st.permutations(range(12)),
    st.sets(st.integers(0, 11)),
    st.integers(1, 10),
)
def test_metrics_equal_the_definition_written_out(top: list[int], relevant: set[int], k: int) -> None:
    mask = np.isin(np.arange(12), list(relevant))[None, :]
    expected = _by_hand(top, relevant, k)
    for name in ACCURACY:
        assert user_metric(f"{name}@{k}", np.array([top]), mask)[0] == pytest.approx(expected[name])


def test_a_short_list_is_padded_without_hits() -> None:
    top = np.array([[3, -1, -1]])
    relevant = np.ones((1, 5), dtype=bool)
    assert hits_of(top, relevant).tolist() == [[True, False, False]]
    assert user_metric("precision@3", top, relevant)[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("key", ["ndgc@10", "ndcg@0", "ndcg@-1", "ndcg@ten", "", "ndcg@10@5"])
def test_an_unknown_metric_is_refused_in_one_line(key: str) -> None:
    with pytest.raises(InputError, match="unknown metric") as error:
        parse_metric(key)
    assert "\n" not in str(error.value)
