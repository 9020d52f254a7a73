"""`panel`, `sweep`, `pareto`, and the options of splits and constraints on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mgrec_core.cli.main import main
from mgrec_core.workspace.folder import Workspace

SPLIT = ["--split", "random", "--test-ratio", "0.3"]


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = main([*arguments, "--json", "--quiet"])
    told = capfd.readouterr()
    assert code == 0, told.err
    found: dict[str, Any] = json.loads(told.out)
    return found


def refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments, "--json", "--quiet"]) == 2
    told = capfd.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    return told.err


def test_sweep_and_pareto(own_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    where = ["--workspace", str(own_world.path)]
    record = run(capfd, "panel", *where, *SPLIT)
    swept = run(capfd, "sweep", *where, *SPLIT, "--granularity", "attribute", "--points", "3")
    assert swept["panel"] == record["id"] and swept["split"] == record["split"]
    assert [p["weight"] for p in swept["points"]] == [0, 0.5, 1]
    assert {"value", "low", "high", "significant"} <= set(swept["points"][0]["ndcg@10"])
    front = run(capfd, "pareto", *where, *SPLIT, "--samples", "4", "--y", "gini@10")
    assert {p["name"] for p in front["points"]} >= {"default", "equal", "base only", ""}
    assert any(p["front"] for p in front["points"])


def test_a_kept_split_is_used_by_its_fingerprint(
    own_world: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(own_world.path)]
    record = run(capfd, "panel", *where, "--split", "last-n", "--test-count", "2")
    assert record["split"]["kind"] == "last-n" and record["split"]["count"] == 2
    again = run(capfd, "panel", *where, "--split", record["split"]["fingerprint"])
    assert again["id"] == record["id"]


def test_ratios_say_8_1_1(own_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    where = ["--workspace", str(own_world.path)]
    record = run(capfd, "panel", *where, "--split", "random", "--ratios", "8:1:1")
    assert record["split"]["test_ratio"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["panel", "--ratios", "8:1"], "train:validation:test"),
        (["panel", "--ratios", "8:0:1"], "train:validation:test"),
        (["panel", "--ratios", "8:1:1", "--test-ratio", "0.1"], "give one of them"),
        (["panel", "--split", "0123456789abcdef"], "no split"),
        (["panel", "--split", "last-n", "--test-count", "0"], "at least 1"),
        (["sweep", "--granularity", "astrology"], "astrology"),
        (["sweep", "--granularity", "recent", "--k", "100000"], "k is"),
        (["pareto", "--x", "accuracy@10"], "unknown metric"),
        (["pareto", "--samples", "0"], "at least 1"),
        (["tune", "--at-least", "coverage@10"], "--at-least"),
        (["tune", "--at-most", "nonsense@10=1"], "unknown metric"),
        (["tune", "--fusion", "magic"], "fusion"),
    ],
)
def test_what_is_wrong_is_one_line(
    own_world: Workspace, capfd: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert words in refused(capfd, *arguments, "--workspace", str(own_world.path))


def test_tune_with_a_limit(own_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    where = ["--workspace", str(own_world.path)]
    found = run(capfd, "tune", *where, "--at-least", "coverage@10=0.05", "--keep-uncertified")
    assert found["constraints"] == ["coverage@10 ≥ 0.05"] and "sources" not in found
    assert sum(found["alpha"].values()) == pytest.approx(1)
    certified = run(capfd, "tune", *where)
    assert set(certified["sources"]) == set(certified["weights"])
    for name in certified["left_out"]:
        assert certified["weights"][name] == 0
