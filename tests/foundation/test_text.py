"""Cells that spreadsheets leave alone, and what they were before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.foundation.text import guarded, unguarded


@given(st.text("'=+-@\t\r\n\uff1d\uff20ab1", max_size=6))
def test_a_guarded_cell_is_no_formula_and_can_be_read_back(cell: str) -> None:
    assert guarded(cell)[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") or not cell
    assert unguarded(guarded(cell)) == cell
