"""How the pages show a figure: with its alt text, in its own colours, without the toolbar's noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

_CONFIG = {"displaylogo": False, "displayModeBar": False, "responsive": True}
MAP_CONFIG = {
    "displaylogo": False,
    "scrollZoom": True,
    "displayModeBar": True,  # lasso and box are there
    "modeBarButtonsToRemove": ["toImage", "resetScale2d"],
    "doubleClick": "autosize",  # the whole map, also where the chart was opened on a part of it
    "responsive": True,
}


def lift_title(figure: go.Figure) -> None:
    """Show the figure's title as text above it, where it wraps to any width; plotly would cut it.

    The text is taken as it is: the figure has escaped it for plotly, whose markup is HTML.
    """
    title = figure.layout.title.text or ""
    below = figure.layout.title.subtitle.text or ""
    spare = int((figure.layout.meta or {}).get("room", 6))
    figure.update_layout(
        title={"text": None, "subtitle": {"text": None}},
        height=(figure.layout.height or 300) - ((figure.layout.margin.t or 0) - spare),
        margin={"t": spare},
    )
    sub = f'<p class="mg-sub">{below.replace("<br>", " ")}</p>' if below else ""
    st.html(f'<h3 class="mg-h3">{title.replace("<br>", " ")}</h3>{sub}')


def draw(figure: go.Figure, *, key: str) -> None:
    """Show a figure nobody has to click on."""
    lift_title(figure)
    figure.update_xaxes(tickangle=None)
    st.plotly_chart(figure, key=key, theme=None, config=_CONFIG, alt=alt_of(figure))


def clickable(figure: go.Figure, *, key: str, on_click: Callable[[str], None]) -> None:
    """Show a figure whose points call ``on_click`` with their ``customdata``.

    The callback runs before the page does, so what it changes in the view is what the page draws.
    """

    def clicked() -> None:
        found = picked(st.session_state.get(key))
        if found:
            on_click(found)

    lift_title(figure)
    # What was clicked is shown beside the figure; fading everything else would only hide it.
    figure.update_traces(unselected={"marker": {"opacity": 1}})
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=_CONFIG,
        on_select=clicked,
        selection_mode="points",
        alt=alt_of(figure),
    )


def picked(selection: Any) -> str:
    """Return the ``customdata`` of the first selected point, empty when there is none."""
    points = (selection or {}).get("selection", {}).get("points", [])
    for point in points:
        data = point.get("customdata")
        value = data[0] if isinstance(data, list) and data else data
        if isinstance(value, str) and value:
            return value
    return ""


def alt_of(figure: go.Figure) -> str:
    """Return what somebody is told who cannot see the figure."""
    meta = figure.layout.meta
    return str(meta.get("alt", "")) if isinstance(meta, dict) else ""
