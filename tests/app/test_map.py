"""The Map page: stored maps, maps to compute, broken states."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.evaluation.score_cache_files import prepare
from mgrec_core.projection import ProjectionSettings, cache_path
from mgrec_core.service import jobs
from mgrec_core.workspace.cohorts import CohortStore

Open = Callable[..., AppTest]


def store_map(root: Path, of: str, sampled: bool = False) -> None:
    """Put a map where a computed one is kept, so that the page need not wait for UMAP."""
    engine = Engine.open(root / "shop")
    kinds, ids, _ = engine.joint_vectors()
    if of != "both":
        ids = engine.user_ids if of == "users" else engine.item_ids
    settings = ProjectionSettings(of=of, weights=engine.resolve().values)
    path = cache_path(root / "shop", engine.build, settings)
    path.parent.mkdir(exist_ok=True)
    points = np.random.default_rng(0).normal(size=(len(ids), 2)).astype(np.float32)
    frame = pd.DataFrame({"id": ids, "x": points[:, 0], "y": points[:, 1]})
    if sampled:
        frame["laid"] = np.arange(len(ids)) % 2 == 0
    if of == "both":
        frame["kind"] = kinds
    frame.to_parquet(path, index=False)


def words(app: AppTest) -> str:
    parts = [e.value for kind in (app.markdown, app.caption, app.info, app.error) for e in kind]
    return " ".join(str(p) for p in parts)


def cohorts(root: Path) -> CohortStore:
    return CohortStore(root / "shop" / "state.duckdb")


def choose(app: AppTest, *keys: str, of: str = "users") -> AppTest:
    """Put a selection where a lasso's callback leaves it."""
    app.session_state["view"].picked = keys
    return app.run()


@pytest.mark.parametrize(
    ("of", "name"), [("users", "id"), ("users", "kind"), ("items", "x"), ("items", "label")]
)
def test_an_attribute_may_be_called_like_a_column_of_the_map(
    own_root: Path, open_page: Open, of: str, name: str
) -> None:
    with duckdb.connect(str(own_root / "shop" / "mgrec.duckdb")) as connection:
        table, key = f"{of[:-1]}_attributes", f"{of[:-1]}_id"
        connection.execute(
            f"INSERT INTO {table} ({key}, attribute, value) SELECT {key}, ?, 'same' FROM {of}", [name]
        )
    store_map(own_root, of)
    app = open_page(own_root, "map", of=of, colour=name)
    assert not app.exception and not app.error and not app.warning
    assert len(app.get("plotly_chart")) == 1


