"""The pages of people and of advertisements: full, empty and broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from streamlit.testing.v1 import AppTest

from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data

Open = Callable[..., AppTest]


def test_people_are_ranked_and_explained(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "people", user="u03")
    assert not app.exception and not app.error
    assert len(app.get("plotly_chart")) == 3
    table = app.dataframe[0].value
    assert len(table) == 10 and "common friends" in table
    assert "u03" not in set(table["person"])
    app.selectbox(key="target_k").set_value(5).run()
    assert not app.exception and len(app.dataframe[0].value) == 5
    assert app.query_params["k"] in ("5", ["5"])


def test_files_of_people_can_hold_pseudonyms(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "people", user="u03")
    app.toggle(key="users_hide").set_value(True).run()
    assert not app.exception
    names = [e.proto.label for e in app.get("download_button")]
    assert names == ["JSON with pseudonyms", "CSV with pseudonyms"]


def test_weights_of_people_move_the_list_and_stand_in_the_link(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "people", user="u03")
    before = app.dataframe[0].value["score"].tolist()
    assert app.slider(key="lambda_adamic_adar").disabled and app.button(key="reset").disabled
    app.slider(key="lambda_history").set_value(0.25).run()
    assert not app.exception and app.dataframe[0].value["score"].tolist() != before
    assert app.query_params["people"] in ("history~0.25", ["history~0.25"])
    app.selectbox(key="part_base").set_value("history").run()
    assert not app.exception
    assert app.slider(key="lambda_history").disabled and app.slider(key="lambda_history").value == 1.0
    app.button(key="reset").click().run()
    assert app.dataframe[0].value["score"].tolist() == before
    assert "people" not in app.query_params and "people_base" not in app.query_params
    linked = open_page(shop_root, "people", user="u03", people="adamic_adar~0.5_history~0.25_reach~1")
    assert linked.slider(key="lambda_history").value == 0.25
    assert any("Reach" in w.value for w in linked.warning)


def test_one_person_is_a_link(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "people", user="u03", other="u09")
    assert not app.exception and not app.warning
    app = open_page(shop_root, "people", user="u03", other="nobody")
    assert not app.exception
    assert any("nobody" in w.value for w in app.warning)


def test_without_ads_the_page_says_what_to_import(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "ads")
    assert not app.exception
    assert "no advertisements" in app.info[0].value


def test_without_a_build_the_pages_say_where_to_get_one(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "people")
    assert not app.exception
    assert "not been built" in app.info[0].value


def test_advertisements_are_ranked_and_explained(tmp_path: Path, open_page: Open) -> None:
    from mgrec_core.workspace.folder import Workspace
    from tests.targets.worlds import write_ads

    workspace = Workspace.create(tmp_path / "root" / "coupons")
    import_data(workspace, write_ads(tmp_path / "source", n=20), "canonical")
    build(workspace, with_map=False)
    app = open_page(tmp_path / "root", "ads", workspace="coupons", user="u03")
    assert not app.exception and not app.error
    assert len(app.get("plotly_chart")) == 3
    assert "Coupon" in app.dataframe[0].value["ad"].iloc[0]
    assert len(app.dataframe[1].value) == 3, "its products"
    app.slider(key="lambda_attribute").set_value(0.9).run()
    assert not app.exception and app.query_params["ads"] in ("attribute~0.9", ["attribute~0.9"])
    assert app.date_input(key="ads_on").value is None, "no day until one is chosen"
    app.date_input(key="ads_on").set_value(date(2025, 3, 5)).run()
    assert not app.exception and "on 2025-03-05" in app.info[0].value
    assert app.query_params["on"] in ("2025-03-05", ["2025-03-05"])
    app = open_page(tmp_path / "root", "ads", workspace="coupons", user="u03", on="2025-02-05", ads="x~1")
    assert not app.exception and len(app.dataframe) == 2
    assert any("not a part" in w.value for w in app.warning)
