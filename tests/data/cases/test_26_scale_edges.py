"""The smallest workspaces: one user, one item, one event, all users alike, one event each."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from tests.data.cases.importing import case

EDGES = ("oneuser", "oneitem", "oneevent", "allsame", "single")


@pytest.fixture(scope="module", params=EDGES)
def edge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source, and a workspace built of it."""
    source, workspace = case(f"26-scale-edges/{request.param}"), tmp_path_factory.mktemp("edge") / "w"
    assert main(["import", str(source), "--workspace", str(workspace), "--quiet"]) == 0
    assert main(["build", "--workspace", str(workspace), "--no-map", "--quiet"]) == 0
    return source, workspace


def _pairs(source: Path) -> list[tuple[str, str]]:
    with (source / "interactions.csv").open(encoding="utf-8") as stream:
        return [(row["user_id"], row["item_id"]) for row in csv.DictReader(stream)]


def test_a_seen_item_has_no_contribution_out_of_all_proportion(
    edge: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    user, item = _pairs(edge[0])[0]
    capsys.readouterr()
    assert main(["explain", "--workspace", str(edge[1]), "--user", user, "--item", item, "--json"]) == 0
    contributions = json.loads(capsys.readouterr().out)["contributions"]
    assert contributions and all(abs(value) < 50 for value in contributions.values()), contributions


def test_a_list_is_no_longer_than_the_catalogue_and_the_default_says_so(
    edge: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with (edge[0] / "items.csv").open(encoding="utf-8") as stream:
        items = {row["item_id"] for row in csv.DictReader(stream)} | {item for _, item in _pairs(edge[0])}
    user = _pairs(edge[0])[0][0]
    capsys.readouterr()
    assert main(["rank", "--workspace", str(edge[1]), "--user", user, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["k"] == min(10, len(items))
    assert (f"k is {len(items)}, not 10" in err) == (len(items) < 10)


def test_nothing_is_significant_without_p_and_enough_users(
    edge: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    code = main(["evaluate", "--workspace", str(edge[1]), "--json"])
    out, err = capsys.readouterr()
    if code:
        assert code == 2 and err.endswith(
            "mgrec: no user has two items to split: there is nothing to evaluate on\n"
        )
        return
    for name, found in json.loads(out)["significance"].items():
        assert not found["significant"] or (found["p_holm"] < 0.05 and found["n_users"] > 5), (name, found)
