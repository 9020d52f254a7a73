"""Models to choose from, the build before, figures in words, and neighbours by text from kept vectors."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.engine.model_choice import choices, difference, former, in_words, models_frame
from mgrec_core.engine.text_neighbours import text_neighbours
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.language.embedded import MINILM, USE
from mgrec_core.language.model_files import find_model
from mgrec_core.language.text_cache import TextCache
from mgrec_core.model.config import Config
from mgrec_core.operations import own_models
from mgrec_core.operations.building import build
from mgrec_core.workspace import models
from mgrec_core.workspace.folder import Workspace
from tests.built import built
from tests.worlds import World

TITLES = {"a": "green tea", "b": "black tea", "c": "a steam train", "d": "a diesel train", "e": ""}
FIGURE = {"before": 0.031, "after": 0.043, "mean": 0.012, "low": 0.004, "high": 0.02, "n_users": 40}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    base = tmp_path_factory.mktemp("choice")
    events = tuple((f"u{n % 5}", i, "view", None, None, None, None) for n, i in enumerate("abcdeabcdab"))
    items = tuple((i, title or None, None) for i, title in TITLES.items())
    return built(base / "ws", World(events=events, items=items).write(base / "data"), "canonical")


@pytest.fixture
def workspace(made: Workspace, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(made.path, tmp_path / "ws")))


def keep_model(workspace: Workspace, name: str, **more: object) -> models.ModelRecord:
    """MiniLM that reads less, as a model of the workspace as operations leave one."""
    folder = models.folder_of(workspace.path, name)
    shutil.copytree(MINILM.path(), folder / "model")
    (folder / "model" / "sentence_bert_config.json").write_text('{"max_seq_length": 32}')
    record = models.ModelRecord(
        name=name, base=MINILM.name, base_fingerprint="f", method="contrastive", settings={"peft": "lora"},
        figures={"warm": FIGURE}, **more,
    )  # fmt: skip
    models.write_record(folder, record)
    return record


def test_the_one_in_use_comes_first_and_the_embedded_are_there(workspace: Workspace) -> None:
    found = choices(workspace)
    assert [one.name for one in found] == [MINILM.name, USE.name]
    assert [one.in_use for one in found] == [True, False]
    keep_model(workspace, "own-1")
    assert [one.name for one in choices(workspace)] == [MINILM.name, "own-1", USE.name]
    own = choices(workspace)[1]
    assert own.how == f"taught what people choose with LoRA, from {MINILM.name}"
    assert in_words(own.figures["warm"]) == ".031 → .043, +.012 [+.004, +.020]"
    keep_model(workspace, "own-2", facts={"MB": 12.5, "texts_per_second": 1234})
    assert choices(workspace)[1].how.endswith("; 12.5 MB, 1,234 texts a second")
    own_models.remove(workspace, "own-2")
    frame = models_frame(choices(workspace))
    assert list(frame["in_use"]) == [True, False, False]
    assert frame["warm_mean"][1] == 0.012 and np.isnan(frame["warm_mean"][0]) and frame["base"][0] == ""


def test_figures_in_words() -> None:
    assert difference(FIGURE | {"mean": -0.01, "low": -0.02, "high": 0.0001}) == "−.010 [−.020, .000]"
    assert difference(FIGURE | {"mean": 1.25, "low": 1, "high": 2}) == "+1.250 [+1.000, +2.000]"
    assert in_words(None) == in_words({}) == difference(FIGURE | {"low": None}) == ""


def test_a_switch_can_be_gone_back_on_and_what_is_in_use_stays(workspace: Workspace) -> None:
    assert former(workspace) is None
    keep_model(workspace, "own-1")
    before = workspace.manifest()
    build(workspace, "own-1", with_map=False)
    assert choices(workspace)[0].name == "own-1" and choices(workspace)[0].in_use
    kept = former(workspace)
    assert kept is not None and kept.build == before.build
    with pytest.raises(InputError, match="in use"):
        own_models.remove(workspace, "own-1")
    build(workspace, kept.model_asked, Config.of_build(kept.config), with_map=False)
    assert workspace.current_build == before.build
    own_models.remove(workspace, "own-1")
    assert [one.name for one in choices(workspace)] == [MINILM.name, USE.name]
    with pytest.raises(NotFoundError, match="no model 'own-1'"):
        own_models.remove(workspace, "own-1")


def test_a_damaged_build_is_a_sentence(workspace: Workspace) -> None:
    (workspace.vectors / str(workspace.current_build) / "manifest.json").write_text("{}")
    with pytest.raises(WorkspaceBrokenError):
        choices(workspace)


def test_neighbours_are_those_of_the_vectors_that_are_kept(workspace: Workspace) -> None:
    engine = Engine.open(workspace.path)
    near = text_neighbours(engine, "a", MINILM.name, 2)
    assert near.neighbours[0].item_id == "b" and near.neighbours[0].title == "black tea"
    assert [one.rank for one in near.neighbours] == [1, 2]
    assert (near.n_items, near.n_unread) == (3, 0), "an item without a text is nowhere near"
    texts = {i: text for i, text in _texts(workspace).items() if text}
    cache = TextCache(workspace.path / "cache")
    places, vectors = cache.kept(find_model(None).fingerprint, [texts["a"], "unread", texts["b"]])
    assert places == [0, 2]
    assert near.neighbours[0].cosine == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)
    for item, why in (("e", "has no text"), ("nobody", "no item 'nobody'")):
        with pytest.raises(InputError, match=why):
            text_neighbours(engine, item, None)
    with pytest.raises(InputError, match="has not read these texts yet: build with it once"):
        text_neighbours(engine, "a", USE.name)
    with pytest.raises(InputError, match="1"):
        text_neighbours(engine, "a", None, 0)


def _texts(workspace: Workspace) -> dict[str, str | None]:
    from mgrec_core.data.item_texts import item_texts

    with workspace.reading() as connection:
        return item_texts(connection)


def test_curves_are_read_while_a_training_runs_and_after(tmp_path: Path) -> None:
    running = models.folder_of(tmp_path, "own-1") / "training" / "contrastive"
    running.mkdir(parents=True)
    (running / "curve.json").write_text('[{"step": 1, "seconds": 2.5, "loss": 3}]')
    assert models.curves_of(tmp_path, "own-1") == {"contrastive": [{"step": 1, "seconds": 2.5, "loss": 3}]}
    (running / "curve.json").write_text('{"step')
    assert models.curves_of(tmp_path, "own-1") == {}
    after = models.folder_of(tmp_path, "own-1") / "mlm"
    after.mkdir()
    (after / "curve.json").write_text("[]")
    assert models.curves_of(tmp_path, "own-1") == {"mlm": []}
    assert models.projection_of(tmp_path) is None
    record = models.ModelRecord(name="x", base="x", base_fingerprint="f", method="projection")
    models.write_projection(tmp_path, record)
    assert models.projection_of(tmp_path) == record and models.models_of(tmp_path) == []
