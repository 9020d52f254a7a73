"""Fusion lab: what the weights do to everybody, and whether they can be trusted."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import LAB_TABS, View
from pages.ui.frame import guard, navigation
from pages.ui.lab import everybody, experiments, presets, segments, sources, sweep, tradeoffs
from pages.ui.measured import score_cache
from pages.ui.session import state
from pages.ui.weights import controls
from pages.ui.widgets import headings
from pages.ui.widgets.controlled import controlled

PAGE = Page(
    title="Fusion lab",
    icon="science",
    order=40,
    shares=("mix", "reference", "held_out"),
    address=("k", "lab"),
)

# Tabs that need the test users to be scored, and those that do not. (Streamlit would draw a bare text here.)
_MEASURED = {
    "Everybody": everybody.show,
    "Sweep": sweep.show,
    "Trade-offs": tradeoffs.show,
    "Segments": segments.show,
}
_OTHERS = {"Sources": sources.show, "Presets": presets.show, "Experiments": experiments.show}


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    weights = controls.mixer(view, engine, st.sidebar.container())
    score_cache.parameters(view, engine, st.sidebar)
    state.write(view, PAGE.keys)
    headings.heading(
        "Fusion lab",
        "What the weights in the sidebar do to everybody, measured on held-out events.",
    )
    controlled(
        st.segmented_control,
        "Part of the lab",
        LAB_TABS,
        key="lab_tab",
        value=view.lab,
        required=True,
        label_visibility="collapsed",
        sets="lab",
    )
    if view.lab in _OTHERS:
        _OTHERS[view.lab](view, engine, weights)
    elif (opened := score_cache.opened(view, engine)) is not None:
        _MEASURED[view.lab](view, engine, weights, opened)
    else:
        score_cache.offer(view)


show(navigation.current_view())
