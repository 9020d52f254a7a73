"""The Item page: full, empty and broken states; what its controls do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import support
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.feedback.learning import FeedbackLearner
from mgrec_core.feedback.log import Feedback
from mgrec_core.workspace.cohorts import CohortStore
from pages.ui import text
from pages.ui.address.view import ITEM_TABS
from pages.ui.item import reach
from pages.ui.widgets import exports

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    reach._runs.clear()
    yield
    reach._runs.clear()


def settled(app: AppTest) -> AppTest:
    """Run until everybody is ranked."""
    for _ in range(40):
        if not any(b.key == "reach_cancel" for b in app.button):
            break
        app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error)
    html = [str(e.proto.body) for e in app.get("html")]
    return " ".join([*(str(e.value) for kind in kinds for e in kind), *html])


@pytest.mark.parametrize("tab", ITEM_TABS)
def test_every_part_opens_without_complaint(shop_root: Path, open_page: Open, tab: str) -> None:
    app = settled(open_page(shop_root, "item", item="i09", look=tab))
    assert not app.error and not app.warning
    assert app.selectbox(key="item_page_choice").value == "i09"


def test_a_bare_address_shows_the_most_used_item(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "item")
    assert not app.exception
    frame = Engine.open(shop_root / "shop").items_frame().sort_values(["n_users", "item_id"])
    most = frame[frame["n_users"] == frame["n_users"].max()]["item_id"].min()
    assert app.selectbox(key="item_page_choice").value == most


def test_neighbours_are_the_engines_and_a_row_goes_there(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "item", item="i09", near="attribute", k="5")
    expected = Engine.open(shop_root / "shop").neighbours("i09", 5)
    table = app.dataframe[0].value
    assert set(table["attribute"].dropna()) == {n.cosine for n in expected["attribute"]}
    assert table["times"].is_monotonic_decreasing
    app.selectbox(key="item_k").set_value(10).run()
    assert "k" not in app.query_params
    assert len(app.dataframe[0].value) > len(table)
    app.selectbox(key="item_page_choice").set_value("i00").run()
    assert not app.exception and app.query_params["item"] in ("i00", ["i00"])


def test_the_audience_follows_the_weights_and_can_be_divided(shop_root: Path, open_page: Open) -> None:
    app = settled(open_page(shop_root, "item", item="i09", look="Audience", groups="town"))
    engine = Engine.open(shop_root / "shop")
    lists = {u: [i.item_id for i in engine.rank(u).items] for u in engine.user_ids}
    seeing = {u for u, found in lists.items() if "i09" in found}
    assert f"of {len(engine.user_ids)} users see it in their top 10" in said(app)
    shown = [d.value for d in app.dataframe if "user_id" in d.value]
    assert set(shown[0]["user_id"] if shown else ()) == seeing
    app.slider(key="lambda_popularity").set_value(1.0).run()
    settled(app)
    app.selectbox(key="item_groups").set_value("activity").run()
    assert "groups" not in app.query_params and not app.error


def test_attributes_called_like_columns_divide_the_audience(own_root: Path, open_page: Open) -> None:
    with duckdb.connect(str(own_root / "shop" / "mgrec.duckdb")) as connection:
        connection.execute(
            "INSERT INTO user_attributes (user_id, attribute, value)"
            " SELECT user_id, unnest(['n_items', 'activity']), 'same' FROM users"
        )
    app = settled(open_page(own_root, "item", item="i09", look="Audience", groups="n_items"))
    assert not app.error and not app.warning and "unknown segment" not in said(app)
    options = app.selectbox(key="item_groups").options
    assert options.count("n_items") == 1 and options.count("activity") == 1 and "n_items_" not in options


def test_a_cohort_divides_the_audience(own_root: Path, open_page: Open) -> None:
    CohortStore(own_root / "shop" / "state.duckdb").save(
        "tea", "users", [f"u{n:02}" for n in range(9)], "sql"
    )
    app = settled(open_page(own_root, "item", item="i09", look="Audience", groups="cohort:tea"))
    assert not app.error and not app.warning
    assert "cohort:tea" in app.selectbox(key="item_groups").options


def test_the_audience_says_who_does_not_want_the_item(own_root: Path, open_page: Open) -> None:
    engine = Engine.open(own_root / "shop")
    user = next(u for u in engine.user_ids if "i09" in {i.item_id for i in engine.rank(u).items})
    FeedbackLearner(engine).record([Feedback(user, "i09", "dislike", made=datetime(2026, 1, 1))])
    app = settled(open_page(own_root, "item", item="i09", look="Audience"))
    assert "1 user of them disliked or dismissed it" in said(app)


@pytest.mark.parametrize(
    ("look", "fusion", "held"),
    [("Neighbours", "score", True), ("Audience", "vector", True), ("Audience", "score", False)],
)
def test_files_hold_the_alpha_that_made_them(
    shop_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch, look: str, fusion: str, held: bool
) -> None:
    files: list[tuple[dict[str, Any], dict[str, str]]] = []
    monkeypatch.setattr(
        exports, "buttons", lambda what, text, csv, *rest, **more: files.append((json.loads(text), csv))
    )
    settled(open_page(shop_root, "item", item="i09", look=look, fusion=fusion, alpha="recent~0.25"))
    document, csv = files[-1]
    assert ("alpha_recent" in document) is held is ("alpha_recent" in csv["-about"])
    assert document.get("alpha_recent", 0.25) == 0.25


def test_hostile_titles_and_texts_are_text(shop_root: Path, open_page: Open) -> None:
    app = settled(open_page(shop_root, "item", item="i00"))
    assert "&lt;img src=x onerror" in said(app) and "<img" not in said(app)
    app = settled(open_page(shop_root, "item", item="i02"))  # of the first, markup alone, nothing is read
    assert f'<pre class="mg-text">{text.html(support.HOSTILE[2])}' in said(app)


def test_nonsense_in_the_link_is_told_and_replaced(shop_root: Path, open_page: Open) -> None:
    query = {"item": "nothing", "near": "popularity", "groups": "moon", "look": "x", "k": "0"}
    app = open_page(shop_root, "item", **query)
    assert not app.exception and len(app.warning) == 5


def test_without_a_build_it_says_where_to_get_one(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "item")
    assert not app.exception and "not been built" in app.info[0].value


def test_a_cancelled_ranking_starts_again_when_asked(shop_root: Path, monkeypatch: Any) -> None:
    import threading

    from mgrec_core.analysis.audience import Lists

    monkeypatch.setattr(reach, "PATIENCE_SECONDS", 0.0)
    started, go_on = threading.Event(), threading.Event()
    made: list[str] = []

    def make(progress: Any) -> Lists:
        made.append("once")
        started.set()
        go_on.wait(20)
        progress("", 1, 2)
        return "lists"  # type: ignore[return-value]

    found = reach.run("key", make)
    assert started.wait(20)
    reach.stop(found)
    go_on.set()
    assert found.ended.wait(20) and found.lists is None and found.cancelled
    assert reach.run("key", make) is found, "a person has stopped it"
    again = reach.run("key", make, again=True)
    assert again.ended.wait(20) and again.lists == "lists" and len(made) == 2
    monkeypatch.setattr(reach, "FORGOTTEN_SECONDS", -1.0)
    forgotten = reach.run("other", make)
    assert forgotten.ended.wait(20) and forgotten.cancelled and len(made) == 2
    monkeypatch.setattr(reach, "FORGOTTEN_SECONDS", 8.0)
    assert reach.run("other", make).ended.wait(20) and len(made) == 3, "somebody asks again"
