"""The state file: read again only when it has changed, by whomever."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from mgrec_core.errors import WorkspaceBrokenError
from mgrec_core.state import StateFile

QUERY = "SELECT name FROM cohorts ORDER BY name"


def add(file: StateFile, name: str) -> None:
    with file.open(read_only=False) as connection:
        connection.execute(
            "INSERT INTO cohorts VALUES (?, 'users', 'sql', '{}', TIMESTAMP '2025-01-01')", [name]
        )


def test_rows_are_read_once_until_somebody_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = StateFile(tmp_path / "state.duckdb")
    assert file.rows("cohorts", QUERY) == []
    add(file, "a")
    assert file.rows("cohorts", QUERY) == [("a",)]
    opened: list[object] = []
    real = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *a, **k: opened.append(a) or real(*a, **k))
    found = file.rows("cohorts", QUERY)
    found.clear()  # a caller's own copy
    assert file.rows("cohorts", QUERY) == [("a",)] and not opened
    stamp = file.path.stat()
    add(StateFile(file.path), "b")
    os.utime(file.path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # within one tick of the clock
    assert file.rows("cohorts", QUERY) == [("a",), ("b",)]


def test_another_process_and_damage_are_seen(tmp_path: Path) -> None:
    file, other = StateFile(tmp_path / "state.duckdb"), StateFile(tmp_path / "other.duckdb")
    add(file, "a")
    add(other, "c")
    assert file.rows("cohorts", QUERY) == [("a",)]
    shutil.copyfile(other.path, file.path)
    assert file.rows("cohorts", QUERY) == [("c",)]
    file.path.write_bytes(b"no database" * 500)
    with pytest.raises(WorkspaceBrokenError):
        file.rows("cohorts", QUERY)
