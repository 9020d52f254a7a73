"""Compare: two users, or one user under two presets, side by side."""

from __future__ import annotations

import streamlit as st

from pages.ui import controls, guard, layout, people, sides, state
from pages.ui.view import COMPARE_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    view.user = view.user or people.typical(engine)
    if not view.user:
        layout.heading("Compare")
        st.info(
            "This workspace has no users with a history, so there is nothing to compare.",
            icon=":material/info:",
        )
        return
    sides.check(view, engine)
    sides.choose(view, engine, st.sidebar)
    weights = controls.mixer(view, engine, st.sidebar.container())
    state.write(view, COMPARE_KEYS)
    sides.show(view, engine, weights)


show(layout.current_view())
