"""The pages of people and of advertisements: full, empty and broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

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
    from mgrec_core.workspace import Workspace
    from tests.targets.worlds import write_ads

    workspace = Workspace.create(tmp_path / "root" / "coupons")
    workspace.import_source(write_ads(tmp_path / "source", n=20), "canonical")
    workspace.build(with_map=False)
    app = open_page(tmp_path / "root", "ads", workspace="coupons", user="u03")
    assert not app.exception and not app.error
    assert len(app.get("plotly_chart")) == 3
    assert "Coupon" in app.dataframe[0].value["ad"].iloc[0]
    assert len(app.dataframe[1].value) == 3, "its products"
