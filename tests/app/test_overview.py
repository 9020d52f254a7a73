"""The Overview page on full, empty and broken workspaces."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from mgrec_core.language.config import LanguageConfig
from mgrec_core.model.config import Config
from mgrec_core.operations.building import build
from mgrec_core.service import jobs
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import read_manifest, write_manifest
from pages.ui.frame import progress
from pages.ui.session import allowed

Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """Everything the page says, in its elements' own markup."""
    html = [str(element.proto.body) for element in app.get("html")]
    said = [e.value for kind in (app.error, app.warning, app.info, app.success, app.caption) for e in kind]
    return "\n".join([*html, *said, *(e.label for e in app.expander)])


def test_a_built_workspace_shows_what_it_holds(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root)
    assert not app.exception and not app.error and not app.warning
    said = words(app)
    assert "<b>40</b><span>users</span>" in said
    assert "<b>60</b><span>items</span>" in said
    assert "Ready" in said
    for name in ("Behaviour", "Recent", "Attribute", "Knowledge", "Collaborative", "Social", "Popularity"):
        assert name in said
    assert "Receipt of the import" in said
    assert app.query_params == {"workspace": "shop"}


def test_why_a_model_was_chosen_is_told(own_root: Path, open_page: Open) -> None:
    folder = next((own_root / "shop" / "vectors").glob("*/manifest.json")).parent
    chosen = read_manifest(folder).model_copy(update={"model_reason": "It was chosen to read *Russian*"})
    write_manifest(folder, chosen)
    app = open_page(own_root)
    assert not app.exception and "It was chosen to read \\*Russian\\*" in words(app)


def test_an_empty_machine_imports_the_sample_by_itself(tmp_path: Path, open_page: Open) -> None:
    root = tmp_path / "workspaces"
    app = open_page(root)
    job = jobs.running(root / "movielens")
    assert job is not None
    try:
        assert not app.exception and not app.error
        assert job.kinds == {"import", "build"}
        assert "movielens" in words(app)
        app.button(key=f"cancel_{job.id}").click().run()
        assert job.state == "cancelled"
        assert "cancelled" in words(app) and not app.exception
    finally:
        job.cancel()
    again = open_page(root)
    assert jobs.running(root / "movielens") is None, "a job the analyst cancelled must not start by itself"
    assert "unchanged" in words(again)


def test_imported_but_not_built_says_what_to_press(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root)
    assert not app.exception
    assert "not built yet" in words(app) and "<b>40</b><span>users</span>" in words(app)
    app.button(key="build_now").click().run()
    job = jobs.latest(own_root / "shop", "build")
    assert job is not None and not app.exception
    job.cancel()


def test_a_truncated_manifest_is_one_sentence_with_a_way_out(own_root: Path, open_page: Open) -> None:
    for manifest in (own_root / "shop" / "vectors").glob("*/manifest.json"):
        manifest.write_text(manifest.read_text()[:40])
    app = open_page(own_root)
    assert not app.exception
    assert len(app.error) == 1 and "build" in app.error[0].value
    assert "<b>40</b><span>users</span>" in words(app), "the data are still shown"
    app.button(key="FormSubmitter:build_form-Build").click().run()
    job = jobs.latest(own_root / "shop", "build")
    assert job is not None and not app.exception
    job.cancel()


def test_building_again_keeps_the_options_of_the_build(
    own_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(own_root / "shop")
    template = "{title} and nothing else"
    own = Config().model_copy(update={"language": LanguageConfig(template=template)})
    build(workspace, config=own, with_map=False)
    asked: list[list[str]] = []
    monkeypatch.setattr(allowed, "start", lambda folder, command: asked.append(command))
    open_page(own_root).button(key="FormSubmitter:build_form-Build").click().run()
    (command,) = asked
    assert Config.load(command[command.index("--config") + 1]).language.template == template


def test_a_corrupt_database_is_one_sentence_with_a_way_out(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"not a database" * 100)
    app = open_page(own_root)
    assert not app.exception
    assert app.error and all("import" in e.value for e in app.error)
    assert "Build again" in [tab.label for tab in app.tabs]


def test_a_locked_workspace_answers_and_says_why_it_cannot_be_built(own_root: Path, open_page: Open) -> None:
    with FileLock(own_root / "shop" / ".lock"):
        app = open_page(own_root)
        assert not app.exception and not app.error
        app.button(key="FormSubmitter:build_form-Build").click().run()
        job = jobs.latest(own_root / "shop", "build")
        assert job is not None
        while job.state == "running":
            app.run()
        app.run()
        assert "being written" in words(app)
        assert "Ready" in words(app), "what was built before still answers"


def test_an_address_with_a_password_is_refused_before_it_is_written_down(
    own_root: Path, open_page: Open
) -> None:
    app = open_page(own_root)
    for typed, said in (
        ("http://me:secret-7@localhost/v1#e5", "a user or a password has no place in it"),
        ("https://models.example/v1", "names no model"),
    ):
        next(one for one in app.text_input if one.label == "Language model").input(typed)
        app.button(key="FormSubmitter:build_form-Build").click().run()
        assert said in words(app) and "secret" not in words(app) and not app.exception
    assert jobs.latest(own_root / "shop", "build") is None


def test_a_model_that_would_get_the_texts_is_a_sentence_on_the_page(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root)
    next(one for one in app.text_input if one.label == "Language model").input("https://models.example/v1#e5")
    app.button(key="FormSubmitter:build_form-Build").click().run()
    job = jobs.latest(own_root / "shop", "build")
    assert job is not None
    while job.state == "running":
        app.run()
    app.run()
    told = words(app).replace("\\", "").replace("\u2060", "")
    assert "would leave this machine to models.example: add --send-texts to `build`" in told
    assert "Ready" in words(app)


def test_a_link_to_a_workspace_that_is_not_there(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, workspace="gone")
    assert not app.exception
    assert any("gone" in w.value for w in app.warning)
    assert "<b>40</b><span>users</span>" in words(app)


@pytest.mark.parametrize(("rate", "said"), [(0.0, False), (0.3, False), (1.0, True), (529.4, True)])
def test_progress_tells_a_speed_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, rate: float, said: bool
) -> None:
    monkeypatch.setattr(progress, "_rate", lambda *_: rate)
    job = SimpleNamespace(elapsed=31.0)
    line = progress._line(job, {"stage": "granularities"}, 5, 7)  # type: ignore[arg-type]
    assert line.startswith("Granularities · 5 of 7") and (f"{rate:,.0f} per second" in line) is said
