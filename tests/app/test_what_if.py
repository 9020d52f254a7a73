"""The User page's history without some items, and what would have to change for an item."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.analysis.counterfactual import what_if

Open = Callable[..., AppTest]


def told(app: AppTest) -> str:
    return " ".join(str(part.value) for part in (*app.caption, *app.markdown, *app.info))


def in_history(open_page: Open, root: Path, **query: str) -> AppTest:
    app = open_page(root, "user", user="u03", **query)
    app.session_state["user_tab"] = "History"
    app.run()
    assert not app.exception
    return app


def test_a_link_leaves_items_out_and_one_click_counts_them_again(shop_root: Path, open_page: Open) -> None:
    engine = Engine.open(shop_root / "shop")
    gone = sorted(engine.history("u03")["item_id"].tolist()[:2])
    app = in_history(open_page, shop_root, without=f"u03:{','.join(map(quote, gone))}")
    found = what_if(engine, "u03", gone, k=10)
    moved = sum(m.before != m.after for m in found.moves if m.after <= 10)
    assert f"{moved} of the first 10 places change" in told(app)
    assert app.query_params["without"] == f"u03:{','.join(gone)}"
    app.button(key="history_reset").click().run()
    assert not app.exception and "places change" not in told(app)
    assert "without" not in app.query_params


def test_what_is_left_out_of_one_history_is_not_left_out_of_another(shop_root: Path, open_page: Open) -> None:
    item = Engine.open(shop_root / "shop").history("u03")["item_id"].iloc[0]
    app = in_history(open_page, shop_root, without=f"u04:{item}")
    assert "places change" not in told(app)


def test_nothing_is_searched_before_the_fold_is_opened(shop_root: Path, open_page: Open) -> None:
    engine = Engine.open(shop_root / "shop")
    item = engine.rank("u03", 10).items[-1]
    app = open_page(shop_root, "user", user="u03", item=item.item_id)
    assert not app.exception and "recomputed" not in told(app)
    app.session_state["change"] = True
    app.run()
    assert not app.exception and "recomputed" in told(app)
    app.toggle(key="change_proof").set_value(True).run()
    assert not app.exception and "places change" in told(app)
    app.button(key="change_try").click().run()
    assert not app.exception and app.session_state["user_tab"] == "History"
    assert app.query_params["without"].startswith("u03:") and "item" not in app.query_params


def test_an_item_that_the_user_has_had_gets_a_sentence(shop_root: Path, open_page: Open) -> None:
    item = Engine.open(shop_root / "shop").history("u03")["item_id"].iloc[0]
    app = open_page(shop_root, "user", user="u03", item=item)
    app.session_state["change"] = True
    app.run()
    assert not app.exception and "has had item" in told(app)
