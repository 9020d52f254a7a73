"""What the receipt says of signals is what the events have."""

from __future__ import annotations

from pathlib import Path

from tests.data.cases.importing import Brought


def test_events_without_a_rating_are_told_with_the_signal_that_they_have(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    rows = [f"u{n},i{n % 7},{n % 5 + 1}" for n in range(20)] + ["u1,i8,-1", "u2,i8,", "u3,i8,NULL"]
    (folder / "interactions.csv").write_text("\n".join(["user_id,item_id,rating", *rows]) + "\n")
    found = Brought(folder, tmp_path)
    assert found.rows("SELECT DISTINCT signal, amount FROM v_events WHERE rating IS NULL") == [(0, 0.2)]
    told = " | ".join(one.explanation for one in found.report.reasons if one.rule == "signals")
    assert "3 events without a rating: signal 0" in told and "amount 0.2" in told
    assert "interaction 1" not in told and "interaction by its rating" in told
