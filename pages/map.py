"""Map: users or items laid out by UMAP, computed in a process of its own."""

from __future__ import annotations

import streamlit as st

from mgrec_core.errors import MgrecError
from mgrec_core.results import Weights
from pages.ui import controls, guard, layout, mapping, presets, state, text
from pages.ui.view import MAP_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    mapping.parameters(view, engine, st.sidebar)
    layout.show_problems()
    # Vectors are fused with the active preset's base at 1, whatever base the list is ranked with.
    weights = controls.weights_of(view, engine)
    base = presets.active(engine).base
    weights = Weights(weights.values | {base: 1.0}, base)
    state.write(view, MAP_KEYS)
    layout.heading("Map", mapping.describe(view, engine, weights))
    try:
        mapping.show(view, engine, weights)
    except MgrecError as error:
        st.error(text.md(error), icon=":material/error:")


if st.session_state.pop("open_user_page", False):
    st.switch_page(layout.USER)
show(layout.current_view())
