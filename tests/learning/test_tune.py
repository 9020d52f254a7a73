"""`tune` as a whole, on the synthetic shop: planted sources get weight, the preset is used."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.evaluation.splits import make_split
from mgrec_core.foundation.results import Weights
from mgrec_core.learning.tune import tune
from mgrec_core.workspace.folder import Workspace


@pytest.fixture(scope="module")
def own_shop(marketplace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("tuned") / "workspace"
    return Engine.open(shutil.copytree(marketplace.path, path))


@pytest.fixture(scope="module")
def learned(own_shop: Engine) -> dict:
    return tune(own_shop)


def test_the_document_and_the_preset(learned: dict, own_shop: Engine) -> None:
    assert {"preset", "objective", "base", "weights", "validation"} <= set(learned)
    assert learned["preset"] == "learned" and learned["objective"] == "ndcg@10"
    assert list(learned["weights"]) == list(own_shop.present)
    assert learned["weights"][learned["base"]] == 1.0 == max(learned["weights"].values())
    assert all(0 <= w <= 1 for w in learned["weights"].values())
    active = own_shop.active_preset()
    assert (active.name, active.origin, active.base) == ("learned", "tuned", learned["base"])
    user = own_shop.user_ids[0]
    assert own_shop.rank(user).weights == learned["weights"]


def test_planted_sources_weigh_more_than_popularity(learned: dict) -> None:
    """Social is planted as the most useful source, popularity as hardly one."""
    weights = learned["weights"]
    assert weights["social"] > weights["popularity"]
    assert weights["social"] >= 0.3


def test_learned_weights_do_no_worse_than_the_default_on_later_events_beyond_noise(
    learned: dict, own_shop: Engine
) -> None:
    default = evaluate(own_shop, weights=Weights(preset="default"))["models"]["fused"]["ndcg@10"]
    document = evaluate(own_shop, weights=Weights(preset="learned"))
    assert document["split"]["fingerprint"] == learned["reserved_for_test"]["fingerprint"]
    assert document["models"]["fused"]["ndcg@10"] > default - 0.02  # 300 users: a standard error is .01


def test_the_test_pairs_are_never_read(own_shop: Engine, learned: dict, tmp_path: Path) -> None:
    """Whatever happened in the reserved pairs, the learned weights are the same."""
    workspace = Workspace(shutil.copytree(own_shop.workspace.path, tmp_path / "workspace"))
    with contextlib.closing(duckdb.connect(str(workspace.database))) as connection:
        reserved = make_split(connection, "last", 0.2).test
        connection.register("reserved", reserved)
        connection.execute(
            """UPDATE events SET event = 'purchase', weight = 50, timestamp = timestamp + INTERVAL 10 YEAR
               WHERE (user_id, item_id) IN (SELECT (user_id, item_id) FROM reserved)"""
        )
    assert tune(Engine.open(workspace.path))["weights"] == learned["weights"]


def test_on_the_command_line(own_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["tune", "--workspace", str(own_world.path), "--json"]
    assert main([*arguments, "--objective", "recall@5", "--save-preset", "mine"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["preset"] == "mine" and printed["objective"] == "recall@5"
    assert Engine.open(own_world.path).presets()["mine"].origin == "tuned"
    assert main([*arguments, "--objective", "ndgc@10"]) == 2
    assert "unknown metric 'ndgc@10'" in capfd.readouterr().err


def test_a_refused_tune_leaves_the_presets_alone(own_world: Workspace, tmp_path: Path) -> None:
    before = Engine.open(own_world.path).presets()
    assert main(["tune", "--workspace", str(own_world.path), "--save-preset", " ", "--quiet"]) == 2
    assert Engine.open(own_world.path).presets() == before
