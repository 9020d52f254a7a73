"""Fewer items than the lists' usual length, and segments that nobody is in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from tests.worlds import World


def built(folder: Path, n_items: int, n_each: int) -> Path:
    """A workspace of eight users with some of the items each, on days of their own."""
    events = tuple(
        (f"u{u}", f"i{(u + n) % n_items}", "click", None, None, f"2024-01-{1 + u + n:02}", None)
        for u in range(8)
        for n in range(n_each)
    )
    source = World(events=events).write(folder / "source")
    workspace = folder / "workspace"
    assert main(["import", str(source), "--workspace", str(workspace)]) == 0
    assert main(["build", "--workspace", str(workspace), "--no-map"]) == 0
    return workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("shop"), n_items=6, n_each=4)


LOWERED = {
    "rank": ["rank", "--user", "u0"],
    "evaluate": ["evaluate"],
    "sweep": ["sweep", "--granularity", "popularity", "--points", "2"],
}


@pytest.mark.parametrize("name", LOWERED)
def test_the_default_length_is_lowered_and_told(
    name: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*LOWERED[name], "--workspace", str(shop), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["k"] == 6
    assert "k is 6, not 10" in err


def test_recommend_export_and_tune_lower_it_too(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on = ["--workspace", str(shop)]
    assert main(["recommend", *on, "--out", str(tmp_path / "lists.parquet")]) == 0
    assert "k is 6, not 20" in capsys.readouterr().err
    assert main(["export", *on, "--user", "u0", "--out", str(tmp_path), "--format", "json"]) == 0
    assert "k is 6, not 10" in capsys.readouterr().err
    assert main(["tune", *on, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["objective"] == "ndcg@6"


def test_what_was_asked_for_is_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--workspace", str(shop), "--k", "7"]) == 2
    assert "--k is 7: it lies from 1 to the catalogue's 6 items" in capsys.readouterr().err


def test_an_empty_segment_is_named_and_the_rest_given(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = built(tmp_path, n_items=12, n_each=9)
    capsys.readouterr()
    assert (
        main(["evaluate", "--workspace", str(workspace), "--segments", "activity,cold-users", "--json"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    assert set(document["segments"]) == {"activity"}
    assert document["notes"] == [
        "segment cold-users has no users: every evaluated user has more than 5 training items"
    ]
    assert main(["evaluate", "--workspace", str(shop), "--segments", "activity,colour"]) == 2
    assert "unknown segment 'colour'" in capsys.readouterr().err


def test_a_moment_is_named_on_the_command_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on = ["evaluate", "--workspace", str(shop), "--json"]
    assert main([*on, "--split", "time", "--at", "2024-01-07"]) == 0
    assert json.loads(capsys.readouterr().out)["split"]["at"] == "2024-01-07T00:00:00"
    assert main([*on, "--split", "time", "--at", "2030-01-01"]) == 2
    assert "no user has items on both sides of 2030-01-01" in capsys.readouterr().err
    assert main([*on, "--at", "2024-01-07"]) == 2
    assert "--split time" in capsys.readouterr().err
