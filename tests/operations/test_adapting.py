"""`adapt` from the workspace to the build, on a small encoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest

from mgrec_core import Engine
from mgrec_core.adaptation.adapters import Peft
from mgrec_core.adaptation.settings import Settings
from mgrec_core.engine.models import models
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.foundation.errors import InputError, MgrecError, WorkspaceLockedError
from mgrec_core.learning.tune import tune
from mgrec_core.operations import adapting
from mgrec_core.operations.adapting import adapt
from mgrec_core.operations.building import build
from mgrec_core.operations.doctor import examine
from mgrec_core.operations.forgetting import forget
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.own_models import alone
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.models import models_of, read_record, remove_model
from tests.adaptation.conftest import world, write_encoder

KEYS = {"model", "method", "before", "after", "cold", "seconds"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("adapting")
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, world().write(folder / "source"))
    build(workspace, str(write_encoder(folder / "small-bert")), with_map=False)
    return workspace, adapt(
        workspace, Settings(method="contrastive", steps=6, patience=9, hard=1), switch=False
    )


@pytest.fixture
def own(trained: tuple[Workspace, dict[str, Any]], tmp_path: Path) -> Workspace:
    return Workspace(shutil.copytree(trained[0].path, tmp_path / "workspace"))


def test_the_document_and_the_record(trained: tuple[Workspace, dict[str, Any]]) -> None:
    workspace, document = trained
    assert set(document) >= KEYS and json.dumps(document)
    assert set(document["before"]) == set(document["after"]) == {"ndcg@10"}
    assert set(document["cold"]) == {"before", "after"}
    assert set(document["differences"]) >= {"warm", "cold", "warm texts", "cold texts", "fused"}
    record = read_record(workspace.path, document["model"])
    assert record.method == "contrastive" and record.held_out["test"]["fingerprint"]
    assert record.facts["contrastive"]["ended"] == "steps"
    folder = workspace.path / "models" / record.name
    assert sorted(path.name for path in folder.iterdir()) == [
        "adapter",
        "contrastive",
        "model",
        "record.json",
    ]
    assert (folder / "contrastive" / "curve.json").is_file()


def test_a_model_is_switched_to_and_back_by_name(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    name, before = trained[1]["model"], own.manifest()
    lists = Engine.open(own.path).rank("u00", 5).items
    after, changed = build(own, name, with_map=False)
    assert changed and after.model == after.model_source == name
    assert after.model_fingerprint != before.model_fingerprint
    assert Engine.open(own.path).model_source == str(own.path / "models" / name / "model")
    assert update(own) == {}
    rows = {row["name"]: row for row in models(own)}
    assert rows[name]["chosen"] and not rows["all-MiniLM-L6-v2"]["chosen"]
    moved = Workspace(shutil.move(own.path, own.path.parent / "elsewhere"))
    assert update(moved) == {}  # by its name it is found where the workspace is now
    build(moved, before.model_source, with_map=False)
    assert Engine.open(moved.path).rank("u00", 5).items == lists


def test_the_same_again_is_there_already(own: Workspace, trained: tuple[Workspace, dict[str, Any]]) -> None:
    document = adapt(own, Settings(method="contrastive", steps=6, patience=9, hard=1), switch=False)
    assert not document["made"] and document["model"] == trained[1]["model"]
    assert document["after"] == trained[1]["after"]
    assert models_of(own.path)[0].name == document["model"]


def test_a_killed_training_ends_with_the_same_figures(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    """The whole of `adapt`, killed at a step and asked for again, beside one that was not."""

    class Killed(BaseException):
        pass

    def progress(stage: str, done: int, total: int, detail: str = "") -> None:
        if stage == "learning from choices" and done == 4:
            raise Killed

    settings = Settings(method="contrastive", steps=6, patience=9, hard=1)
    with pytest.raises(Killed):
        adapt(own, settings, switch=False, anew=True, progress=progress)
    assert adapting.begun(own.path) is not None and not models_of(own.path)
    again = adapt(own, settings, switch=False)
    assert again["made"] and again["model"] == trained[1]["model"]
    for part, told in trained[1]["differences"].items():
        assert again["differences"][part]["after"] == pytest.approx(told["after"], abs=1e-6)
    assert adapting.begun(own.path) is None


@pytest.mark.parametrize("method", ["mlm", "mlm+contrastive"])
@pytest.mark.parametrize("peft", ["lora", "none"])
def test_words_too(own: Workspace, method: Any, peft: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mgrec_core.adaptation import masked

    monkeypatch.setattr(masked, "LEAST_TEXTS", 10)
    document = adapt(own, Settings(method=method, peft=peft, steps=3), switch=False)
    assert set(document["training"]) == set(method.split("+"))
    assert build(own, document["model"], with_map=False)[1]


@pytest.mark.parametrize("peft", [one for one in get_args(Peft) if one != "lora"])
def test_every_kind_of_adapter(own: Workspace, peft: Any) -> None:
    document = adapt(own, Settings(method="contrastive", peft=peft, steps=3), switch=False)
    record = read_record(own.path, document["model"])
    assert (record.facts["adapter_bytes"] > 0) == (peft != "none")


def test_the_light_path_needs_no_training(own: Workspace) -> None:
    document = adapt(own, Settings(method="projection"), switch=False)
    assert set(document) >= KEYS and document["method"] == "projection" and not document["switched"]
    assert document["after"]["ndcg@10"] > document["before"]["ndcg@10"]
    assert len(models_of(own.path)) == 1


def test_it_starts_from_what_a_model_was_made_of(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    build(own, trained[1]["model"], with_map=False)
    document = adapt(own, Settings(method="contrastive", steps=4, seed=1), switch=False)
    assert document["base"] == trained[1]["base"]


def test_a_switch_needs_a_gain(own: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = own.manifest().build
    worse = {
        part: {"mean": -0.1, "low": -0.2, "high": -0.05, "before": 0.2, "after": 0.1, "n_users": 40}
        for part in ("warm", "cold", "fused")
    }
    assert adapting.verdict(worse) == (
        False,
        "known items and new items and the fused lists are ranked worse with it,"
        " so the model before stays in use",
    )
    chance = {part: {**one, "low": -0.2, "high": 0.1} for part, one in worse.items()}
    assert not adapting.verdict(chance)[0]
    better = {part: {**one, "mean": 0.1, "low": 0.05, "high": 0.2} for part, one in worse.items()}
    assert adapting.verdict({**better, "cold": chance["cold"]})[0]
    monkeypatch.setattr(adapting, "verdict", lambda _: (True, "said so"))
    document = adapt(own, Settings(method="contrastive", steps=6, patience=9, hard=1))
    assert document["switched"] and own.manifest().build != before
    assert own.manifest().model == document["model"]


def test_figures_on_pairs_that_it_learned_from_say_so(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    def notes(document: dict[str, Any]) -> str:
        return " ".join(document.get("notes", []))

    build(own, trained[1]["model"], with_map=False)
    engine = Engine.open(own.path)
    assert "has learned from some of the pairs" not in notes(evaluate(engine, k=5, relevant="any"))
    assert "has learned from some" in notes(evaluate(engine, k=5, relevant="any", seed=3, split="random"))
    assert "has learned from some" not in notes(tune(engine, relevant="any", keep_uncertified=True))
    assert "has learned from some" in notes(
        tune(engine, relevant="any", keep_uncertified=True, seed=3, split="random")
    )


def test_one_training_at_a_time(own: Workspace) -> None:
    with alone(own.path), pytest.raises(WorkspaceLockedError, match=r"being trained .* already"):
        adapt(own, Settings(method="projection"))


def test_what_does_not_do_leaves_everything_in_use(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    before = own.manifest()
    for options, model, said in (
        ({"method": "contrastive", "budget": "soon"}, None, "is no time"),
        ({"method": "contrastive"}, "universal-sentence-encoder-multilingual-3", "cannot be trained here"),
        ({"method": "contrastive"}, "/nowhere/model", "does not exist"),
        ({"method": "mlm", "steps": 2}, None, "too little text"),
    ):
        with pytest.raises(MgrecError, match=said) as caught:
            adapt(own, Settings(**options), model=model)
        assert "\n" not in str(caught.value)
        assert own.manifest() == before
        assert [record.name for record in models_of(own.path)] == [trained[1]["model"]]


def test_models_are_removed_by_name(own: Workspace, trained: tuple[Workspace, dict[str, Any]]) -> None:
    remove_model(own.path, trained[1]["model"])
    assert models_of(own.path) == []
    with pytest.raises(MgrecError, match=r"has no model .*: it has none"):
        remove_model(own.path, "../workspace")


def test_forgetting_forgets_what_was_learned(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    name, base = trained[1]["model"], trained[1]["base"]
    build(own, name, with_map=False)
    tokens = (Path(base) / "tokenizer.json").read_bytes()
    found = forget(own, "user", "u00")
    assert name in found["note"] and "adapt" in found["note"]
    assert models_of(own.path) == [] and own.manifest().model_source == base
    assert (Path(base) / "tokenizer.json").read_bytes() == tokens
    assert "u00" not in Engine.open(own.path).user_ids


def test_a_damaged_model_does_not_hide_the_others(
    own: Workspace, trained: tuple[Workspace, dict[str, Any]]
) -> None:
    name = trained[1]["model"]
    (own.path / "models" / name / "model" / "model.safetensors").write_bytes(b"cut")
    rows = {row["name"]: row for row in models(own)}
    assert "missing or damaged" in rows[name]["problem"] and rows[name]["fingerprint"] is None
    assert all("problem" not in row and row["fingerprint"] for other, row in rows.items() if other != name)
    with pytest.raises(MgrecError, match="missing or damaged"):
        models(own, [name])


def test_doctor_knows_models(own: Workspace, trained: tuple[Workspace, dict[str, Any]]) -> None:
    assert examine(own.path)["findings"] == []
    folder = own.path / "models" / trained[1]["model"]
    weights = folder / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    (own.path / "models" / "strange").mkdir()
    found = {finding["file"]: finding["what"] for finding in examine(own.path)["findings"]}
    assert set(found) == {f"models/{folder.name}", "models/strange"}


def test_a_workspace_without_a_build_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not imported yet"):
        adapt(Workspace.create(tmp_path / "empty"), Settings(method="contrastive"))
