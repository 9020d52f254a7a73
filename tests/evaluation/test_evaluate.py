"""`evaluate` as a whole, on the synthetic shop."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.state import StateFile


@pytest.fixture(scope="module")
def document(shop: Engine) -> dict:
    return evaluate(shop)


def test_the_document(document: dict, shop: Engine) -> None:
    assert {"split", "k", "n_users", "models", "significance"} <= set(document)
    assert set(document["models"]) == {*shop.present, "fused"}
    assert document["n_users"] == document["split"]["n_users"] == 300
    for found in document["models"].values():
        accuracy = {"ndcg@10", "recall@10", "precision@10", "map@10", "mrr", "hitrate@10"}
        beyond = {"coverage", "gini", "novelty", "diversity", "popularity", "popularity_lift", "calibration"}
        assert set(found) == accuracy | {f"{name}@10" for name in beyond}
        assert all(0 <= found[key] <= 1 for key in accuracy | {"coverage@10", "gini@10"})


def test_popularity_is_the_most_popular_and_the_least_novel(document: dict) -> None:
    models = document["models"]
    for name, found in models.items():
        assert found["popularity@10"] <= models["popularity"]["popularity@10"], name
        assert found["novelty@10"] >= models["popularity"]["novelty@10"], name
        assert found["coverage@10"] >= models["popularity"]["coverage@10"], name
    assert document["category"] == "category"


def test_intervals_hold_their_means_and_the_means_are_the_table(document: dict) -> None:
    fused = document["models"]["fused"]["ndcg@10"]
    for name, difference in document["significance"].items():
        other = name.removeprefix("fused − ")
        assert difference["low"] <= difference["mean"] <= difference["high"]
        assert difference["mean"] == pytest.approx(fused - document["models"][other]["ndcg@10"])
        assert difference["n_users"] == 300
        assert 0 < difference["p"] <= difference["p_holm"] <= 1
        assert difference["effect_low"] <= difference["effect"] <= difference["effect_high"]
    assert document["significance"]["fused − popularity"]["significant"]


def test_personal_granularities_beat_popularity_on_planted_interests(document: dict) -> None:
    popularity = document["models"]["popularity"]["ndcg@10"]
    for name in ("social", "knowledge", "behaviour", "collaborative", "recent"):
        assert document["models"][name]["ndcg@10"] > popularity, name


def test_the_same_again(document: dict, shop: Engine) -> None:
    assert evaluate(shop) == document


@pytest.mark.parametrize("k", [0, -1, 501])
def test_k_outside_the_catalogue_is_one_line(shop: Engine, k: int) -> None:
    with pytest.raises(InputError, match="from 1 to the catalogue's 500 items"):
        evaluate(shop, k=k)


def test_other_fusion_modes_are_refused_not_ignored(shop: Engine) -> None:
    with pytest.raises(InputError, match="fusion concat is not evaluated"):
        evaluate(shop, weights=Weights(fusion="concat"))


def test_on_the_command_line(built_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "--workspace", str(built_world.path), "--split", "random", "--k", "3", "--json"]
    assert main([*arguments, "--seed", "7"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["split"] | {"kind": "random", "seed": 7} == printed["split"]
    assert printed["k"] == 3
    assert main([*arguments, "--split", "weekly"]) == 2
    assert capfd.readouterr().err.strip().splitlines()[-1].startswith("mgrec: unknown split 'weekly'")


@pytest.fixture(scope="module")
def everything(own_copy: Workspace) -> dict:
    """An evaluation with all that can be asked for, on a small world, by the command line."""
    return run(own_copy, "--baselines", "--certify", "--segments", "activity,taste,items", "--k", "5")


@pytest.fixture(scope="module")
def own_copy(built_world: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(shutil.copytree(built_world.path, tmp_path_factory.mktemp("lab") / "workspace"))


def run(workspace: Workspace, *options: str, command: str = "evaluate") -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "mgrec_core", command, "--workspace", str(workspace.path), "--json", *options],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_all_at_once(everything: dict) -> None:
    assert {"item-knn", "als", "ease", "ease-scaled"} == set(everything["baselines"])
    assert set(everything["baselines"]) <= set(everything["models"])
    assert "fused − als" in everything["significance"]
    for found in everything["baselines"].values():
        assert found["settings"]["histories"] in ("binary", "strength")
    assert set(everything["segments"]) == {"activity", "taste", "items"}
    assert set(everything["sources"]) == set(everything["weights"])


def test_evaluations_are_kept_and_can_be_asked_for_again(everything: dict, own_copy: Workspace) -> None:
    listed = run(own_copy, command="experiments")["experiments"]
    kept = next(row for row in listed if row["id"] == everything["experiment"])
    assert kept["split"] == everything["split"]["fingerprint"]
    assert kept["fused"] == everything["models"]["fused"]
    settings = kept["settings"] | {"baselines": False, "certify": False}
    weights = Weights(settings.pop("weights"), settings.pop("base"), settings.pop("preset"))
    again = evaluate(Engine.open(own_copy.path), **settings, weights=weights)
    assert again["models"]["fused"] == everything["models"]["fused"]
    assert again["segments"] == everything["segments"]
    whole = run(own_copy, "--id", str(kept["id"]), command="experiments")
    assert whole["document"] == {key: v for key, v in everything.items() if key != "experiment"}


def test_no_experiments_yet_and_unknown_ones(own_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    for path in (own_world.state, StateFile(own_world.state).noted):
        path.unlink(missing_ok=True)
    arguments = ["experiments", "--workspace", str(own_world.path), "--json"]
    assert main(arguments) == 0
    assert json.loads(capfd.readouterr().out) == {"experiments": []}
    assert main([*arguments, "--id", "3"]) == 2
    assert "there is no experiment 3" in capfd.readouterr().err


def test_an_unknown_segment_is_one_line_and_leaves_no_experiment(shop: Engine) -> None:
    with pytest.raises(InputError, match="unknown segment 'weekday': choose among activity") as raised:
        evaluate(shop, segments=["activity", "weekday"])
    assert "\n" not in str(raised.value)


def test_an_empty_segment_is_named_and_the_rest_is_given(shop: Engine) -> None:
    document = evaluate(shop, segments=["activity", "cold-users"])
    assert set(document["segments"]) == {"activity"}
    assert [note for note in document["notes"] if "cold-users has no users" in note]


def test_a_log_that_cannot_be_written_loses_no_evaluation(
    own_world: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    own_world.state.write_bytes(b"no database")
    assert main(["evaluate", "--workspace", str(own_world.path), "--preset", "equal", "--json"]) == 1
    out = capfd.readouterr()
    assert "experiment" not in json.loads(out.out)
    assert "state.duckdb" in out.err and "damaged" in out.err
