"""What a process does is said in JSON lines on stderr, as much as was asked for and nothing of the data."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mgrec_core.foundation import log
from mgrec_core.workspace.jobs import Job
from tests.support import ITEMS, USERS, write_shop

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(log.VARIABLE, raising=False)
    yield
    monkeypatch.undo()
    log.configure()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if log.is_line(line)]


@pytest.mark.parametrize("level", log.LEVELS)
def test_a_level_lets_through_itself_and_what_is_worse(
    level: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(log.VARIABLE, f" {level.upper()} ")
    assert log.configure() == level
    for one in log.LEVELS:
        log.event(log.get("test"), getattr(logging, one.upper()), "said", n=1)
    captured = capsys.readouterr()
    found = lines(captured.err)
    assert [line["level"] for line in found] == list(log.LEVELS[log.LEVELS.index(level) :])
    assert all(line["logger"] == "mgrec.test" and line["n"] == 1 for line in found)
    assert captured.out == ""


def test_quiet_keeps_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    for level, kept in (("debug", ["warning", "error"]), ("error", ["error"])):
        log.configure(level)
        log.hush()
        for one in log.LEVELS:
            log.event(log.get("test"), getattr(logging, one.upper()), "said")
        assert [line["level"] for line in lines(capsys.readouterr().err)] == kept


def test_a_level_that_does_not_exist_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log, "_told", set())
    monkeypatch.setenv(log.VARIABLE, "loud")
    assert [log.configure() for _ in range(3)] == ["warning"] * 3
    (told,) = lines(capsys.readouterr().err)
    assert told["asked"] == "loud" and "debug, info" in told["choose"]


def test_what_fails_is_told_with_its_kind_and_not_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info")
    with pytest.raises(ValueError, match="secret"), log.timed(log.get("test"), "work", n=2):
        raise ValueError("secret")
    try:
        raise KeyError("secret")
    except KeyError as error:
        log.unexpected(log.get("test"), error)
    text = capsys.readouterr().err
    begins, failed, unexpected = lines(text)
    assert (begins["event"], failed["event"], failed["error"]) == ("work begins", "work failed", "ValueError")
    assert failed["n"] == 2 and failed["seconds"] >= 0
    assert unexpected["error"] == "KeyError" and unexpected["at"].startswith(__file__)
    assert "secret" not in text


def test_a_jobs_sentence_is_not_its_log(tmp_path: Path) -> None:
    (tmp_path / "outcome").write_text("2")
    said = 'mgrec: there is no such file\n{"time": "2026-01-01", "level": "info", "event": "late"}\n'
    (tmp_path / "stderr.log").write_text(said)
    assert Job(tmp_path, (("import",),), 0.0, 2).error == "there is no such file"


def run(*words: str | Path, level: str | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({log.VARIABLE: level} if level else {})}
    return subprocess.run(
        [sys.executable, "-m", "mgrec_core", *map(str, words)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


@pytest.mark.build
def test_an_import_and_a_build_say_how_long_they_took_and_nothing_of_the_data(tmp_path: Path) -> None:
    source, place = write_shop(tmp_path / "source"), tmp_path / "shop"
    imported = run("import", source, "--workspace", place, "--json", level="info")
    built = run("build", "--workspace", place, "--no-map", "--json", level="info")
    for done, what in ((imported, "import"), (built, "build")):
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)
        found = {line["event"]: line for line in lines(done.stderr)}
        assert f"{what} begins" in found and found[f"{what} done"]["seconds"] > 0
        assert all(line["level"] == "info" for line in found.values())
    assert found["build done"]["counts"]["users"] == USERS
    assert found["encoding done"]["texts"] >= ITEMS and found["encoding done"]["backend"]
    # A number after a letter: "u07" could not stand in a hash by chance, since it is no hexadecimal digit.
    people = [f"u{u:02}" for u in range(USERS)] + [f"i{i:02}" for i in range(ITEMS)]
    for told in [*people, "Coffee number", "onerror", "friend_id"]:
        assert told not in imported.stderr + built.stderr

    again = run("build", "--workspace", place, "--no-map", "--json", level=None)
    quiet = run("build", "--workspace", place, "--no-map", "--json", "--quiet", level="info")
    assert not any(log.is_line(line) for line in again.stderr.splitlines()) and again.returncode == 0
    assert quiet.stderr == "" and quiet.returncode == 0
