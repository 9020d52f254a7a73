"""Rank changes against the preset."""

from __future__ import annotations

import pytest

from mgrec_core.foundation.results import RankedItem
from pages.ui.user.ranked import change


@pytest.mark.parametrize(
    ("rank", "before", "said"),
    [(3, 3, "="), (1, 4, "▲3"), (5, 2, "▼3"), (2, 11, "new ▲9"), (2, None, "new")],
)
def test_change(rank: int, before: int | None, said: str) -> None:
    item = RankedItem(rank, "i", "I", 0.0, {})
    assert change(item, {} if before is None else {"i": before}, k=10) == said
