"""Properties of whitening."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.language import Encoder, Whitening

shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)
# no subnormals: a difference of 1e-40 is rounding, not a direction
numbers = st.floats(-1e4, 1e4, width=32, allow_subnormal=False)
matrices = hnp.arrays(np.float32, shapes, elements=numbers)
seeds = st.integers(0, 2**32 - 1)


def correlated(seed: int, n: int, d: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(d, d)))
    mixed = rng.normal(size=(n, d)) * np.geomspace(0.2, 5, d) @ rotation + rng.normal(size=d) * 5
    return mixed.astype(np.float32)


@given(matrices)
def test_rows_have_length_one_or_zero_and_are_finite(vectors: NDArray[np.float32]) -> None:
    white = Whitening.fit(vectors).transform(vectors)
    assert white.shape == vectors.shape
    assert white.dtype == np.float32
    assert np.isfinite(white).all()
    lengths = np.linalg.norm(white, axis=1)
    assert ((np.abs(lengths - 1) < 1e-4) | (lengths == 0)).all()


@settings(max_examples=25)
@given(seeds)
def test_whitened_directions_are_uncorrelated_and_equally_strong(seed: int) -> None:
    vectors = correlated(seed, 500, 6)
    whitening = Whitening.fit(vectors, shrinkage=0)
    white = (vectors - whitening.mean).astype(np.float64) @ whitening.projection
    covariance = white.T @ white / len(white)
    np.testing.assert_allclose(covariance / covariance[0, 0], np.eye(6), atol=2e-2)


@settings(max_examples=25)
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    vectors = correlated(seed, 60, 5)
    order = np.random.default_rng(seed).permutation(60)
    expected = Whitening.fit(vectors).transform(vectors)
    np.testing.assert_allclose(Whitening.fit(vectors[order]).transform(vectors), expected, atol=1e-3)


@settings(max_examples=25)
@given(seeds, st.sampled_from([1e-3, 0.5, 2.0, 1e3]))
def test_shift_and_scale_of_the_data_do_not_matter(seed: int, scale: float) -> None:
    vectors = correlated(seed, 60, 5)
    moved = ((vectors + 3) * scale).astype(np.float32)
    expected = Whitening.fit(vectors).transform(vectors)
    np.testing.assert_allclose(Whitening.fit(moved).transform(moved), expected, atol=1e-2)


@settings(max_examples=25)
@given(seeds, st.integers(1, 5))
def test_fewer_dimensions_are_the_first_ones(seed: int, kept: int) -> None:
    vectors = correlated(seed, 60, 5)
    whole, part = Whitening.fit(vectors), Whitening.fit(vectors, dimensions=kept)
    assert part.dimensions == kept
    np.testing.assert_array_equal(part.projection, whole.projection[:, :kept])


def test_signs_are_fixed() -> None:
    projection = Whitening.fit(correlated(0, 100, 8)).projection
    largest = projection[np.abs(projection).argmax(axis=0), np.arange(8)]
    assert (largest > 0).all()


def test_the_same_input_gives_the_same_bytes() -> None:
    vectors = correlated(1, 300, 16)
    first, second = Whitening.fit(vectors), Whitening.fit(vectors.copy())
    assert first.projection.tobytes() == second.projection.tobytes()
    assert first.transform(vectors).tobytes() == second.transform(vectors).tobytes()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_constant_vectors_become_zero(n: int) -> None:
    vectors = np.full((n, 4), 0.1, np.float32)
    whitening = Whitening.fit(vectors)
    assert (whitening.transform(vectors) == 0).all()
    other = whitening.transform(np.array([[1, 0, 0, 0]], np.float32))
    np.testing.assert_allclose(np.linalg.norm(other), 1, atol=1e-5)


def test_fewer_vectors_than_dimensions(minilm: Encoder) -> None:
    vectors = minilm.encode(["Heat", "Toy Story", "Casino"])
    white = Whitening.fit(vectors).transform(vectors)
    np.testing.assert_allclose(np.linalg.norm(white, axis=1), 1, atol=1e-5)
    assert (white @ white.T)[0, 1] < 0.1  # three texts tell each other apart


def test_blocks_of_rows_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = correlated(2, 100, 5)
    expected = Whitening.fit(vectors).projection
    monkeypatch.setattr("mgrec_core.language.whitening._ROWS", 7)
    np.testing.assert_allclose(Whitening.fit(vectors).projection, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("vectors", "options"),
    [
        (np.zeros((0, 3)), {}),
        (np.zeros((3, 0)), {}),
        (np.zeros(3), {}),
        (np.array([[np.nan, 1.0]]), {}),
        (np.array([[np.inf, 1.0]]), {}),
        (np.eye(3), {"dimensions": 4}),
        (np.eye(3), {"dimensions": 0}),
        (np.eye(3), {"shrinkage": -1.0}),
    ],
)
def test_bad_input_is_one_line(vectors: NDArray[np.float64], options: dict[str, float]) -> None:
    with pytest.raises(InputError) as caught:
        Whitening.fit(vectors, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_another_length_is_one_line() -> None:
    with pytest.raises(InputError, match="fitted"):
        Whitening.fit(np.eye(3)).transform(np.eye(4))


def test_few_vectors_keep_what_they_say() -> None:
    """Whitened in full, n ≤ d vectors would be the corners of a simplex: none nearer than another."""
    rng = np.random.default_rng(0)
    topics = rng.normal(size=(2, 100))
    vectors = (topics[np.arange(12) % 2] + 0.5 * rng.normal(size=(12, 100))).astype(np.float32)
    white = Whitening.fit(vectors).transform(vectors)
    cosines = white @ white.T
    alike = np.add.outer(np.arange(12), np.arange(12)) % 2 == 0
    np.fill_diagonal(alike, False)
    apart = np.add.outer(np.arange(12), np.arange(12)) % 2 == 1
    assert cosines[alike].mean() > cosines[apart].mean() + 0.5
