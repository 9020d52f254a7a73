"""The Fusion lab: full, unprepared and broken states; what its buttons do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import support
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.cli.main import main
from mgrec_core.evaluation.score_cache_files import prepare
from mgrec_core.service import jobs
from pages.ui.address.view import LAB_TABS
from tests.built import import_and_build, place

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def lab_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with a score cache and an evaluation with permutation controls; only to be read."""
    base = tmp_path_factory.mktemp("lab")
    return place(base / "workspaces", make_lab, support.write_shop(base / "shop-data"))


def make_lab(root: Path, source: Path) -> None:
    import_and_build(root / "shop", source, "canonical")
    prepare(Engine.open(root / "shop"))
    where = ["--workspace", str(root / "shop"), "--quiet"]
    assert main(["evaluate", *where, "--certify", "--segments", "activity"]) == 0
    assert main(["pareto", *where, "--samples", "8"]) == 0


def texts(app: AppTest) -> str:
    parts = [e.value for kind in (app.markdown, app.caption, app.info, app.error) for e in kind]
    return " ".join(str(p) for p in parts)


@pytest.mark.parametrize("tab", LAB_TABS)
def test_every_part_opens_without_complaint(lab_root: Path, open_page: Open, tab: str) -> None:
    app = open_page(lab_root, "lab", lab=tab, weights="recent~0.4")
    assert not app.exception and not app.error and not app.warning
    assert jobs.running(lab_root / "shop") is None, "looking starts nothing"
    assert app.query_params.get("lab", ["Everybody"]) == [tab] or app.query_params.get("lab") in (tab, None)


