"""The Model page on a workspace whose model was taught, and on new, empty, broken and busy ones."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mgrec_core.adaptation.settings import Settings
from mgrec_core.foundation.errors import WorkspaceLockedError
from mgrec_core.language.compression import KINDS, USUAL
from mgrec_core.language.embedded import MINILM
from mgrec_core.operations.adapting import adapt, begun
from mgrec_core.operations.building import build
from mgrec_core.operations.doctor import examine
from mgrec_core.operations.importing import import_data
from mgrec_core.service import jobs
from mgrec_core.workspace import models
from mgrec_core.workspace.folder import Workspace
from pages.ui.model import smaller
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
    said = [e.value for kind in (app.error, app.warning, app.info, app.success, app.caption) for e in kind]
    return "\n".join([*html, *said, *(e.label for e in app.expander)])


def asked(app: AppTest) -> dict[str, str]:
    """The address: before the second run values are texts, then lists of one."""
    return {k: v if isinstance(v, str) else v[0] for k, v in app.query_params.items()}


def started(app: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> list[str]:
    """Click a button; return the command of the job that it asked for, which is not run."""
    found: list[list[str]] = []

    def note(folder: Path, arguments: list[str], *then: list[str], **_: object) -> None:
        found.append(list(arguments))

    monkeypatch.setattr(allowed, "start", note)
    app.button(key=key).click().run()
    assert not app.exception and len(found) == 1
    return found[0]


def name_of(root: Path) -> str:
    (record,) = models.models_of(root / "own")
    return record.name


def test_hostile_texts_are_cut_into_tokens_and_stay_texts(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "model")
    assert not app.exception and not app.error
    said = words(app)
    assert "different texts" in said and 'class="mg-tokens"' in said and "<code>{genre}</code>" in said
    for tag in ("<script", "<img"):
        assert tag not in said, said[said.index(tag) - 90 :][:200]
    assert app.query_params == {"workspace": "shop"}


def test_unknown_and_unread_tokens_are_marked_by_more_than_colour(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", template="龙" + " {title}" * 30)
    said = words(app)
    assert not app.exception and not app.error
    assert 'title="unknown">龙 ?</span>' in said
    unread = re.search(r"(\d+) tokens, (\d+) unknown, (\d+) not read", said)
    assert unread and int(unread[1]) - int(unread[3]) == 62, "of 64 tokens two are not the text's own"
    assert 'title="not read"' in said and "so the ends of 40 are not read" in said


def test_a_template_is_previewed_and_built_with_the_other_options_of_the_build(
    own: Path, open_page: Open
) -> None:
    before = Workspace(own / "own").manifest()
    app = open_page(own, "model")
    app.text_input(key="model_template").set_value("{kind}: {title}").run()
    assert not app.exception and "This is a preview" in words(app)
    assert asked(app)["template"] == "{kind}: {title}"
    app.button(key="model_drop_template").click().run()
    assert "template" not in asked(app) and "This is a preview" not in words(app)
    app = open_page(own, "model", template="{kind}: {title}")
    app.button(key="model_build_template").click().run()
    assert not app.exception
    job = jobs.latest(own / "own", "build")
    assert job is not None
    wait(lambda: job.state != "running")
    assert job.state == "done", job.error
    after = Workspace(own / "own").manifest()
    assert after.config["language"]["template"] == "{kind}: {title}"
    assert after.model_source == before.model_source
    assert {**after.config, "language": None} == {**before.config, "language": None}
    app = open_page(own, "model", room="models")
    assert "texts made of" in words(app) and app.button(key="model_back")


def test_a_template_that_cannot_be_read_is_a_sentence(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", template="{colour}")
    assert not app.exception and len(app.error) == 1 and "colour" in app.error[0].value
    assert not [b for b in app.button if b.key == "model_build_template"]


def test_models_are_listed_with_what_each_is_worth(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="models")
    assert not app.exception and not app.error
    said = words(app)
    name = name_of(own)
    assert name in said and MINILM.name in said and "● yes" in said and "with LoRA" in said and "→" in said
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


def test_the_light_method_is_told_too_and_is_no_model(own: Path, open_page: Open) -> None:
    adapt(own / "own", Settings(method="projection"), switch=False)
    app = open_page(own, "model", room="teach")
    assert not app.exception and not app.error
    assert "item vectors fitted to histories" in words(app) and not app.get("plotly_chart")
    assert len(models.models_of(own / "own")) == 1 and examine(own / "own")["findings"] == []


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
    (run / "settings.json").write_text(Settings(method="mlm", steps=7, strength=0.75).model_dump_json())
    app = open_page(own, "model", room="teach")
    assert "begun and not finished" in words(app)
    command = started(app, own, monkeypatch, "model_go_on")
    assert command[command.index("--method") + 1] == "mlm" and command[command.index("--steps") + 1] == "7"
    assert "--rate" not in command and command[command.index("--strength") + 1] == "0.75"


def test_smaller_models_are_asked_for_as_chosen(
    own: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tuple(smaller.KINDS) == tuple(KINDS) and smaller.USUAL == USUAL
    app = open_page(own, "model", room="models")
    app.multiselect(key="model_kinds").set_value(["static", "heads"])
    make = next(b for b in app.button if b.label == "Make them")
    command = started(app, own, monkeypatch, make.key)
    assert (command[0], command[3:]) == ("compress", ["--kinds", "static,heads"])


def test_smaller_models_that_could_not_be_made_say_why(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="models")
    app.multiselect(key="model_kinds").set_value([])
    next(b for b in app.button if b.label == "Make them").click().run()
    assert not app.exception
    deadline = time.monotonic() + 120
    while jobs.running(own / "own", "compress") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "No smaller model was made: no kind of smaller model" in words(app.run())


def test_a_running_training_shows_its_curves_and_stops_with_the_best(own: Path, open_page: Open) -> None:
    workspace = own / "own"
    words_of_it = ["--method", "contrastive", "--steps", "20000", "--batch", "8", "--no-build"]
    job = jobs.start(workspace, ["adapt", "--workspace", str(workspace), *words_of_it])
    try:
        with pytest.raises(WorkspaceLockedError, match="wait for it or cancel it"):
            jobs.start(workspace, ["build", "--workspace", str(workspace)])
        app = open_page(own, "model", room="teach")
        assert not app.exception and "Teaching the language model of own" in words(app)
        assert not [s for s in app.selectbox if s.key == "model_method"], "nothing is started beside it"
        wait(lambda: len(models.curves_of(workspace, (begun(workspace) or {"name": "-"})["name"])) > 0)
        app = open_page(own, "model", room="teach")
        assert not app.exception and len(app.get("plotly_chart")) == 2
        app.button(key="model_stop").click().run()
        assert not app.exception and "It ends after this step" in words(app)
        wait(lambda: job.state != "running")
    finally:
        job.cancel()
    assert job.state == "done", job.error
    record = models.models_of(workspace)[0]
    assert record.facts["contrastive"]["ended"] == "stopped" and len(models.models_of(workspace)) == 2
    app = open_page(own, "model", room="teach")
    assert not app.exception and record.name in words(app)


def test_a_cancelled_training_changes_nothing_and_says_so(own: Path, open_page: Open) -> None:
    workspace = own / "own"
    before = Workspace(workspace).current_build
    job = jobs.start(workspace, ["adapt", "--workspace", str(workspace), "--method", "mlm"])
    job.cancel()
    app = open_page(own, "model", room="teach")
    assert not app.exception and "was cancelled; the model before stays in use" in words(app)
    assert Workspace(workspace).current_build == before


def wait(until: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            pytest.fail("what was waited for did not happen")
        time.sleep(0.1)


def test_nearest_texts_before_and_after(own: Path, open_page: Open) -> None:
    app = open_page(own, "model", room="compare", item="i03")
    assert not app.exception and not app.error
    assert app.selectbox(key="model_item").value == "i03"
    assert app.selectbox(key="model_compare_two").value == name_of(own)
    assert "of the 10 nearest are the same to both; 39 items compared" in words(app)
    assert len(app.get("plotly_chart")) == 2
    app.selectbox(key="model_item").set_value("i04").run()
    assert asked(app)["item"] == "i04" and not app.exception


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
    assert asked(app)["room"] == "teach" and "No training has come to its end" in words(app)


def test_unbuilt_and_broken_say_what_to_do(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "model")
    assert not app.exception and "have not been built" in words(app)
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"not a database" * 100)
    app = open_page(own_root, "model")
    assert not app.exception and len(app.error) == 1
