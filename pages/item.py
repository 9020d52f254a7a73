"""Item: its neighbours at every granularity, who gets to see it, and what is known of it."""

from __future__ import annotations

import streamlit as st

from pages.ui import controls, guard, items, layout, state
from pages.ui.view import ITEM_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    items.check(view, engine)
    if not view.item:
        layout.heading("Item")
        st.info("This workspace has no items.", icon=":material/info:")
        return
    items.choose(view, engine, st.sidebar)
    weights = controls.mixer(view, engine, st.sidebar.container())
    state.write(view, ITEM_KEYS)
    items.show(view, engine, weights)


show(layout.current_view())
