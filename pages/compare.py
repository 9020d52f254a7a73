"""Compare: two users, or one user under two presets, side by side."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.compare import sides
from pages.ui.frame import guard, navigation
from pages.ui.session import lookups, state
from pages.ui.weights import controls
from pages.ui.widgets import headings

PAGE = Page(
    title="Compare",
    icon="compare_arrows",
    order=60,
    group="Explore",
    shares=("mix",),
    address=("k", "versus", "second", "left", "right", "near"),
)


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    view.user = view.user or lookups.typical(engine)
    if not view.user:
        headings.heading("Compare")
        st.info(
            "This workspace has no users with a history, so there is nothing to compare.",
            icon=":material/info:",
        )
        return
    sides.check(view, engine)
    sides.choose(view, engine, st.sidebar)
    weights = controls.mixer(view, engine, st.sidebar.container())
    state.write(view, PAGE.keys)
    sides.show(view, engine, weights)


show(navigation.current_view())
