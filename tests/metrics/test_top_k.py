"""The best k, ties by position."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mgrec_core.metrics.top_k import rank_of, top_k

SCORES = hnp.arrays(np.float64, st.integers(0, 40), elements=st.sampled_from((-1.0, 0.0, 0.5, 1.0, 2.5)))


@given(SCORES, st.integers(1, 50), st.randoms(use_true_random=False))
def test_top_k_is_a_stable_sort_cut_off(scores: np.ndarray, k: int, r: object) -> None:
    allowed = np.array([r.random() < 0.7 for _ in scores], dtype=bool)  # type: ignore[attr-defined]
    expected = [i for i in sorted(range(len(scores)), key=lambda i: (-scores[i], i)) if allowed[i]][:k]
    assert top_k(scores, k, allowed).tolist() == expected
    for n, i in enumerate(expected, start=1):
        assert rank_of(scores, i, allowed) == n


@given(SCORES)
def test_everything_is_allowed_by_default(scores: np.ndarray) -> None:
    assert top_k(scores, 7).tolist() == top_k(scores, 7, np.ones(len(scores), dtype=bool)).tolist()


def test_nothing_to_rank() -> None:
    assert top_k(np.zeros(0), 3).tolist() == []
    assert top_k(np.zeros(3), 3, np.zeros(3, dtype=bool)).tolist() == []
    assert top_k(np.zeros(3), 0).tolist() == []
