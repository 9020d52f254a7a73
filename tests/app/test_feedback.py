"""Feedback on the User page without a browser: thumbs below the list, the panel, undo, apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.feedback.learning import FeedbackLearner
from mgrec_core.feedback.log import Feedback
from pages.ui.user.mixer import payload

Open = Callable[..., AppTest]


def learner(root: Path) -> FeedbackLearner:
    return FeedbackLearner(Engine.open(root / "shop"))


def liked(root: Path, user: str = "u03", n: int = 3) -> FeedbackLearner:
    found = learner(root)
    ranked = found.engine.rank(user, k=10)
    shown = tuple(i.item_id for i in ranked.items)
    for place in range(n):
        row = Feedback(
            user, shown[-1 - place], "like", len(shown) - place, shown, ranked.weights, ranked.base
        )
        found.record([row])
    return found


def opened(open_page: Open, root: Path, **query: str) -> AppTest:
    app = open_page(root, "user", **query)
    app.session_state["user_tab"] = "Feedback"
    app.run()
    assert not app.exception
    return app


def test_an_empty_panel_says_what_to_do(shop_root: Path, open_page: Open) -> None:
    app = opened(open_page, shop_root, user="u03")
    assert any("Press a thumb" in i.value for i in app.info)
    assert app.button(key="apply_personal").disabled and app.button(key="apply_everybody").disabled


def test_thumbs_below_the_list_are_kept_and_taken_back(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "user", user="u03")
    app.session_state["thumbs_below"] = True
    app.run()
    assert not app.exception
    first = Engine.open(own_root / "shop").rank("u03").items[0].item_id
    press = app.feedback(key=f"thumb_u03_{first}")
    assert press.value is None
    press.set_value(1).run()
    assert not app.exception and not app.warning
    (row,) = learner(own_root).log.all()
    assert (row.item_id, row.kind, row.rank, row.origin) == (first, "like", 1, "page")
    assert len(row.shown) == 10 and row.weights["recent"] == 1.0
    app.feedback(key=f"thumb_u03_{first}").set_value(0).run()
    assert [r.kind for r in learner(own_root).log.all()] == ["dislike"]
    app.feedback(key=f"thumb_u03_{first}").set_value(None).run()
    assert learner(own_root).log.all() == [] and learner(own_root).history() == []


def test_personal_weights_are_applied_when_asked_for(own_root: Path, open_page: Open) -> None:
    store = liked(own_root)
    default = store.engine.active_preset()
    app = opened(open_page, own_root, user="u03")
    assert app.slider(key="lambda_recent").value == default.weights["recent"], "nothing changes by itself"
    app.button(key="apply_personal").click().run()
    assert not app.exception and app.query_params["personal"] == "1"
    found = store.personal("u03").weights
    assert app.slider(key="lambda_recent").value == round(found.values["recent"], 4)
    assert app.toggle(key="personal").value is True
    app.toggle(key="personal").set_value(False).run()
    assert app.slider(key="lambda_recent").value == default.weights["recent"]
    app.button(key="apply_everybody").click().run()
    assert app.query_params["preset"] == "feedback" and not app.exception


def test_undo_and_history(own_root: Path, open_page: Open) -> None:
    store = liked(own_root)
    app = opened(open_page, own_root, user="u03", preset="feedback")
    for left in (3, 2, 0):
        app.button(key="undo_everybody").click().run()
        assert not app.exception and len(store.history()) == left
    assert "preset" not in app.query_params, "the preset went with its last step"
    app.button(key="undo_user").click().run()
    assert len(store.history("u03")) == 3 and len(store.log.all()) == 3


def test_a_damaged_file_is_a_sentence(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "state.duckdb").write_bytes(b"x" * 5000)
    app = open_page(own_root, "user")
    assert not app.exception and len(app.error) == 1


def sent(**changes: Any) -> dict[str, Any]:
    whole = {"number": 4, "user": "u", "item": "i", "kind": "like", "rank": 1, "list": ["i", "j"]}
    return whole | {"weights": {"recent": 0.5}, "base": "recent"} | changes


def test_what_a_browser_says_of_items_is_read_once() -> None:
    said, newest = payload.read_thumbs([sent(number=3), sent(), sent(number=5, kind=None)], after=3)
    assert [(row.item_id, kind) for row, kind in said] == [("i", "like"), ("i", None)]
    assert newest == 5 and said[0][0].shown == ("i", "j")


@pytest.mark.parametrize(
    "value",
    [
        None, "x", {}, [None], [sent(number="4")], [sent(number=True)], [sent(kind="love")], [sent(user=1)],
        [sent(list="ij")], [sent(list=[1])], [sent(weights={"recent": 7})], [sent(rank=-1)],
        [sent(base=None)],
    ],
    ids=str,
)  # fmt: skip
def test_anything_else_is_left_out(value: object) -> None:
    assert payload.read_thumbs(value, after=3)[0] == []


def test_disliked_items_can_be_hidden_and_the_list_stays_full(own_root: Path, open_page: Open) -> None:
    found = learner(own_root)
    ranked = found.engine.rank("u03", k=11)
    shown = tuple(i.item_id for i in ranked.items)
    for item, kind in ((shown[0], "dislike"), (shown[2], "dismiss"), (shown[3], "like")):
        found.record([Feedback("u03", item, kind, 1, shown, ranked.weights, ranked.base)])
    app = open_page(own_root, "user", user="u03", form="table")
    assert list(app.dataframe[0].value["item_id"]) == list(shown[:10])
    app.toggle(key="hide_unwanted").set_value(True).run()
    assert not app.exception and app.query_params["hide"] in ("1", ["1"])
    kept = list(app.dataframe[0].value["item_id"])
    wanted = [
        i.item_id for i in found.engine.rank("u03", k=12).items if i.item_id not in (shown[0], shown[2])
    ]
    assert kept == wanted and len(kept) == 10
    scores = {i.item_id: i.score for i in found.engine.rank("u03", k=12).items}
    assert list(app.dataframe[0].value["score"]) == pytest.approx([scores[i] for i in kept])


def test_learning_again_is_a_job_of_the_page(own_root: Path, open_page: Open) -> None:
    from mgrec_core.service import jobs

    liked(own_root)
    app = opened(open_page, own_root, user="u03")
    app.button(key="learn_again").click().run()
    assert not app.exception
    job = jobs.latest(own_root / "shop", "feedback")
    assert job is not None and job.commands[0][:2] == ("feedback", "learn")
    job.cancel()