def test_metrics_follow_the_weights(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab")
    assert "the weights of" in texts(app)  # nothing differs from the reference yet
    before = {m.label: m.value for m in app.metric}
    assert set(before) == {"nDCG @10", "Coverage @10", "Novelty @10", "Popularity lift @10"}
    app.slider(key="lambda_recent").set_value(0.0).run()
    assert not app.exception
    after = {m.label: m.value for m in app.metric}
    assert after != before
    frame = app.dataframe[0].value
    assert frame["difference"].abs().max() > 0
    row = frame.set_index("metric").loc["nDCG"]
    assert row["now"] - row["reference"] == pytest.approx(row["difference"])


def test_another_reference_is_in_the_link(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab", reference="equal")
    assert app.selectbox(key="lab_reference").value == "equal"
    app.selectbox(key="lab_reference").set_value("base only").run()
    assert app.query_params["reference"] in ("base only", ["base only"])
    assert not app.exception


@pytest.mark.parametrize(
    ("key", "value"),
    [("reference", "no such preset"), ("split", "weekly"), ("test_ratio", "7"), ("lab", "x")],
)
def test_nonsense_in_the_link_is_told_and_replaced(
    lab_root: Path, open_page: Open, key: str, value: str
) -> None:
    app = open_page(lab_root, "lab", **{key: value})
    assert not app.exception and len(app.warning) == 1
    assert [m.label for m in app.metric][:1] == ["nDCG @10"]


def test_an_unprepared_split_is_prepared_in_the_background(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "lab", split="random")
    job = jobs.running(own_root / "shop", "panel")
    assert job is not None and "random" in job.commands[0]
    try:
        assert not app.exception
        app.button(key=f"cancel_{job.id}").click().run()
        assert job.state == "cancelled"
        assert any(b.label == "Prepare this split" for b in app.button)
        assert jobs.running(own_root / "shop") is None, "a cancelled run must not start by itself"
    finally:
        job.cancel()


def test_the_last_item_of_each_user_can_be_held_out(own_root: Path, open_page: Open) -> None:
    where = ["--workspace", str(own_root / "shop"), "--quiet"]
    assert main(["panel", *where, "--split", "last-n", "--test-ratio", "0.2"]) == 0, "as the page asks for it"
    app = open_page(own_root, "lab", split="last-n")
    assert not app.exception and not app.warning and jobs.running(own_root / "shop") is None
    assert "1 a user held out" in texts(app) and app.slider(key="lab_ratio").disabled
    app.selectbox(key="lab_split").set_value("last").run()
    assert not app.slider(key="lab_ratio").disabled and "1 a user held out" not in texts(app)
    job = jobs.latest(own_root / "shop", "panel")
    if job is not None:
        job.cancel()


def test_a_sweep_names_its_best_weight_and_takes_it(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab", lab="Sweep")
    button = app.button(key="lab_sweep_take")
    wanted = float(button.label.rpartition(" ")[2])
    button.click().run()
    assert not app.exception
    moved = app.session_state["view"].weights
    assert wanted in [round(w, 2) for w in moved.values()] or wanted in (0.1, 0.2, 1.0)


def test_a_point_of_the_front_is_applied(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab", lab="Trade-offs")
    assert len(app.get("plotly_chart")) == 1
    shown = app.dataframe[0].value.iloc[0].to_dict()
    app.button(key="lab_apply").click().run()
    assert not app.exception
    for granularity, weight in shown.items():
        assert app.slider(key=f"lambda_{granularity.lower()}").value == pytest.approx(weight, abs=0.006)


def test_segments_have_intervals_and_small_groups_are_hidden(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab", lab="Segments")
    app.selectbox(key="lab_segment").set_value("town").run()
    assert not app.exception
    frame = app.dataframe[0].value
    assert list(frame["group"]) == ["Bonn", "Ulm"] and (frame["users"] == 20).all()
    assert frame["95 % interval"].str.contains("to").all()
    app.selectbox(key="lab_segment").set_value("cold-users").run()
    assert not app.exception


def test_sources_say_what_is_certified(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab", lab="Sources")
    frame = app.dataframe[0].value
    assert set(frame["verdict"]) <= {"certified", "not shown to help"}
    assert {"alone", "without it", "with control"} <= set(frame.columns)
    assert len(frame) == len(Engine.open(lab_root / "shop").present)


def test_before_any_evaluation_the_lab_says_so(own_root: Path, open_page: Open) -> None:
    for tab, words in (("Sources", "no granularity is shown to help"), ("Experiments", "No evaluation")):
        app = open_page(own_root, "lab", lab=tab)
        assert not app.exception and words in texts(app)


def test_two_presets_side_by_side(lab_root: Path, open_page: Open) -> None:
    app = open_page(lab_root, "lab", lab="Presets")
    charts = len(app.get("plotly_chart"))
    assert charts == 3  # weights, differences, slopes
    app.selectbox(key="lab_b").set_value("equal").run()
    assert not app.exception
    app.selectbox(key="lab_a").set_value("equal").run()
    assert "Choose two different presets" in texts(app)


def test_a_deleted_preset_comes_back(own_root: Path, open_page: Open) -> None:
    engine = Engine.open(own_root / "shop")
    engine.save_preset("mine", {"recent": 0.3})
    app = open_page(own_root, "lab", lab="Presets", preset="mine")
    app.button(key="lab_gone").click().run()
    assert not app.exception and "mine" not in engine.presets()
    app.button(key="lab_back").click().run()
    assert not app.exception and engine.presets()["mine"].weights["recent"] == 0.3


def test_a_log_entry_can_be_run_again_with_its_settings(lab_root: Path, open_page: Open) -> None:
    from mgrec_core.evaluation.experiments import ExperimentLog
    from pages.ui.address.view import View
    from pages.ui.lab.experiments import _again

    open_page(lab_root, "lab", lab="Experiments")
    (kept,) = ExperimentLog(Engine.open(lab_root / "shop").workspace.state).all()
    command = _again(View(workspace="shop"), kept)
    assert command[0] == "evaluate" and "--certify" in command
    assert command[command.index("--segments") + 1] == "activity"
    weights = dict(w.split("=") for w in command[command.index("--weights") + 1].split(","))
    assert {g: float(w) for g, w in weights.items()} == pytest.approx(kept.settings["weights"])


def test_a_damaged_panel_is_prepared_again(own_root: Path, open_page: Open) -> None:
    record = prepare(Engine.open(own_root / "shop"))
    (own_root / "shop" / "panels" / record.id / "raw.npy").write_bytes(b"x")
    app = open_page(own_root, "lab")
    job = jobs.running(own_root / "shop", "panel")
    try:
        assert not app.exception and job is not None
    finally:
        if job is not None:
            job.cancel()


def test_without_a_build_the_page_says_where_to_get_one(own_root: Path, open_page: Open) -> None:
    import shutil

    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "lab")
    assert not app.exception and "not been built" in app.info[0].value


def test_presets_travel_as_a_file(own_root: Path) -> None:
    from mgrec_core.engine.preset_files import read_presets, write_presets
    from mgrec_core.foundation.errors import InputError

    engine = Engine.open(own_root / "shop")
    preset = engine.save_preset("café 1", {"recent": 0.25, "social": 0.5})
    text = write_presets([preset])
    (found,) = read_presets(text, engine.present)
    assert (found.name, found.base, found.weights) == ("café 1", preset.base, preset.weights)
    for bad in ("", "{}", "[]", "null", text.replace("0.25", "7"), text.replace("recent", "astrology")):
        with pytest.raises(InputError):
            read_presets(bad, engine.present)
    with pytest.raises(InputError, match="base"):
        read_presets(text, tuple(g for g in engine.present if g != preset.base))
    assert json.loads(text)["presets"][0]["origin"] == "saved"


def test_the_lab_says_what_counts_as_a_hit(lab_root: Path, open_page: Open) -> None:
    for tab in ("Everybody", "Experiments", "Sources"):
        app = open_page(lab_root, "lab", lab=tab)
        said = texts(app) + " ".join(str(element.proto.body) for element in app.get("html"))
        assert not app.exception and "held-out items that the user liked" in said.replace("\\", ""), tab
