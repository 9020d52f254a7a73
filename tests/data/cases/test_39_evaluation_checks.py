"""A log in which no user spans the moment that cuts it, and every user has ten items."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from tests.data.cases.importing import case


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checks") / "w"
    source = case("39-evaluation-checks/in")
    assert main(["import", str(source), "--workspace", str(folder), "--quiet"]) == 0
    assert main(["build", "--workspace", str(folder), "--no-map", "--quiet"]) == 0
    return folder


def test_it_is_said_that_nobody_spans_the_moment(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["evaluate", "--workspace", str(workspace), "--split", "time", "--json"]) == 2
    said = capsys.readouterr().err
    assert "no user has items on both sides of 20" in said and "two items" not in said


def test_an_empty_segment_is_named_and_the_rest_is_given(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    on = ["evaluate", "--workspace", str(workspace), "--json"]
    assert main([*on, "--segments", "activity,cold-users"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["segments"]) == {"activity"} and document["models"]
    assert [note for note in document["notes"] if note.startswith("segment cold-users has no users")]


def test_repeated_events_count_once(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["evaluate", "--workspace", str(workspace), "--split", "last", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["split"]["n_users"], document["split"]["n_pairs"]) == (30, 60)
    for metrics in document["models"].values():
        assert metrics["precision@10"] <= 2 / 10 + 1e-9
