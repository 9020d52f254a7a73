"""Undo and redo: the history of views, the listener's messages, and the buttons on the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.ui.address.history import MOST, History
from pages.ui.address.view import View
from pages.ui.frame import undo

Open = Callable[..., AppTest]


def walked(view: View, *changes: dict[str, Any]) -> History:
    history = History()
    history.record(view)
    for change in changes:
        for name, value in change.items():
            setattr(view, name, value)
        history.record(view)
    return history


def test_steps_go_back_and_on() -> None:
    view = View()
    history = walked(view, {"user": "1"}, {"weights": {"recent": 0.3}}, {"k": 20, "fusion": "concat"})
    assert history.undoes == "fusion mode, length k" and not history.redoes
    assert history.go(-1, view) == "fusion mode, length k"
    assert (view.k, view.fusion, view.weights) == (10, "score", {"recent": 0.3})
    assert history.redoes == "fusion mode, length k"
    assert history.go(-5, view) == "user, weights" and view == View()
    assert not history.undoes and history.go(-1, view) == ""
    history.go(2, view)
    assert (view.user, view.weights, view.k) == ("1", {"recent": 0.3}, 10)


def test_a_new_step_ends_what_could_be_done_again() -> None:
    view = View()
    history = walked(view, {"user": "1"}, {"user": "2"})
    history.go(-1, view)
    view.user = "3"
    assert history.record(view)
    assert not history.redoes
    history.go(-1, view)
    assert view.user == "1"


def test_what_a_page_corrects_is_nobodys_step() -> None:
    view = View()
    history = walked(view)
    view.user = "typical"
    history.settle(view)
    assert not history.record(view) and not history.undoes


def test_snapshots_do_not_share_weights_with_the_view() -> None:
    view = View()
    history = walked(view, {"weights": {"recent": 0.3}}, {"weights": {"recent": 0.6}})
    history.go(-1, view)
    view.weights["recent"] = 0.9
    history.record(view)
    history.go(-1, view)
    assert view.weights == {"recent": 0.3}


def test_the_oldest_steps_go_first() -> None:
    view = View()
    history = walked(view, *({"k": n} for n in range(11, MOST + 61)))
    history.go(-10 * MOST, view)
    assert view.k == 60


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no test depends on time
@given(st.lists(st.integers(-3, 3) | st.sampled_from(["a", "b", "c"]), max_size=30))
def test_any_walk_equals_a_list_with_a_cursor(moves: list[int | str]) -> None:
    view, history = View(), History()
    history.record(view)
    seen, at = [""], 0
    for move in moves:
        if isinstance(move, str):
            view.user = move
            if history.record(view):
                seen, at = [*seen[: at + 1], move], at + 1
        else:
            history.go(move, view)
            at = min(max(at + move, 0), len(seen) - 1)
        assert view.user == seen[at]
        assert bool(history.undoes) == (at > 0) and bool(history.redoes) == (at + 1 < len(seen))


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "x",
        [],
        {},
        {"id": 1},
        {"id": "1", "steps": 2},
        {"id": 1, "steps": True},
        {"id": 1, "steps": 10**9},
    ],
    ids=str,
)
def test_what_no_listener_sends_moves_nothing(sent: object) -> None:
    assert undo.read(sent, (1, 0))[0] == 0


def test_buttons_undo_weights_presets_and_selections(shop_root: Path, open_framed: Open) -> None:
    app = open_framed(shop_root, "user", user="u03")
    assert app.button(key="undo").disabled and app.button(key="redo").disabled
    app.slider(key="lambda_recent").set_value(0.4).run()
    app.selectbox(key="preset").set_value("equal").run()
    app.selectbox(key="k_choice").set_value(20).run()
    app.button(key="user_after").click().run()
    assert app.query_params == {"workspace": "shop", "user": "u04", "preset": "equal", "k": "20"}
    for expected in (
        {"user": "u03", "preset": "equal", "k": "20"},
        {"user": "u03", "preset": "equal"},
        {"user": "u03", "weights": "recent~0.4"},
        {"user": "u03"},
    ):
        app.button(key="undo").click().run()
        assert not app.exception
        assert app.query_params == {"workspace": "shop", **expected}
    assert app.slider(key="lambda_recent").value == 1.0
    assert app.button(key="undo").disabled
    app.button(key="redo").click().run()
    assert app.slider(key="lambda_recent").value == 0.4
    app.slider(key="lambda_recent").set_value(0.5).run()
    assert app.button(key="redo").disabled
