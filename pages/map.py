"""Map: users, items or both laid out by UMAP; clusters, cohorts, search."""

from __future__ import annotations

import streamlit as st

from pages.ui import controls, guard, layout, state
from pages.ui import map as mapping
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
    mapping.show(view, engine, weights)


show(layout.current_view())
