"""The part of a map that somebody has zoomed to, kept while its colours and names change."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, TypeAlias

import plotly.graph_objects as go
import streamlit as st

from pages.ui.session import state

_KEY = "map_zoom"
_component = st.components.v2.component(
    "mgrec_zoom", js=(Path(__file__).parent / "zoom.js").read_text("utf-8")
)

Ranges: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


def keep(figure: go.Figure, place: tuple[str, ...], drawn: bool) -> None:
    """Open a figure where its forerunner was left.

    Parameters
    ----------
    place
        Which map this is, and the point it flies to: the part belongs to it alone.
    drawn
        The figure is the one that is on the screen already; it keeps what it was drawn with.
    """
    if st.session_state.get("map_place") != place:
        st.session_state["map_place"] = place
        st.session_state.update(map_seen=None, map_opened=None)
    if not drawn:
        st.session_state["map_opened"] = st.session_state.get("map_seen")
    if opened := st.session_state.get("map_opened"):
        figure.update_xaxes(range=opened[0])
        figure.update_yaxes(range=opened[1])


@st.fragment
def watch() -> None:
    """Listen for zooming and moving; only this fragment runs again for it."""
    if state.has_browser():
        _component(key=_KEY, default={"seen": None}, on_seen_change=_moved)


def read(value: Any) -> Ranges | None:
    """Return the part that a browser tells of, or None for the whole map and for nonsense.

    Examples
    --------
    >>> read({"x": [0, 1.5], "y": [-2, 3]})
    ((0.0, 1.5), (-2.0, 3.0))
    >>> read({"x": [0, "far"], "y": [0, 1]}), read({"x": [1, 1], "y": [0, 1]}), read("whole")
    (None, None, None)
    """
    try:
        (left, right), (low, high) = value["x"], value["y"]
        x, y = (float(left), float(right)), (float(low), float(high))
    except (TypeError, KeyError, ValueError):
        return None
    sound = all(map(math.isfinite, (*x, *y))) and x[0] != x[1] and y[0] != y[1]
    return (x, y) if sound else None


def _moved() -> None:
    st.session_state["map_seen"] = read((st.session_state.get(_KEY) or {}).get("seen"))
