"""What `evaluate` and `tune` of a target test is the model that was built, with its options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mgrec_core.engine.engine import Engine
from mgrec_core.model.config import Config
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.targets.fold import TargetFold
from mgrec_core.targets.friendships import split_friendships
from mgrec_core.workspace.folder import Workspace
from tests.targets.worlds import circles


def test_the_trial_of_a_target_has_the_knowledge_of_the_build(tmp_path: Path) -> None:
    """The build takes its graph from attributes; by default it is the one that was given."""
    world = circles()
    items = [str(row[0]) for row in world.items]
    world = replace(
        world,
        attributes=tuple((item, "maker", f"maker {n % 7}") for n, item in enumerate(items)),
        kg=tuple((item, "made_in", f"town {n % 5}", f"Town {n % 5}") for n, item in enumerate(items)),
    )
    workspace = Workspace.create(tmp_path / "workspace")
    import_data(workspace, world.write(tmp_path / "source"), "canonical")
    options = tmp_path / "options.yaml"
    options.write_text("knowledge: {rules: [attribute]}\n", encoding="utf-8")
    build(workspace, config=Config.load(options), with_map=False)
    engine = Engine.open(workspace.path)
    built = engine.model.granularities["knowledge"]
    assert any("maker" in name for name in built.evidence_labels), "the option has an effect"

    with workspace.reading() as connection:
        split = split_friendships(connection, test_ratio=0.3)
        tested = TargetFold.prepare(engine, connection, "users", split)
    # No event was held out: what the histories say of the graph is the same to the last number.
    found = tested.ranker.similar["knowledge"].granularity  # type: ignore[attr-defined]
    assert found.evidence_ids == built.evidence_ids
    # The trial's users and items stand in an order of their own.
    users = [engine.user_ids.index(user) for user in split.order.users]
    places = [engine.item_ids.index(item) for item in split.order.items]
    np.testing.assert_allclose(found.weights.toarray(), built.weights.toarray()[users], rtol=1e-6)
    for ours, theirs in zip(found.blocks, built.blocks, strict=True):
        np.testing.assert_allclose(ours.items.toarray(), theirs.items.toarray()[places], rtol=1e-6)
