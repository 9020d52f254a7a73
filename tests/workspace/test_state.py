"""The state file: read again only when it has changed, by whomever."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from mgrec_core.engine.presets import PresetStore
from mgrec_core.feedback.log import FeedbackLog
from mgrec_core.foundation.errors import StateBrokenError, WorkspaceBrokenError
from mgrec_core.workspace.state import StateFile

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


def test_what_is_made_of_rows_is_kept_once_for_all_who_ask(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.duckdb")
    made: list[int] = []

    def names(rows: list[tuple[object, ...]]) -> list[str]:
        made.append(len(rows))
        return [str(name) for (name,) in rows]

    assert file.read("cohorts", QUERY, names) == []
    add(file, "a")
    first = file.read("cohorts", QUERY, names)
    assert first == ["a"] and StateFile(file.path).read("cohorts", QUERY, names) is first
    add(file, "b")
    assert file.read("cohorts", QUERY, names) == ["a", "b"]
    assert made == [0, 1, 2]

    def nothing(rows: list[tuple[object, ...]]) -> None:
        raise ValueError

    with pytest.raises(WorkspaceBrokenError):
        file.read("cohorts", QUERY, nothing)


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


def test_what_a_killed_process_left_in_the_journal_is_seen(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.duckdb")
    add(file, "a")
    presets, log = PresetStore(file.path), FeedbackLog(file.path)
    assert file.rows("cohorts", QUERY) == [("a",)]
    assert "late" not in presets.all(("recent",)) and log.all() == []
    code = f"""
import duckdb, os
connection = duckdb.connect({str(file.path)!r})
connection.execute("INSERT INTO cohorts VALUES ('b', 'users', 'sql', '{{}}', TIMESTAMP '2025-01-01')")
connection.execute("INSERT INTO presets VALUES ('late', '{{}}', 'recent', 'saved')")
connection.execute("INSERT INTO feedback_log (id, user_id, item_id, kind) VALUES (1, 'u', 'i', 'like')")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert file.path.with_name("state.duckdb.wal").is_file(), "nothing is left in the journal: no test"
    assert file.rows("cohorts", QUERY) == [("a",), ("b",)]
    assert "late" in presets.all(("recent",)) and [row.id for row in log.all()] == [1]


def test_a_file_that_goes_while_it_is_looked_at_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = StateFile(tmp_path / "state.duckdb")
    monkeypatch.setattr(Path, "is_file", lambda self: True)  # it was there a moment ago
    assert file.rows("cohorts", QUERY) == []
    assert FeedbackLog(file.path).all() == [] and "default" in PresetStore(file.path).all(("recent",))


def test_a_state_that_is_gone_is_told_and_not_made_anew(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.duckdb")
    query = "SELECT name FROM presets"
    assert file.rows("presets", query) == [] and not file.noted.exists()
    with file.open(read_only=False) as connection:
        connection.execute("INSERT INTO presets VALUES ('mine', '{}', 'recent', 'person')")
    assert file.rows("presets", query) == [("mine",)] and file.noted.exists()
    file.path.unlink()
    with pytest.raises(StateBrokenError, match="is gone, and with it the presets, cohorts"):
        file.rows("presets", query)
    with pytest.raises(StateBrokenError, match="is gone"), file.open(read_only=False):
        pass
    assert not file.path.exists()
    file.noted.unlink()
    assert file.rows("presets", query) == []


def test_a_journal_without_its_file_is_told_and_kept(tmp_path: Path) -> None:
    """DuckDB would refuse a new file for the journal of the one before."""
    file = StateFile(tmp_path / "state.duckdb")
    file.journal.write_bytes(b"what was written last")
    with pytest.raises(StateBrokenError, match=r"is gone.*or move state\.duckdb\.wal beside it away"):
        file.rows("cohorts", QUERY)
    with pytest.raises(StateBrokenError, match="is gone"), file.open(read_only=False):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["state.duckdb.wal"]


def test_who_moves_away_what_a_damaged_state_names_goes_on_without_it(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.duckdb")
    with file.open(read_only=False) as connection:
        connection.execute("INSERT INTO cohorts VALUES ('a', 'users', 'manual', '', now())")
    file.path.write_bytes(b"nothing" * 3000)
    file.journal.write_bytes(b"what was written last")
    with pytest.raises(
        StateBrokenError, match=r"move it and state\.duckdb\.wal and \.state\.made beside it"
    ) as told:
        file.rows("cohorts", QUERY)
    assert str(told.value).startswith(f"{file.path} is damaged: put back a copy of it")
    for path in (file.path, file.journal, file.noted):
        path.rename(tmp_path / f"{path.name}.old")
    assert file.rows("cohorts", QUERY) == []
    with file.open(read_only=False) as connection:
        connection.execute("INSERT INTO cohorts VALUES ('b', 'users', 'manual', '', now())")
    assert file.rows("cohorts", QUERY) == [("b",)]
