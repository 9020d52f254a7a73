"""The Model page on a workspace whose model was taught, and on new, empty, broken and busy ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mgrec_core.adaptation.settings import Settings
from mgrec_core.language.embedded import MINILM
from mgrec_core.operations.adapting import adapt
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.service import jobs
from mgrec_core.workspace import models
from mgrec_core.workspace.folder import Workspace
from pages.ui.session import allowed
from tests.adaptation.conftest import world, write_encoder

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def taught_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of workspaces with ``own``: built with a small encoder, which was then taught two steps."""
    base = tmp_path_factory.mktemp("taught")
    workspace = Workspace.create(base / "workspaces" / "own")
    import_data(workspace, world().write(base / "data"), "canonical")
    build(workspace, str(write_encoder(base / "small-bert")), with_map=False)
    adapt(workspace, Settings(method="contrastive", steps=2, batch=8), switch=False)
    return base / "workspaces"


@pytest.fixture
def own(taught_root: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(taught_root, tmp_path / "workspaces"))


def words(app: AppTest) -> str:
    html = [str(element.proto.body) for element in app.get("html")]
    said = [
        e.value for kind in (app.error, app.warning, app.info, app.success, app.caption) for e in kind
    ]
    return "\n".join([*html, *said, *(e.label for e in app.expander)])


