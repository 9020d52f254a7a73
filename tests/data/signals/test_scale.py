"""The scale of ratings as it is found in their distribution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.data.signals.scale import RatingOptions, scale_of
from mgrec_core.foundation.errors import InputError

TEN = dict.fromkeys(range(1, 11), 10)


@pytest.mark.parametrize(
    ("counts", "marks"),
    [
        ({1: 2, 2: 3, 3: 9, 4: 20, 5: 12}, (1, 2, 4, 5)),
        ({n / 2: 5 for n in range(1, 11)}, (0.5, 2, 3.5, 5)),
        (TEN, (1, 4, 7, 10)),
        ({1: 40, 5: 9}, (1, 1, 5, 5)),
        ({0: 5, 1: 5}, (0, 0, 1, 1)),
        (dict.fromkeys(range(0, 101, 10), 3), (0, 30, 70, 100)),
        ({3: 9, 4: 9, 5: 9}, (1, 1 + 4 / 3, 4, 5)),
    ],
)
def test_marks_are_those_of_the_usual_scales(counts: dict[float, int], marks: tuple[float, ...]) -> None:
    found = scale_of(counts)
    assert found is not None and not found.missing
    assert (found.lowest, found.disliked, found.liked, found.highest) == pytest.approx(marks)


@pytest.mark.parametrize(
    ("counts", "missing"),
    [
        ({**TEN, -1: 90}, {-1}),
        ({**TEN, -1: 1}, {-1}),
        ({**TEN, 0: 600}, {0}),
        ({**TEN, 0: 9}, set()),
        ({n / 10: 3 for n in range(-99, 100, 7)} | {99: 5}, {99}),
        ({1: 3, 2: 4, 3: 5, 4: 6, 5: 7, 999: 1, -99: 2}, {999, -99}),
        ({1: 3, 2: 4, 3: 5, 4: 6, 5: 7, 50: 1}, set()),
        ({2**n: 3 for n in range(12)}, set()),
        ({-1: 5, 1: 5}, set()),
        ({1: 24, 3: 20, 4: 28, 5: 28}, set()),
        ({1: 90, 3: 20, 4: 28, 5: 28}, set()),
        ({1: 9, 2: 9, 3: 9, 5: 90}, set()),
        ({1: 9, 2: 9, 3: 9, 9: 9}, set()),
        ({1: 90, 8: 9, 9: 9, 10: 9}, set()),
        ({0: 90, 8: 9, 9: 9, 10: 9}, {0}),
    ],
)
def test_values_apart_mean_no_rating(counts: dict[float, int], missing: set[float]) -> None:
    found = scale_of(counts)
    assert (set(found.missing) if found else set()) == missing


def test_sizes_and_equal_ratings_are_no_scale() -> None:
    assert scale_of({5: 30}) is None and scale_of({}) is None
    assert scale_of(dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 8, 9, 5000), 1)) is None


def test_what_a_person_says_holds() -> None:
    found = scale_of({**TEN, -1: 90}, RatingOptions.of(5, 6, [10, "77"]))
    assert found is not None and (found.disliked, found.liked, set(found.missing)) == (5, 6, {10, -1})
    every = scale_of({**TEN, -1: 90}, RatingOptions.of(missing=[]))
    assert every is not None and (every.lowest, every.missing) == (-1, {})
    with pytest.raises(InputError, match="--liked is 11"):
        scale_of(TEN, RatingOptions.of(liked=11))
    with pytest.raises(InputError, match="lower and a higher"):
        RatingOptions.of(4, 4)
    with pytest.raises(InputError, match="last, first, mean"):
        RatingOptions.of(repeats="all")
    with pytest.raises(InputError, match="no number"):
        RatingOptions.of(liked="much")


@given(st.dictionaries(st.sampled_from([n / 2 for n in range(-4, 25)]), st.integers(1, 50), max_size=20))
def test_marks_are_in_order_and_every_value_has_a_place(counts: dict[float, int]) -> None:
    found = scale_of(counts)
    if found is not None and found.tells:
        assert found.lowest <= found.disliked < found.liked <= found.highest
        assert all(found.lowest <= value <= found.highest for value in counts if value not in found.missing)
