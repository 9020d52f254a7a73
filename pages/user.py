"""User: interests at every granularity, weights, the ranked list and why each item is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import guard, navigation, user_choice
from pages.ui.session import lookups, state
from pages.ui.user import about, explanation, feedback, history, interests, mixer, ranked
from pages.ui.weights import controls, reference

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.foundation.results import Weights

PAGE = Page(
    title="User",
    icon="person_search",
    order=20,
    shares=("mix", "reference", "held_out"),
    address=("personal", "k", "item", "hide", "form", "without"),
)

_TABS = ("Ranked list", "Interests", "History", "Feedback")


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    view.user = view.user or lookups.typical(engine)
    if not view.user:
        st.info(
            "This workspace has no users with a history, so there is nobody to rank for.",
            icon=":material/info:",
        )
        return
    user_choice.choose(view, engine, st.sidebar)
    weights = controls.mixer(
        view,
        engine,
        st.sidebar.container(),
        sliders=not mixer.is_live(view),
        compared=lambda: reference.choose(view, engine, st.container()),
    )
    about.forget(view, st.sidebar)
    state.write(view, PAGE.keys)
    about.profile(view.user, engine)
    list_tab, interests_tab, history_tab, feedback_tab = st.tabs(_TABS, key="user_tab", on_change="rerun")
    if list_tab.open:
        with list_tab:
            _ranked_list(view, engine, weights)
    if interests_tab.open:
        with interests_tab:
            interests.show(view.user, engine)
    if history_tab.open:
        with history_tab:
            history.show(view, engine, weights)
    if feedback_tab.open:
        with feedback_tab:
            feedback.panel(view, engine)


def _ranked_list(view: View, engine: Engine, weights: Weights) -> None:
    # Side by side where both fit, one under the other on a narrow window (see style.py). The list
    # stands in a column without an explanation too: where it moved, the browser would build it anew.
    with st.container(key="list_and_why"):
        left, *right = st.columns([5, 4] if view.item else 1, gap="large")
        with left:
            ranked.show(view, engine, weights)
        if right:
            with right[0]:
                explanation.show(view, engine, weights)


show(navigation.current_view())
