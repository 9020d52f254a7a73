"""Map: users, items or both laid out by UMAP; clusters, cohorts, search."""

from __future__ import annotations

import streamlit as st

from pages.ui import map as mapping
from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import guard, navigation
from pages.ui.session import state
from pages.ui.weights import in_force
from pages.ui.widgets import headings, problems

PAGE = Page(
    title="Map",
    icon="scatter_plot",
    order=30,
    shares=("mix", "held_out"),
    address=(
        "k",
        "of",
        "space",
        "colour",
        "neighbours",
        "min_dist",
        "metric",
        "seed",
        "clusters",
        "centres",
        "smallest",
        "find",
        "cohort",
    ),
)


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    mapping.parameters(view, engine, st.sidebar)
    problems.show()
    weights = in_force.weights_of(view, engine)
    state.write(view, PAGE.keys)
    headings.heading("Map", mapping.describe(view, engine, weights))
    mapping.show(view, engine, weights)


show(navigation.current_view())
