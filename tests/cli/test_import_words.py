"""What `import` prints for a reader: rows used, and what changes results before the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.cli.main import main


def test_what_changes_results_leads_and_the_rest_is_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"u{n % 5},i{n},nonsense" if n % 2 else f"u{n % 5},i{n},1700000{n:03}" for n in range(30)]
    (tmp_path / "interactions.csv").write_text(
        "\n".join(["user_id,item_id,timestamp", *rows, ",i1,1700000000"]) + "\n", encoding="utf-8"
    )
    items = [f"i{n},Thing {n % 3}" for n in range(30)]
    (tmp_path / "items.csv").write_text("\n".join(["item_id,title", *items, *items]) + "\n", encoding="utf-8")
    assert main(["import", str(tmp_path), "--workspace", str(tmp_path / "w"), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "of these repaired" in said and "accepted" not in said
    leading, _, rest = said.partition("note:")
    assert "missing_user_id" in leading and "bad_timestamp" in leading
    assert "duplicate_item" not in leading and "30 rows rejected" in rest
