"""Links between items of the same histories: found, kept with the build, shown, and blind to test events."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mgrec_core.analysis import graph as browse
from mgrec_core.data.knowledge.config import CooccurrenceConfig
from mgrec_core.data.knowledge.cooccurrence import cooccurrence
from mgrec_core.engine.engine import Engine
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.knowledge import KnowledgeConfig
from mgrec_core.model.store import LINKS
from mgrec_core.operations.building import build
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import MANIFEST

OPTIONS = CooccurrenceConfig().model_dump()


def test_planted_groups_are_found() -> None:
    """Twelve groups of five items that users take together, and a crowd of chance pairs."""
    rng = np.random.default_rng(4)
    users, groups, size = 400, 12, 5
    dense = rng.random((users, groups * size)) < 0.05
    for u in range(users):
        for g in rng.choice(groups, 2, replace=False):
            dense[u, g * size : (g + 1) * size] |= rng.random(size) < 0.7
    links = cooccurrence(sparse.csr_array(dense.astype(float)), **OPTIONS).tocoo()
    same = links.row // size == links.col // size
    order = np.argsort(-links.data)
    planted = groups * size * (size - 1)
    assert same[order[:planted]].mean() > 0.98, "precision of the surest"
    assert same.sum() == planted, "recall"
    assert links.data.min() > 0 and links.data.max() <= 1
    # What is surer is truer: that is what a confidence is for.
    assert links.data[same].mean() > 2 * links.data[~same].mean()


def test_support_chance_and_the_best_of_each() -> None:
    rows = np.zeros((10, 3))
    rows[:4, :2] = 1  # 4 users have both: below the support
    rows[:, 2] = 1  # everybody has it: no more than chance
    assert cooccurrence(sparse.csr_array(rows), **OPTIONS).nnz == 0
    assert cooccurrence(sparse.csr_array((0, 3)), **OPTIONS).shape == (3, 3)
    group = np.zeros((40, 6))
    group[:20] = 1
    links = cooccurrence(sparse.csr_array(group), **OPTIONS | {"per_item": 1})
    assert links[1:, 0].toarray().all() and links[:, 1:][1:].nnz == 0, "of equal ones the first"


@pytest.fixture(scope="module")
def linked(marketplace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The shop, built with the rule on."""
    workspace = Workspace(shutil.copytree(marketplace.path, tmp_path_factory.mktemp("linked") / "shop"))
    build(
        workspace,
        config=Config(knowledge=KnowledgeConfig(rules=("attribute", "cooccurrence"))),
        with_map=False,
    )
    return workspace


def test_links_are_shown_where_the_build_made_them(marketplace: Workspace, linked: Workspace) -> None:
    made = pd.read_parquet(linked.vectors / str(linked.current_build) / LINKS)
    assert len(made) > 10 and made["confidence"].between(0, 1).all()
    with browse.graph(linked) as connection:
        counts = browse.counts(connection)
        on = counts[~counts["offered"]].groupby("rule")["triples"].sum().to_dict()
        assert on["cooccurrence"] == len(made) and set(on) == {"attribute", "cooccurrence"}
        pair = made.iloc[0]
        near = browse.neighbourhood(connection, pair["head_id"]).triples
        found = near[(near["head_id"] == pair["head_id"]) & (near["tail_id"] == pair["tail_id"])]
        assert "cooccurrence" in set(found["rule"])
        assert browse.examples(connection, "cooccurrence")["confidence"].between(0, 1).all()
    with browse.graph(marketplace) as connection:
        assert "cooccurrence" not in set(browse.counts(connection)["rule"])


def test_explanations_name_the_rule_and_add_up(linked: Workspace) -> None:
    engine = Engine.open(linked.path)
    said = set()
    for user in engine.user_ids[:20]:
        found = engine.explain(user, engine.rank(user, k=1).items[0].item_id)
        values = sum(e.value for e in found.evidence["knowledge"]) + found.baseline["knowledge"]
        assert values == pytest.approx(found.contributions["knowledge"], abs=1e-5)
        said |= {e.source for e in found.evidence["knowledge"] if e.source}
    assert any("cooccurrence" in source for source in said)


def test_equal_bytes_with_the_rule_on(linked: Workspace, tmp_path: Path) -> None:
    again = Workspace.create(tmp_path / "again")
    shutil.copy(linked.database, again.database)
    shutil.copytree(linked.path / "cache", again.path / "cache")
    build(again, config=Config.of_build(linked.manifest().config), with_map=False)
    assert again.current_build == linked.current_build
    left, right = (w.vectors / str(w.current_build) for w in (linked, again))
    names = sorted(path.name for path in left.iterdir())
    assert names == sorted(path.name for path in right.iterdir()) and LINKS in names
    for name in names:
        if name != MANIFEST:  # its timings differ
            assert (left / name).read_bytes() == (right / name).read_bytes(), name
    files = [json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"] for folder in (left, right)]
    assert files[0] == files[1] and LINKS in files[0]
