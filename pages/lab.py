"""Fusion lab: what the weights do to everybody, and whether they can be trusted."""

from __future__ import annotations

import streamlit as st

from pages.ui import controls, guard, layout, state
from pages.ui.controlled import controlled
from pages.ui.lab import everybody, experiments, panel, presets, segments, sources, sweep, tradeoffs
from pages.ui.view import LAB_KEYS, LAB_TABS, View

_SHOWN = {
    "Everybody": everybody.show,
    "Sweep": sweep.show,
    "Trade-offs": tradeoffs.show,
    "Segments": segments.show,
    "Sources": sources.show,
    "Presets": presets.show,
    "Experiments": experiments.show,
}
_PANELS = ("Everybody", "Sweep", "Trade-offs", "Segments")


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    weights = controls.mixer(view, engine, st.sidebar.container())
    panel.parameters(view, engine, st.sidebar)
    state.write(view, LAB_KEYS)
    layout.heading(
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
        on_change=_open_tab,
    )
    opened = panel.opened(view, engine) if view.lab in _PANELS else None
    if view.lab in _PANELS and opened is None:
        panel.offer(view)
        return
    _SHOWN[view.lab](view, engine, weights, opened)


def _open_tab() -> None:
    view: View = st.session_state["view"]
    state.touch()
    view.lab = st.session_state["lab_tab"]


show(layout.current_view())