def test_a_stored_map_opens_at_once(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", user="u03")
    assert not app.exception and not app.error
    assert len(app.get("plotly_chart")) == 1
    assert jobs.jobs_of(own_root / "shop") == []
    assert any("mean little" in c.value for c in app.caption)
    app.selectbox(key="map_colour").set_value("town").run()
    assert not app.exception
    assert app.query_params["colour"] == "town"


def test_items_have_a_map_too(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "items")
    app = open_page(own_root, "map", of="items", item="i00")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1


def test_the_first_visit_computes_the_map_in_the_background(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "map")
    job = jobs.running(own_root / "shop", "project")
    assert job is not None
    try:
        assert not app.exception
        app.button(key=f"cancel_{job.id}").click().run()
        assert job.state == "cancelled"
        assert any(b.label == "Compute this map" and not b.disabled for b in app.button)
        assert jobs.running(own_root / "shop") is None, "a cancelled map must not start by itself"
    finally:
        job.cancel()


def test_nonsense_in_the_address_is_told_and_replaced(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", of="cats", colour="smell", neighbours="1", min_dist="5", space="soul")
    assert not app.exception
    assert len(app.warning) == 5
    assert set(app.query_params) <= {"workspace", "user"}


@pytest.mark.parametrize("link", [{"neighbours": "150"}, {"min_dist": "0.98"}])
def test_a_link_beyond_the_sliders_is_told(own_root: Path, open_page: Open, link: dict[str, str]) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", **link)
    assert not app.exception and len(app.warning) == 1 and not set(link) & set(app.query_params)


def test_without_a_build_the_page_says_where_to_get_one(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "map")
    assert not app.exception
    assert "not been built" in app.info[0].value


def test_a_truncated_manifest_is_a_sentence(own_root: Path, open_page: Open) -> None:
    for manifest in (own_root / "shop" / "vectors").glob("*/manifest.json"):
        manifest.write_text("{")
    app = open_page(own_root, "map")
    assert not app.exception and len(app.error) == 1


@pytest.mark.parametrize(
    "colour",
    ["cluster", "items in the history", "segment:activity", "segment:taste", "segment:cold-users", "town"],
)
def test_colours_of_users(own_root: Path, open_page: Open, colour: str) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", colour=colour, centres="3")
    assert not app.exception and not app.error and not app.warning
    assert app.query_params["colour"] in (colour, [colour])


def test_users_and_items_on_one_map(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "both")
    app = open_page(own_root, "map", of="both", find="items:i03", clusters="density")
    assert not app.exception and not app.warning
    assert "Users have a ring" in words(app) and "HDBSCAN" in words(app)
    assert app.selectbox(key="find_both").value == "items:i03"
    app = choose(app, "users:u01", "items:i01", "items:i02", of="both")
    assert not app.exception
    app.segmented_control(key="map_cohort_kind").set_value("items").run()
    assert not app.exception and not app.error
    assert len(app.dataframe) == 1, "two items, and no metrics without a panel"


def test_metrics_come_with_a_panel_and_a_sentence_says_how(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    members = [f"users:u{n:02}" for n in range(0, 40, 4)]
    app = choose(open_page(own_root, "map", colour="metric:ndcg"), *members)
    assert not app.exception and words(app).count("open the Fusion lab once") == 2
    prepare(Engine.open(own_root / "shop"))
    app.run()
    assert not app.exception and not app.error and "open the Fusion lab once" not in words(app)
    found = app.dataframe[1].value
    assert "nDCG @10" in set(found["metric"]) and found["cohort"].notna().all()
    assert "10 of 10 members measured" in words(app).replace("\\", "")
    app = choose(app, *members[:3])
    assert not app.exception and "fewer than 5" in words(app)
    cohorts(own_root).save("every fourth", "users", [m.partition(":")[2] for m in members], "map")
    lab = open_page(own_root, "lab", lab="Segments")
    lab.selectbox(key="lab_segment").set_value("cohort:every fourth").run()
    assert not lab.exception and list(lab.dataframe[0].value["users"]) == [10, 30]


def test_a_cohort_is_saved_shown_coloured_by_deleted_and_brought_back(
    own_root: Path, open_page: Open
) -> None:
    store_map(own_root, "users")
    name = "<img src=x onerror=alert(1)> *b*"
    app = open_page(own_root, "map")
    assert "Nothing is selected" in words(app) and "No cohort is saved yet" in words(app)
    app = choose(app, "users:u01", "users:u05", "users:u09")
    app.text_input(key="map_cohort_name").input(name)
    app.button(key="FormSubmitter:map_save-Save cohort").click().run()
    assert not app.exception and not app.error and not app.warning
    kept = cohorts(own_root).get(name)
    assert (
        kept.origin == "map" and kept.ids == ("u01", "u05", "u09") and kept.definition["map"]["of"] == "users"
    )
    assert app.query_params["cohort"] in (name, [name])
    app.button(key="map_colour_by").click().run()
    assert (
        app.query_params["colour"] in (f"cohort:{name}", [f"cohort:{name}"])
        and "cohort" not in app.query_params
    )
    app.selectbox(key="map_saved").set_value(name).run()
    assert not app.exception and "Saved cohort" in words(app)
    app.button(key="map_delete").click().run()
    assert not app.exception and cohorts(own_root).all() == [] and "colour" not in app.query_params
    app.button(key="map_restore").click().run()
    assert not app.exception and cohorts(own_root).get(name).ids == kept.ids
    app.button(key="map_clear").click().run()
    assert "Nothing is selected" in words(app)
    app.selectbox(key="map_saved").set_value(name).run()
    assert "Saved cohort" in words(app)


def test_a_deleted_cohort_comes_back_to_its_own_workspace_only(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    shutil.copytree(own_root / "shop", own_root / "other")
    cohorts(own_root).save("mine", "users", ["u01"], "manual")
    app = open_page(own_root, "map", workspace="shop", cohort="mine")
    app.button(key="map_delete").click().run()
    assert [b for b in app.button if b.key == "map_restore"]
    for page, key in (("map", "map_restore"), ("sql", "cohort_undo")):
        there = open_page(own_root, page, workspace="other")
        there.session_state["cohort_gone"] = app.session_state["cohort_gone"]
        there.run()
        assert not there.exception and key not in {b.key for b in there.button}


@pytest.mark.parametrize(("of", "there"), [("users", ["u01", "u05"]), ("items", ["i01", "i02"])])
def test_members_that_a_build_lacks_are_told_and_left_out(
    own_root: Path, open_page: Open, of: Literal["users", "items"], there: list[str]
) -> None:
    store_map(own_root, of)
    cohorts(own_root).save("mine", of, [*there, "dropped"], "map")
    cohorts(own_root).save("gone", of, ["dropped", "dropped too"], "map")
    app = open_page(own_root, "map", of=of, cohort="mine")
    assert not app.exception and not app.error
    assert "1 member is not in this build" in words(app) and ">2<" in " ".join(
        h.body for h in app.get("html")
    )
    assert len(app.dataframe) == 1 and len(app.dataframe[0].value), "the top items"
    app = open_page(own_root, "map", of=of, cohort="gone")
    assert not app.exception and "2 members are not in this build" in words(app)
    app.button(key="map_delete").click().run()
    assert not app.exception and [c.name for c in cohorts(own_root).all()] == ["mine"]


def test_a_name_that_is_taken_or_empty_is_told(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    cohorts(own_root).save("mine", "users", ["u01"], "manual")
    app = choose(open_page(own_root, "map"), "users:u02")
    for name, told in (("mine", "already"), ("", "1 to 60")):
        app.text_input(key="map_cohort_name").input(name)
        app.button(key="FormSubmitter:map_save-Save cohort").click().run()
        assert not app.exception and told in app.warning[0].value
    assert len(cohorts(own_root).all()) == 1


def test_a_large_map_says_that_it_is_a_sample(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users", sampled=True)
    app = open_page(own_root, "map", find="users:u01")
    assert not app.exception
    assert "density of all of them" in words(app) and "a sample of 20" in words(app)
    assert "no point of its own in the sample" in words(app)


def test_a_search_is_in_the_link_and_can_be_taken_back(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map")
    app.selectbox(key="find_users").set_value("users:u07").run()
    assert not app.exception and app.query_params["find"] in ("users:u07", ["users:u07"])
    app.button(key="map_whole").click().run()
    assert "find" not in app.query_params


def test_links_to_what_is_gone_are_told(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", cohort="gone", find="users:nobody", colour="cohort:gone", centres="1")
    assert not app.exception and len(app.warning) == 4
    assert set(app.query_params) <= {"workspace", "user"}


def test_a_damaged_state_file_is_a_sentence(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    (own_root / "shop" / "state.duckdb").write_bytes(b"noise")
    app = open_page(own_root, "map")
    assert not app.exception and len(app.error) == 1
