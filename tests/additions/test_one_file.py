"""An importer, an export format, a metric, an encoder backend and a baseline, each added by one file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.additions.added_encoder import DIMENSIONS
from tests.additions.conftest import Command
from tests.worlds import full

LOG = "ann|song1|play|31\nann|song2|encore|5\nbob|song1|play|0\nbob|song2|play|9\n"


def test_an_importer_finds_its_format_and_its_rules_are_in_the_receipt(
    command: Command, tmp_path: Path
) -> None:
    source = tmp_path / "jukebox"
    source.mkdir()
    (source / "jukebox.log").write_text(LOG)
    found = command("import", source, "--workspace", tmp_path / "one", added=("added_importer",))
    assert found["format"] == "play-log"
    assert found["counts"]["events"] == 3 and found["counts"]["users"] == 2
    (file,) = found["files"]
    assert (file["read"], file["accepted"], file["rejected"]) == (4, 3, 1)
    told = {reason["rule"]: reason for reason in found["reasons"]}["silent_play"]
    assert told["action"] == "rejected" and told["count"] == 1 and "nobody listened" in told["explanation"]
    with Workspace(tmp_path / "one").reading() as connection:
        strengths = dict(connection.execute("SELECT event, strength FROM event_types").fetchall())
    assert strengths == {"play": 1.0, "encore": 0.9}

    off = command(
        *("import", source, "--workspace", tmp_path / "two", "--without", "silent-play"),
        added=("added_importer",),
    )
    assert off["counts"]["events"] == 4
    rules = {rule["name"]: rule for rule in command("rules", added=("added_importer",))["rules"]}
    assert rules["silent_play"]["switchable"] and rules["silent_play"]["otherwise"] == "it is a play"


def test_an_export_format_is_written(command: Command, built_world: Workspace, tmp_path: Path) -> None:
    user = full().events[0][0]
    files = command(
        *("export", "--workspace", built_world.path, "--user", user, "--out", tmp_path / "out"),
        *("--format", "ids,json", "--k", 3),
        added=("added_format",),
    )["files"]
    assert [Path(file).suffix for file in files] == [".json", ".txt", ".bin"]
    lines = Path(files[1]).read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert Path(files[2]).read_bytes() == b"\x03"


@pytest.fixture(scope="module")
def evaluated(
    command: Command, built_world: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    own = shutil.copytree(built_world.path, tmp_path_factory.mktemp("evaluated") / "workspace")
    return command(
        *("evaluate", "--workspace", own, "--k", 5, "--baselines"), added=("added_metric", "added_baseline")
    )


def test_metrics_of_each_kind_are_evaluated(evaluated: dict[str, Any]) -> None:
    for name, found in evaluated["models"].items():
        assert 0 <= found["tophit@5"] <= found["hitrate@5"], name
        assert found["length@5"] == 5 and 1 <= found["first_items"] <= evaluated["n_users"], name
    assert next(iter(evaluated["models"]["fused"])) == "ndcg@5"  # what is added comes behind


def test_a_baseline_is_tuned_ranked_and_compared(evaluated: dict[str, Any]) -> None:
    assert evaluated["baselines"]["most-held"]["settings"] == {"power": 1.0}
    assert evaluated["models"]["most-held"] == pytest.approx(evaluated["models"]["popularity"])
    assert "fused − most-held" in evaluated["significance"]


def test_weights_are_learned_for_a_metric(command: Command, built_world: Workspace, tmp_path: Path) -> None:
    own = shutil.copytree(built_world.path, tmp_path / "workspace")
    found = command("tune", "--workspace", own, "--objective", "tophit@5", added=("added_metric",))
    assert found["objective"] == "tophit@5" and 0 <= found["validation"]["tophit@5"] <= 1


def test_an_encoder_backend_makes_a_build(command: Command, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    import_data(workspace, full().write(tmp_path / "source"))
    command("build", "--workspace", workspace.path, "--no-map", added=("added_encoder",))
    kept = [np.load(path) for path in workspace.path.glob("cache/*/*.npy")]
    assert kept and all(table["vector"].shape[1:] == (DIMENSIONS,) for table in kept)
    assert workspace.manifest().granularities["behaviour"].present