def started(app: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> list[str]:
    """Click a button; return the command of the job that it asked for, which is not run."""
    asked: list[list[str]] = []

    def note(folder: Path, arguments: list[str], *then: list[str], **_: object) -> None:
        asked.append(list(arguments))

    monkeypatch.setattr(allowed, "start", note)
    app.button(key=key).click().run()
    assert not app.exception and len(asked) == 1
    return asked[0]


def name_of(root: Path) -> str:
    (record,) = models.models_of(root / "own")
    return record.name


def test_hostile_texts_are_cut_into_tokens_and_stay_texts(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "model")
    assert not app.exception and not app.error
    said = words(app)
    assert "different texts" in said and 'class="mg-tokens"' in said and "<code>{genre}</code>" in said
    assert "<script" not in said and "<img" not in said and "javascript:" not in said
    assert app.query_params == {"workspace": "shop"}


def test_unknown_and_unread_tokens_are_marked_by_more_than_colour(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", template="龙 {title} {title} {title} {title} {title} {title} {title} {title}")
    said = words(app)
    assert not app.exception and not app.error
    assert 'title="unknown">龙 ?</span>' in said
    assert "1 unknown" in said and "kept" not in said


def test_a_template_is_previewed_and_built_with_the_other_options_of_the_build(
    own: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(own, "model")
    app.text_input(key="model_template").set_value("{kind}: {title}").run()
    assert not app.exception and "This is a preview" in words(app)
    assert app.query_params["template"] == ["{kind}: {title}"]
    command = started(app, own, monkeypatch, "model_build_template")
    assert command[:2] == ["build", "--workspace"] and "--no-map" in command
    manifest = Workspace(own / "own").manifest()
    assert command[command.index("--model") + 1] == manifest.model_source
    asked = json.loads(Path(command[command.index("--config") + 1]).read_text())
    assert asked["language"]["template"] == "{kind}: {title}"
    assert asked["behaviour"] == manifest.config["behaviour"]
    app.button(key="model_drop_template").click().run()
    assert "template" not in app.query_params


def test_a_template_that_cannot_be_read_is_a_sentence(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", template="{colour}")
    assert not app.exception and len(app.error) == 1 and "colour" in app.error[0].value
    assert not [b for b in app.button if b.key == "model_build_template"]


def test_models_are_listed_with_what_each_is_worth(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="models")
    assert not app.exception and not app.error
    said = words(app)
    name = name_of(own)
    assert name in said and MINILM.name in said and "● in use" in said and "with LoRA" in said and "→" in said
    assert app.selectbox(key="model_one").value == name
    assert [e.proto.label for e in app.get("download_button")] == ["Models as CSV"]


def test_switching_goes_with_the_options_of_the_build(
    own: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(own, "model", room="models", one=MINILM.name)
    command = started(app, own, monkeypatch, "model_switch")
    assert command[command.index("--model") + 1] == MINILM.name and "--config" in command


def test_a_model_is_switched_to_gone_back_from_and_removed(
    own: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, workspace = name_of(own), Workspace(own / "own")
    before = workspace.manifest()
    build(workspace, name, with_map=False)
    app = open_page(own, "model", room="models", one=name)
    assert app.button(key="model_switch").label == "In use" and app.button(key="model_switch").disabled
    assert app.button(key="model_remove_now").disabled
    command = started(app, own, monkeypatch, "model_back")
    assert command[command.index("--model") + 1] == before.model_source
    build(workspace, before.model_source, with_map=False)
    st.cache_resource.clear()
    app = open_page(own, "model", room="models", one=name)
    app.button(key="model_remove_now").click().run()
    assert not app.exception and models.models_of(own / "own") == []
    assert "No model has been made in this workspace yet" in words(app)


def test_what_came_of_a_training_is_told(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="teach")
    assert not app.exception and not app.error
    said = words(app)
    assert "What came of the last training" in said and "fused lists" in said
    assert len(app.get("plotly_chart")) == 2, "the loss and the validation"


def test_a_training_is_asked_for_as_it_was_chosen(
    own: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(own, "model", room="teach")
    app.selectbox(key="model_method").set_value("mlm")
    app.selectbox(key="model_budget").set_value("5m")
    start = next(b for b in app.button if b.label == "Start")
    command = started(app, own, monkeypatch, start.key)
    assert command[3:] == ["--method", "mlm", "--peft", "lora", "--budget", "5m"]


def test_a_training_that_was_begun_can_be_gone_on_with(
    own: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = models.folder_of(own / "own", "small-1") / "training"
    run.mkdir(parents=True)
    (run / "settings.json").write_text(Settings(method="mlm", steps=7).model_dump_json())
    app = open_page(own, "model", room="teach")
    assert "begun and not finished" in words(app)
    command = started(app, own, monkeypatch, "model_go_on")
    assert command[command.index("--method") + 1] == "mlm" and command[command.index("--steps") + 1] == "7"
    assert "--rate" not in command


@pytest.fixture
def held_up(own: Path) -> jobs.Job:
    """A training that runs for as long as a test needs it: it may not write yet."""
    from filelock import FileLock

    workspace = own / "own"
    with FileLock(workspace / models.FOLDER / ".lock"):
        yield jobs.start(workspace, ["adapt", "--workspace", str(workspace), "--steps", "2"])


def test_a_running_training_shows_its_curves_and_stops_with_the_best(own: Path, open_page: Open) -> None:
    workspace = own / "own"
    run = models.folder_of(workspace, "small-1") / "training"
    (run / "contrastive").mkdir(parents=True)
    (run / "settings.json").write_text(Settings(method="contrastive").model_dump_json())
    (run / "contrastive" / "curve.json").write_text('[{"step": 1, "seconds": 2.0, "loss": 3.5}]')
    source = own / "endless"
    source.mkdir()
    job = running(workspace)
    try:
        app = open_page(own, "model", room="teach")
        assert not app.exception and not app.error
        said = words(app)
        assert "Teaching the language model of own" in said and "Cancel ends it at once" in said
        assert len(app.get("plotly_chart")) == 2
        assert not [s for s in app.selectbox if s.key == "model_method"], "nothing is started beside it"
        app.button(key="model_stop").click().run()
        assert (run / "contrastive" / "stop").exists() and "It ends after this step" in words(app)
        assert open_page(own, "model", room="models").button(key="model_switch")
    finally:
        job.cancel()
    assert "was cancelled; the model before stays in use" in words(open_page(own, "model", room="teach"))


def running(workspace: Path) -> jobs.Job:
    """A job of a training that does not end by itself."""
    raise NotImplementedError


def test_nearest_texts_before_and_after(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="compare", item="i03")
    assert not app.exception and not app.error
    assert app.selectbox(key="model_item").value == "i03"
    assert app.selectbox(key="model_compare_two").value == name_of(own)
    assert "of the 10 nearest are the same to both; 39 items compared" in words(app)
    assert len(app.get("plotly_chart")) == 2
    app.selectbox(key="model_item").set_value("i04").run()
    assert app.query_params["item"] == ["i04"] and not app.exception


def test_a_model_that_has_read_nothing_is_a_sentence(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="compare", two=MINILM.name)
    assert not app.exception and "has not read these texts yet" in words(app).replace("\\", "")


@pytest.mark.parametrize("room", ["models", "compare"])
def test_a_link_to_a_model_that_is_gone_is_a_sentence(own: Path, open_page: Open, room: str) -> None:
    app = open_page(own, "model", room=room, one="<b>gone</b>")
    assert not app.exception and "There is no model" in words(app) and "<b>gone" not in words(app)


def test_a_wrong_part_is_a_sentence(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "model", room="nope")
    assert not app.exception and any("nope" in w.value for w in app.warning)
    assert app.query_params == {"workspace": "shop"}


def test_nothing_made_yet_says_where_to_begin(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "model", room="models")
    assert "No model has been made in this workspace yet" in words(app)
    app.button(key="model_to_teach").click().run()
    assert app.query_params["room"] == ["teach"] and "No training has come to its end" in words(app)


def test_unbuilt_and_broken_say_what_to_do(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "model")
    assert not app.exception and "have not been built" in words(app)
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"not a database" * 100)
    app = open_page(own_root, "model")
    assert not app.exception and len(app.error) == 1
