"""The Compare page: full, same, empty and broken states; swapping sides."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.foundation.results import Weights

Open = Callable[..., AppTest]


def lists(app: AppTest) -> list[list[str]]:
    return [list(d.value["title"]) for d in app.dataframe if "other" in d.value]


def test_two_users_are_the_engines_lists(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "compare", user="u03", second="u07", k="5")
    assert not app.exception and not app.error and not app.warning
    engine = Engine.open(shop_root / "shop")
    expected = [[i.title for i in engine.rank(u, 5).items] for u in ("u03", "u07")]
    assert lists(app) == expected
    shared = set(expected[0]) & set(expected[1])
    marked = next(d.value for d in app.dataframe if "other" in d.value)
    assert set(marked[marked["other"].str.startswith("✓")]["title"]) == shared
    assert len(app.get("plotly_chart")) == 5


def test_swapping_swaps_lists_and_link(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "compare", user="u03", second="u07")
    before = lists(app)
    app.button(key="compare_swap").click().run()
    assert lists(app) == before[::-1]
    assert app.query_params["user"] in ("u07", ["u07"]) and app.query_params["second"] in ("u03", ["u03"])
    app = open_page(shop_root, "compare", versus="presets", left="equal", right="base only")
    app.button(key="compare_swap").click().run()
    assert app.query_params["left"] in ("base only", ["base only"])
    assert app.query_params["right"] in ("equal", ["equal"])
    assert not app.exception and not app.error


def test_presets_of_one_user(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "compare", user="u03", versus="presets", weights="recent~0.2")
    assert not app.exception and not app.error and not app.warning
    engine = Engine.open(shop_root / "shop")
    mine = engine.rank("u03", weights={"recent": 0.2}).items
    assert lists(app)[0] == [i.title for i in mine], "A: the weights in force"
    right = str(app.selectbox(key="compare_right").value)
    assert lists(app)[1] == [i.title for i in engine.rank("u03", weights=Weights(preset=right)).items]
    app.selectbox(key="compare_left").set_value(right).run()
    assert "Both sides are the same" in app.info[0].value and not app.exception


def test_the_same_user_twice_and_nonsense(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "compare", user="u03", second="u03")
    assert not app.exception and "Both sides are the same" in app.info[0].value
    app = open_page(shop_root, "compare", second="nobody", left="no such", right="neither", versus="x")
    assert not app.exception and len(app.warning) == 4


@pytest.mark.parametrize("fusion", ["vector", "concat"])
def test_other_fusion_modes(shop_root: Path, open_page: Open, fusion: str) -> None:
    app = open_page(shop_root, "compare", user="u03", second="u07", fusion=fusion)
    assert not app.exception and not app.error and len(lists(app)) == 2


def test_without_a_build_it_says_where_to_get_one(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "compare")
    assert not app.exception and "not been built" in app.info[0].value


def test_files_can_hold_pseudonyms_and_the_buttons_say_so(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "compare", user="u03", second="u07")
    assert {"Comparison as HTML", "Comparison as PDF", "Comparison as JSON", "Comparison as CSV"} <= set(
        labels(app)
    )
    app.toggle(key="compare_hide").set_value(True).run()
    assert not app.exception
    assert len(labels(app)) == 6 and all(one.endswith(" with pseudonyms") for one in labels(app))


def labels(app: AppTest) -> list[str]:
    return [e.proto.label for e in app.get("download_button")]
