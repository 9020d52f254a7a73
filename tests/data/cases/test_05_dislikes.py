"""Who gave twelve horror films one star and one comedy five is shown comedies, and it is said why."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mgrec_core import Engine, build, import_data
from mgrec_core.cli.main import main
from tests.data.cases.importing import case


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dislikes") / "w"
    import_data(folder, case("05-dislikes-count-as-interest/in"))
    build(folder, with_map=False)
    return folder


def test_the_first_ten_are_comedies(workspace: Path) -> None:
    with (case("05-dislikes-count-as-interest/in") / "items.csv").open(encoding="utf-8") as stream:
        genres = {row["item_id"]: row["genre"] for row in csv.DictReader(stream)}
    first = [genres[item.item_id] for item in Engine.open(workspace).rank("hater", k=10).items]
    assert first == ["comedy"] * 10


def test_the_strongest_interest_is_against(workspace: Path) -> None:
    strongest = Engine.open(workspace).interests("hater", top=1)["attribute"][0]
    assert strongest.phrase == "against genre: horror" and strongest.weight < 0


def test_what_was_hated_is_not_held_out_as_relevant(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = {}
    for rule in ("liked", "any"):
        capsys.readouterr()
        assert main(["evaluate", "--workspace", str(workspace), "--relevant", rule, "--json"]) == 0
        pairs[rule] = json.loads(capsys.readouterr().out)["relevant"]["n_pairs"]
    assert 0 < pairs["liked"] < pairs["any"]
