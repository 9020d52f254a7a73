"""The audit log keeps its chain, has a bound, and is read as a view."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.service import audit


def files(root: Path) -> list[Path]:
    return sorted((root / audit.FOLDER).glob("*.jsonl"))


def test_lines_come_back_as_a_view(tmp_path: Path) -> None:
    assert audit.read(tmp_path).empty
    audit.append(tmp_path, "ann", "query", workspace="shop", detail="SELECT 'ä'", address="192.0.2.1")
    audit.append(tmp_path, "bob", "build", outcome="refused")
    rows = audit.read(tmp_path, "SELECT who, action, detail, outcome FROM v_audit ORDER BY number")
    assert rows.to_numpy().tolist() == [
        ["ann", "query", "SELECT 'ä'", "done"],
        ["bob", "build", "", "refused"],
    ]
    assert audit.broken(tmp_path) is None


@pytest.mark.parametrize("harm", ["changed", "removed", "swapped", "damaged"])
def test_a_changed_log_shows(tmp_path: Path, harm: str) -> None:
    for n in range(5):
        audit.append(tmp_path, f"p{n}", "build")
    (file,) = files(tmp_path)
    lines = file.read_text().splitlines()
    if harm == "changed":
        lines[2] = lines[2].replace("p2", "p9")
    elif harm == "removed":
        del lines[2]
    elif harm == "swapped":
        lines[2], lines[3] = lines[3], lines[2]
    else:
        lines[2] = lines[2][:20]
    file.write_text("\n".join(lines) + "\n")
    assert audit.broken(tmp_path) in (3, 4)


def test_the_log_has_a_bound_and_its_chain_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "FILE_BYTES", 2_000)
    monkeypatch.setattr(audit, "FILES", 3)
    for n in range(60):
        audit.append(tmp_path, "ann", "query", detail=f"SELECT {n}" + " " * 9_000)
    assert len(files(tmp_path)) == 3
    assert sum(file.stat().st_size for file in files(tmp_path)) < 3 * 12_000
    assert audit.broken(tmp_path) is None
    assert audit.read(tmp_path)["number"].max() == 60


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / audit.FOLDER).write_text("a file in its place")
    with pytest.raises(InputError, match="audit log cannot be written"):
        audit.append(tmp_path, "ann", "build")
