"""Shares, rarity and which values count."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mgrec_core.model.granularities.incidence import IncidenceConfig, lifted, rarity, usable
from mgrec_core.model.granularities.structure import normalise_rows

ITEMS = sparse.csr_array(np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 1, 0], [1, 0, 0, 0]], dtype=float))


def test_values_of_one_item_or_of_most_items_tell_nothing() -> None:
    assert usable(ITEMS, IncidenceConfig()).tolist() == [2]
    assert usable(ITEMS, IncidenceConfig(min_items=1)).tolist() == [1, 2]
    assert usable(ITEMS, IncidenceConfig(max_share=1)).tolist() == [0, 2]


def test_rarity_is_the_documented_logarithm() -> None:
    np.testing.assert_allclose(rarity(ITEMS), np.log(5 / np.array([5, 2, 3, 1])))


def test_lift_prefers_what_is_common_with_the_user_and_rare_elsewhere() -> None:
    counts = sparse.csr_array(np.array([[3.0, 3.0, 0.0], [0.0, 6.0, 0.0]]))
    weights = normalise_rows(lifted(counts, np.array([3.0, 9.0, 0.0]))).toarray()
    assert weights[0, 0] > weights[0, 1] > 0
    np.testing.assert_allclose(weights[0, 0] / weights[0, 1], np.sqrt(9 / 3), rtol=1e-6)
    np.testing.assert_allclose(weights[1], [0, 1, 0], atol=1e-7)


@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
@settings(max_examples=30, deadline=None)
def test_lift_is_of_unit_length_and_knows_no_amount(seed: int, amount: float) -> None:
    rng = np.random.default_rng(seed)
    counts = sparse.csr_array(np.where(rng.random((5, 7)) < 0.4, rng.random((5, 7)) + 0.01, 0))
    catalogue = np.asarray(counts.sum(axis=0)).ravel()
    weights = normalise_rows(lifted(counts, catalogue))
    lengths = np.sqrt((weights.toarray() ** 2).sum(axis=1))
    np.testing.assert_allclose(lengths[np.diff(counts.indptr) > 0], 1, rtol=1e-5)
    much = normalise_rows(lifted(sparse.csr_array(counts * amount), catalogue * amount))
    np.testing.assert_allclose(much.toarray(), weights.toarray(), rtol=1e-4, atol=1e-6)


def test_rows_of_zeros_stay_zeros() -> None:
    vectors = np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    np.testing.assert_allclose(normalise_rows(vectors), [[0.6, 0.8], [0, 0]], rtol=1e-6)
    np.testing.assert_allclose(
        normalise_rows(sparse.csr_array(vectors)).toarray(), [[0.6, 0.8], [0, 0]], rtol=1e-6
    )
