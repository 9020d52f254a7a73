"""Links that rules of the build make: kept with it, counted, shown in the graph, the same bytes each time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from mgrec_core.analysis import graph as browse
from mgrec_core.analysis.graph_prospect import prospects
from mgrec_core.cli.main import main
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.knowledge import KnowledgeConfig
from mgrec_core.model.store import LINKS
from mgrec_core.operations.building import build
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import MANIFEST

CONFIG = Config(knowledge=KnowledgeConfig(rules=("attribute", "cooccurrence", "neighbours")))


@pytest.fixture(scope="module")
def linked(marketplace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The shop, built with both rules on."""
    workspace = Workspace(shutil.copytree(marketplace.path, tmp_path_factory.mktemp("linked") / "shop"))
    build(workspace, config=CONFIG, with_map=False)
    return workspace


def test_what_a_rule_would_give_is_what_it_gives(marketplace: Workspace, linked: Workspace) -> None:
    made = linked.manifest().links
    assert made["cooccurrence"] > 10 and made["neighbours"] > 0
    assert prospects(marketplace) == made == prospects(linked)
    assert marketplace.manifest().links == {}


def test_links_are_shown_where_the_build_made_them(marketplace: Workspace, linked: Workspace) -> None:
    made = linked.manifest().links
    with browse.graph(linked) as connection:
        counts = browse.counts(connection)
        on = counts[~counts["offered"]].groupby("rule")["triples"].sum().to_dict()
        assert {rule: on[rule] for rule in made} == made and set(on) == {"attribute", *made}
        pair = pd.read_parquet(linked.vectors / str(linked.current_build) / LINKS).iloc[0]
        near = browse.neighbourhood(connection, pair["head_id"]).triples
        found = near[(near["head_id"] == pair["head_id"]) & (near["tail_id"] == pair["tail_id"])]
        assert pair["rule"] in set(found["rule"]) and set(found["source"]) <= set(on)
        assert browse.examples(connection, "neighbours")["confidence"].between(0, 1).all()
    with browse.graph(marketplace) as connection:
        assert not set(browse.counts(connection)["rule"]) & set(made)


def test_equal_bytes_with_rules_on(linked: Workspace, tmp_path: Path) -> None:
    again = Workspace.create(tmp_path / "again")
    shutil.copy(linked.database, again.database)
    shutil.copytree(linked.path / "cache", again.path / "cache")
    build(again, config=CONFIG, with_map=False)
    assert again.current_build == linked.current_build
    left, right = (w.vectors / str(w.current_build) for w in (linked, again))
    names = sorted(path.name for path in left.iterdir())
    assert names == sorted(path.name for path in right.iterdir()) and LINKS in names
    for name in names:
        if name == MANIFEST:  # its timings differ
            contents = [json.loads((folder / name).read_text(encoding="utf-8")) for folder in (left, right)]
            assert all(content.pop("timings") for content in contents)
            assert contents[1].pop("kept") == [], "made at once"
            assert contents[0].pop("kept") == ["factors", "items", "language"], "of a build without rules"
            assert contents[0] == contents[1]
        else:
            assert (left / name).read_bytes() == (right / name).read_bytes(), name


def test_the_command_counts(linked: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kg", "count", "--workspace", str(linked.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["links"] == linked.manifest().links
