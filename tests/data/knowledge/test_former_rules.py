"""A build that an earlier version made with rules that are no more: it opens, evaluates and is updated."""

from __future__ import annotations

import json

from mgrec_core.analysis import graph as browse
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.model.config import Config
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import MANIFEST

#: As the earlier version wrote them into a manifest, with its counts of links.
OPTIONS = """
{"language": {"encoding": "pooled", "sequence_items": 20, "whitening": true, "shrinkage": 0.01},
 "recent": {"decay": "power", "half_life": 3.0, "language_share": 0.2},
 "attribute": {"space": "tfidf", "min_items": 2, "max_share": 0.5},
 "knowledge": {"space": "tfidf", "min_items": 2, "max_share": 0.5, "second_hop": 0.5,
  "rules": ["attribute", "hierarchy", "text", "neighbours"],
  "cooccurrence": {"support": 3, "per_item": 10, "shrinkage": 10.0, "threshold": 0.1},
  "neighbours": {"per_item": 10, "threshold": 0.35}},
 "collaborative": {"regularisation": 0.02, "item_scaling": 0.1, "max_cells": 250000000, "max_exact": 12000,
  "rank": 64, "factors": 128, "factor_scaling": 0.25, "factor_share": null}}
"""


def test_a_build_with_former_rules_opens_and_is_updated(own_world: Workspace) -> None:
    build = str(own_world.current_build)
    file = own_world.vectors / build / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8"))
    del manifest["digests"], manifest["seal"]  # neither was known then
    manifest |= {"config": json.loads(OPTIONS), "links": {"neighbours": 5}}
    file.write_text(json.dumps(manifest), encoding="utf-8")

    engine = Engine.open(own_world.path)
    assert Config.of_build(engine.manifest.config).knowledge.rules == ("attribute", "text")
    assert engine.rank(engine.user_ids[0], k=3).items
    assert evaluate(engine, split="random")["models"]["fused"]["ndcg@10"] >= 0
    with browse.graph(own_world) as connection:
        used = browse.counts(connection).query("not offered")
        assert set(used["rule"]) <= {"attribute", "text"}

    changed = update(own_world)
    assert changed is not None and changed["since"] == build
    assert own_world.manifest().config["knowledge"]["rules"] == ["attribute", "text"]
    assert "neighbours" not in own_world.manifest().config["knowledge"]
