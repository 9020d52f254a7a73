"""What cannot be read of a source is one warning, however many tables that are."""

from __future__ import annotations

from pages.ui.importing.review import _left_out


def test_many_unread_tables_are_one_warning() -> None:
    told = _left_out([f"x [t{n}] cannot be read" for n in range(1_500)])
    assert "t4" in told and "t5" not in told and told.endswith("1,495 more left out for such reasons.")
    assert _left_out(["x cannot be read"]) == "Left out: x cannot be read."
