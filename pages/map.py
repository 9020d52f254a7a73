"""Map: users or items laid out by UMAP, computed in a process of its own."""

from __future__ import annotations

import streamlit as st

from mgrec_core.errors import MgrecError
from pages.ui import controls, guard, layout, mapping, state, text
from pages.ui.view import MAP_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    mapping.parameters(view, engine, st.sidebar)
    layout.show_problems()
    weights = controls.weights_of(view, engine)
    state.write(view, MAP_KEYS)
    layout.heading("Map", mapping.describe(view, engine, weights))
    try:
        mapping.show(view, engine, weights)
    except MgrecError as error:
        st.error(text.md(error), icon=":material/error:")


if st.session_state.pop("open_user_page", False):
    st.switch_page(layout.USER)
show(layout.current_view())
