"""The reference of one user's list: A / B, swapping, the last weights, everybody's strip, presets by name."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import LAST, View
from pages.ui.weights import presets, reference

Open = Callable[..., AppTest]


def test_swapping_exchanges_both_sides_and_twice_is_nothing(shop_root: Path) -> None:
    engine = Engine.open(shop_root / "shop")
    view = View(
        "shop", "u03", weights={"recent": 0.3}, reference="equal", reference_weights={"attribute": 0.5}
    )
    before = view.weights, view.base
    a, b = reference.in_force.weights_of(view, engine), reference.of(view, engine)
    reference.swap(view, engine)
    assert view.preset == "equal" and view.reference == engine.active_preset().name
    assert reference.in_force.weights_of(view, engine).values == dict(b.weights)
    assert dict(reference.of(view, engine).weights) == a.values
    reference.swap(view, engine)
    assert (view.preset, view.weights, view.base, view.reference) == ("", *before, "equal")
    assert view.reference_weights == {"attribute": 0.5}


def test_without_a_named_reference_the_changes_are_swapped_with_their_preset(shop_root: Path) -> None:
    engine = Engine.open(shop_root / "shop")
    view = View("shop", "u03", weights={"recent": 0.3, "collaborative": 0.4}, base="attribute")
    a = reference.in_force.weights_of(view, engine)
    reference.swap(view, engine)
    assert (view.weights, view.base, view.preset) == ({}, "", "")
    found = reference.of(view, engine)
    assert (dict(found.weights), found.base) == (a.values, "attribute")
    assert "changed" in found.name


def test_the_page_shows_both_lists_and_a_link_restores_them(shop_root: Path, open_framed: Open) -> None:
    link = {"user": "u03", "form": "ab", "reference": "equal", "reference_weights": "recent~0.2", "k": "5"}
    app = open_framed(shop_root, "user", **link)
    assert not app.exception and not app.error and not app.warning
    assert app.query_params == {"workspace": "shop", **link}
    assert app.get("plotly_chart")
    app.button(key="swap").click().run()
    assert app.query_params["preset"] == "equal" and app.query_params["weights"] == "recent~0.2"
    assert app.query_params["reference"] == "default"
    app.button(key="undo").click().run()
    assert app.query_params == {"workspace": "shop", **link}


def test_the_last_weights_are_those_before_the_newest_change(shop_root: Path, open_framed: Open) -> None:
    app = open_framed(shop_root, "user", user="u03", reference=LAST, form="table")
    app.slider(key="lambda_recent").set_value(0.6).run()
    app.slider(key="lambda_recent").set_value(0.1).run()
    app.selectbox(key="k_choice").set_value(20).run()  # no change of weights
    engine = Engine.open(shop_root / "shop")
    before = {i.item_id: i.rank for i in engine.rank("u03", k=60, weights={"recent": 0.6}).items}
    frame = next(d.value for d in app.dataframe if "change" in d.value)
    steps = [before[i] - r for i, r in zip(frame["item_id"], frame["rank"], strict=True)]
    shown = [c.removeprefix("new ") for c in frame["change"]]
    assert shown == ["=" if not s else f"▲{s}" if s > 0 else f"▼{-s}" for s in steps]


def test_going_to_another_user_is_no_change_of_weights(
    shop_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, asked = Engine.open(shop_root / "shop"), []

    def weights_of(view: View, engine: Engine) -> Weights:
        asked.append(view.user)
        return Weights({"recent": 0.2 if view.user == "u03" else 0.7, "collaborative": 1.0}, "collaborative")

    past = [asdict(View(workspace="shop", user=f"u{n:02}", personal=True)) for n in range(30)]
    monkeypatch.setattr(reference.in_force, "weights_of", weights_of)
    monkeypatch.setattr(reference.state, "history", lambda: SimpleNamespace(past=past))
    found = reference._last(View(workspace="shop", user="u05", personal=True), engine)
    assert found == engine.active_preset()
    assert asked == ["u05", "u05"], "thirty steps without a change are one question"


@pytest.mark.parametrize("link", [{"reference": "nobody"}, {"reference_weights": "recent~7"}, {"form": "x"},
                                  {"reference_base": "mood"}])  # fmt: skip
def test_a_wrong_reference_gets_a_sentence(shop_root: Path, open_page: Open, link: dict[str, str]) -> None:
    app = open_page(shop_root, "user", user="u03", **link)
    assert not app.exception and len(app.warning) == 1


def test_a_deleted_preset_replaces_no_other_and_stays_in_its_workspace(
    own_root: Path, open_page: Open
) -> None:
    shutil.copytree(own_root / "shop", own_root / "other")
    name = "a :red[camp]"
    Engine.open(own_root / "shop").save_preset(name, {"recent": 0.2})
    app = open_page(own_root, "user", user="u03", workspace="shop", preset=name)
    app.button(key="preset_delete").click().run()
    assert app.button(key="presets_back").label == f"Bring “{text.md(name)}” back" != f"Bring “{name}” back"
    Engine.open(own_root / "shop").save_preset(name, {"recent": 0.9})
    app.button(key="presets_back").click().run()
    assert not app.exception and "another preset" in app.warning[0].value
    assert Engine.open(own_root / "shop").presets()[name].weights["recent"] == 0.9
    app.session_state["view"].workspace = "other"
    app.run()
    assert not app.exception and "presets_back" not in {b.key for b in app.button}


def test_the_strip_is_offered_measured_and_follows_the_weights(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "user", user="u03", weights="recent~0.1")
    assert not app.metric
    app.button(key="measure_everybody").click().run()
    deadline = time.monotonic() + 120
    while (job := jobs.latest(own_root / "shop", "panel")) is None or job.state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert job.state == "done"
    app.run()
    assert [m.label for m in app.metric] == ["nDCG @10", "Coverage @10", "Novelty @10", "Popularity lift @10"]
    first = [m.value for m in app.metric]
    app.slider(key="lambda_recent").set_value(1.0).run()
    assert [m.value for m in app.metric] != first
    assert [m.delta for m in app.metric] == ["0"] * 4, "these are the preset's weights"
    lab = open_page(own_root, "lab", user="u03")
    assert [m.value for m in lab.metric][:4] == [m.value for m in app.metric], "one source"


def test_presets_are_renamed_and_deleted_by_name(own_root: Path, open_page: Open) -> None:
    engine = Engine.open(own_root / "shop")
    engine.save_preset("rain", {"recent": 0.2})
    app = open_page(own_root, "user", user="u03", preset="rain", reference="rain")
    app.text_input(key="preset_new_name").input("equal")
    app.button(key="preset_rename").click().run()
    assert any("already" in w.value for w in app.warning)
    app.text_input(key="preset_new_name").input("  drizzle ")
    app.button(key="preset_rename").click().run()
    assert not app.warning and app.query_params["preset"] == app.query_params["reference"] == "drizzle"
    assert app.slider(key="lambda_recent").value == 0.2
    app.button(key="preset_delete").click().run()
    assert "preset" not in app.query_params and "drizzle" not in engine.presets()
    app.button(key="presets_back").click().run()
    assert engine.presets()["drizzle"].weights["recent"] == 0.2
    with pytest.raises(InputError):
        presets.rename(engine, "drizzle", "  ")
    assert "drizzle" in engine.presets()
