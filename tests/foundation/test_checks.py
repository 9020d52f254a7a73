"""The length of a list, and slices of many rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError


@pytest.mark.parametrize("k", [0, -3, 1.5, "3", None, float("nan")])
def test_a_length_that_is_none_is_refused(k: object) -> None:
    with pytest.raises(InputError, match=f"k is {k}: ask for at least 1 neighbour"):
        check_k(k, what="neighbour")  # type: ignore[arg-type]


def test_whole_numbers_up_to_the_most_are_lengths() -> None:
    for k in (1, 10, np.int64(10)):
        check_k(k, 10)
    for k in (0, 11):
        with pytest.raises(InputError, match=f"k is {k}: it lies from 1 to the catalogue's 10 items"):
            check_k(k, 10, of="the catalogue's")
    with pytest.raises(InputError, match="k is 11: it lies from 1 to 10 users"):
        check_k(11, 10, "user")
    with pytest.raises(InputError, match="from 1 to 0 items"):
        check_k(1, 0)


@given(st.integers(0, 200), st.integers(0, 50), st.integers(0, 500))
def test_slices_cover_every_row_once(n: int, width: int, most: int) -> None:
    found = list(slices(n, width, most))
    assert [row for part in found for row in range(n)[part]] == list(range(n))
    assert all(part.stop - part.start == 1 or (part.stop - part.start) * width <= most for part in found)
