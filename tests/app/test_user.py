"""The User page: links, weights, explanation, broken states."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from mgrec_core import Engine
from mgrec_core.model.granularities import GRANULARITIES
from mgrec_core.service import jobs
from tests.language.remote.serving import always, serving

Open = Callable[..., AppTest]


def ranked(app: AppTest) -> list[str]:
    """The item ids in the order the page shows them."""
    assert app.session_state["list_form"] == "table"
    return list(app.dataframe[0].value["item_id"])


def open_table(open_page: Open, root: Path, **query: str) -> AppTest:
    app = open_page(root, "user", **query)
    app.segmented_control(key="list_form").set_value("table").run()
    assert not app.exception
    return app


def test_the_page_shows_what_the_engine_ranks(shop_root: Path, open_page: Open) -> None:
    app = open_table(open_page, shop_root, user="u03", k="7")
    expected = Engine.open(shop_root / "shop").rank("u03", k=7)
    assert ranked(app) == [item.item_id for item in expected.items]
    frame = app.dataframe[0].value
    shares = [c for c in frame if c.startswith("contribution_")]
    assert ((frame[shares].sum(axis=1) - frame["score"]).abs() < 1e-5).all()


def test_moving_a_weight_changes_list_and_address(shop_root: Path, open_page: Open) -> None:
    app = open_table(open_page, shop_root, user="u03")
    before = ranked(app)
    for g in ("recent", "attribute", "knowledge", "social"):
        app.slider(key=f"lambda_{g}").set_value(0.0)
    app.slider(key="lambda_popularity").set_value(1.0).run()
    assert not app.exception
    assert ranked(app) != before
    assert app.query_params["weights"].count("~") == 5
    assert "popularity~1" in app.query_params["weights"]
    app.button(key="reset").click().run()
    assert ranked(app) == before
    assert "weights" not in app.query_params


def test_a_link_restores_the_view(shop_root: Path, open_page: Open) -> None:
    link = {
        "user": "u05",
        "weights": "recent~0.11",
        "base": "behaviour",
        "fusion": "concat",
        "k": "5",
        "item": "i01",
    }
    app = open_table(open_page, shop_root, **link)
    assert not app.warning
    assert app.slider(key="lambda_recent").value == 0.11
    assert app.slider(key="lambda_behaviour").value == 1.0 and app.slider(key="lambda_behaviour").disabled
    assert app.selectbox(key="fusion").value == "concat"
    assert len(ranked(app)) == 5
    assert app.get("plotly_chart"), "the item's explanation is open"
    assert app.query_params == {"workspace": "shop", "form": "table", **link}


def test_sliders_come_in_the_fixed_order(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user")
    shown = [s.key.removeprefix("lambda_") for s in app.slider if str(s.key).startswith("lambda_")]
    assert shown == [g for g in GRANULARITIES if g in shown]
    assert "collaborative" in shown


def test_presets_set_the_sliders(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user")
    app.selectbox(key="preset").set_value("equal").run()
    assert {s.value for s in app.slider if str(s.key).startswith("lambda_")} == {1.0}
    app.selectbox(key="preset").set_value("base only").run()
    assert sorted({s.value for s in app.slider if str(s.key).startswith("lambda_")}) == [0.0, 1.0]
    assert app.query_params["preset"] == "base only"


def name_of_preset(app: AppTest) -> TextInput:
    return next(t for t in app.sidebar.text_input if t.label == "Name of the preset")


def test_saving_a_preset_keeps_it(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "user", weights="recent~0.33")
    name_of_preset(app).input("rainy days")
    app.button(key="FormSubmitter:save_preset-Save").click().run()
    assert not app.exception and not app.error
    assert app.selectbox(key="preset").value == "rainy days"
    assert Engine.open(own_root / "shop").presets()["rainy days"].weights["recent"] == 0.33
    name_of_preset(app).input("equal")
    app.button(key="FormSubmitter:save_preset-Save").click().run()
    assert any("built" in e.value for e in app.error), "a built-in preset cannot be replaced"


def test_alpha_set_apart_moves_the_concatenation(shop_root: Path, open_page: Open) -> None:
    app = open_table(open_page, shop_root, user="u03", fusion="concat")
    before = ranked(app)
    app.toggle(key="alpha_apart").set_value(True).run()
    assert ranked(app) == before, "α starts where it followed λ"
    app.slider(key="alpha_collaborative").set_value(0.0)
    app.slider(key="alpha_popularity").set_value(1.0).run()
    assert not app.exception
    assert ranked(app) != before
    assert "alpha" in app.query_params


def test_the_explanation_adds_up_and_says_so(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user", user="u03", item="i00")
    assert not app.exception
    assert any("The sums check" in e.label for e in app.expander)
    figures = [json.loads(f.proto.spec)["layout"]["meta"]["alt"] for f in app.get("plotly_chart")]
    assert len(figures) == 3


def test_a_seen_item_is_explained_and_called_seen(shop_root: Path, open_page: Open) -> None:
    seen = Engine.open(shop_root / "shop").history("u03")["item_id"].iloc[0]
    app = open_page(shop_root, "user", user="u03", item=seen)
    assert not app.exception
    said = [str(e.proto.body) for e in app.get("html")]
    assert any("has it already" in one and "no evidence of itself" in one for one in said)


def test_interests_and_history_open(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user", user="u03")
    app.session_state["user_tab"] = "Interests"
    app.run()
    assert not app.exception and len(app.get("plotly_chart")) >= 4
    app.session_state["user_tab"] = "History"
    app.run()
    assert not app.exception and len(app.dataframe[0].value) > 5


def test_themes_tell_what_sets_them_apart_when_asked(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user", user="u03")
    app.session_state["user_tab"] = "Interests"
    app.session_state["themes_more_attribute"] = True
    app.run()
    assert not app.exception
    first = Engine.open(shop_root / "shop").themes("u03").granularities["attribute"][0]
    table = next(str(e.proto.body) for e in app.get("html") if "What its items have" in str(e.proto.body))
    assert all(escape(one.label) in table for one in first.apart)


def test_the_score_unfolds_down_to_the_evidence(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user", user="u03", item="i05")
    assert not app.exception
    why = Engine.open(shop_root / "shop").explain("u03", "i05", ways=True)
    tree = next(str(e.proto.body) for e in app.get("html") if "mg-tree" in str(e.proto.body))
    for themes in why.themes.values():
        assert all(f"{escape(theme.name)} <span" in tree for theme in themes)
    assert "joined with this item by: " in tree and tree.count("<details") >= len(why.themes)


def test_a_muted_granularity_says_that_it_is_muted(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user", user="u03", item="i05", weights="attribute~0")
    app.session_state["evidence_of"] = "attribute"
    app.run()
    assert not app.exception
    drawn = [json.loads(f.proto.spec)["layout"]["meta"]["alt"] for f in app.get("plotly_chart")]
    assert any("Attribute is muted (λ = 0)" in alt for alt in drawn)


def in_words(open_page: Open, root: Path) -> AppTest:
    app = open_page(root, "user", user="u03")
    app.session_state["user_tab"] = "Interests"
    app.session_state["in_words"] = True
    app.run()
    assert not app.exception
    return app


def test_interests_in_words_are_a_templates(
    shop_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MGREC_GENERATOR", raising=False)
    app = in_words(open_page, shop_root)
    said = [one.value for one in app.markdown]
    assert any(one.startswith("**Behaviour**: Above all “") for one in said)
    assert any("Written by a template" in one.value for one in app.caption)
    assert not [one for one in app.button if one.key == "in_words_write"]


def test_a_model_writes_only_when_it_is_asked_and_only_what_is_there(
    shop_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Engine.open(shop_root / "shop").interests("u03")["behaviour"][0]
    text = f"This person likes “{first.label}” most."
    with serving(always(200, {"choices": [{"message": {"content": text}}]})) as server:
        monkeypatch.setenv("MGREC_GENERATOR", server.address)
        app = in_words(open_page, shop_root)
        assert server.requests == []
        app.button(key="in_words_write").click().run()
        assert not app.exception and not app.error
        told = [one.value.replace("\\", "") for one in (*app.markdown, *app.caption)]
        assert any(one == f"**Behaviour**: {text}" for one in told)
        assert any("stands in for the model's: it names" in one for one in told)
        assert any("Written by" in one and "looked up there" in one for one in told)
        asked = len(server.requests)
        app.run()
        assert len(server.requests) == asked
    monkeypatch.setenv("MGREC_GENERATOR", "/nowhere")
    app.button(key="in_words_write").click().run()
    assert any("there is no folder" in one.value for one in app.error) and not app.exception


def test_nonsense_in_the_address_is_told_and_replaced(shop_root: Path, open_page: Open) -> None:
    app = open_page(
        shop_root,
        "user",
        user="<b>nobody</b>",
        item="nothing",
        weights="recent~7",
        preset="none",
        base="x",
        k="-3",
    )
    assert not app.exception and not app.error
    assert len(app.warning) == 6
    assert "<b>" not in " ".join(w.value for w in app.warning)
    assert set(app.query_params) == {"workspace", "user"}


def test_without_a_build_the_page_says_where_to_get_one(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "user")
    assert not app.exception
    assert "not been built" in app.info[0].value and "Overview" in app.info[0].value


def test_a_truncated_manifest_is_a_sentence(own_root: Path, open_page: Open) -> None:
    for manifest in (own_root / "shop" / "vectors").glob("*/manifest.json"):
        manifest.write_text("{")
    app = open_page(own_root, "user")
    assert not app.exception
    assert len(app.error) == 1 and "Overview" in app.error[0].value


def test_a_corrupt_database_is_a_sentence(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"x" * 5000)
    app = open_page(own_root, "user")
    assert not app.exception
    assert len(app.error) == 1 and "import" in app.error[0].value


def test_damaged_presets_are_a_sentence(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "state.duckdb").write_bytes(b"x" * 5000)
    app = open_page(own_root, "user")
    assert not app.exception
    assert len(app.error) == 1 and "presets" in app.error[0].value


def test_every_fusion_mode_ranks_and_explains(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user", user="u03", item="i05")
    for mode in ("vector", "concat", "score"):
        app.selectbox(key="fusion").set_value(mode).run()
        assert not app.exception and not app.error, mode
        assert any("The sums check" in e.label for e in app.expander), mode


def test_forgetting_a_user_needs_the_workspaces_name_and_is_a_job(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "user", user="u03")
    assert any("u03" in m.value and "11 events on" in m.value for m in app.markdown), "what goes is said"
    for typed, words in {"": "type “shop”", "u03": "is not “shop”", "Shop": "is not “shop”"}.items():
        app.text_input(key="forget_name_u03").input(typed)
        app.button(key="forget_run").click().run()
        assert not app.exception and any(words in w.value for w in app.warning)
        assert jobs.latest(own_root / "shop", "forget") is None
    app.text_input(key="forget_name_u03").input(" sh\u2060op ")
    app.button(key="forget_run").click().run()
    job = jobs.latest(own_root / "shop", "forget")
    assert job is not None and job.commands[0][-2:] == ("--user", "u03")
    job.cancel()
    assert not app.exception
