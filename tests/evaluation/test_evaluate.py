"""`evaluate` as a whole, on the synthetic shop."""

from __future__ import annotations

import json

import pytest

from mgrec_core.cli import main
from mgrec_core.engine import Engine
from mgrec_core.errors import InputError
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.workspace import Workspace


@pytest.fixture(scope="module")
def document(shop: Engine) -> dict:
    return evaluate(shop)


def test_the_document(document: dict, shop: Engine) -> None:
    assert {"split", "k", "n_users", "models", "significance"} <= set(document)
    assert set(document["models"]) == {*shop.present, "fused"}
    assert document["n_users"] == document["split"]["n_users"] == 300
    for found in document["models"].values():
        assert set(found) == {"ndcg@10", "recall@10", "precision@10", "map@10", "mrr", "hitrate@10"}
        assert all(0 <= value <= 1 for value in found.values())


def test_intervals_hold_their_means_and_the_means_are_the_table(document: dict) -> None:
    fused = document["models"]["fused"]["ndcg@10"]
    for name, difference in document["significance"].items():
        other = name.removeprefix("fused − ")
        assert difference["low"] <= difference["mean"] <= difference["high"]
        assert difference["mean"] == pytest.approx(fused - document["models"][other]["ndcg@10"])
        assert difference["n_users"] == 300
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


def test_on_the_command_line(built_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "--workspace", str(built_world.path), "--split", "random", "--k", "3", "--json"]
    assert main([*arguments, "--seed", "7"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["split"] | {"kind": "random", "seed": 7} == printed["split"]
    assert printed["k"] == 3
    assert main([*arguments, "--split", "weekly"]) == 2
    assert capfd.readouterr().err.strip().splitlines()[-1].startswith("mgrec: unknown split 'weekly'")
