"""Two columns of a table that somebody asked for, as bars, a line or points."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from mgrec_core.figures.frame import dress, empty
from mgrec_core.figures.palette import colour
from mgrec_core.figures.text import clean, escape, shorten
from mgrec_core.foundation.text import count

Kind = Literal["bars", "line", "points"]
MOST = {"bars": 60, "line": 5_000, "points": 5_000}
"""Rows that are legible; further ones are left out and said so."""


def table_chart(frame: pd.DataFrame, x: str, y: str, kind: Kind, *, dark: bool = False) -> go.Figure:
    """Draw column ``y`` (numbers) over column ``x`` in the order of the rows.

    Parameters
    ----------
    frame
        Any table; rows without a finite number in ``y`` are left out and said so.
    """
    title = f"{shorten(clean(y), 30)} by {shorten(clean(x), 30)}"
    kept = _drawable(frame[y], number=True) & _drawable(frame[x])
    if not kept.any():
        return empty(f"No row has a number in {clean(y)} and a value in {clean(x)}.", title=title, dark=dark)
    over, values = frame[x][kept], pd.to_numeric(frame[y][kept]).astype(float)
    shown = min(len(values), MOST[kind])
    plain = pd.api.types.is_numeric_dtype(over) or pd.api.types.is_datetime64_any_dtype(over)
    along = over.iloc[:shown].tolist() if plain else [shorten(str(v), 40) for v in over.iloc[:shown]]
    if not plain:
        along = [escape(v) for v in along]
    heights = values.iloc[:shown].tolist()
    mark = colour("behaviour", dark)
    trace = (
        go.Bar(x=along, y=heights, marker={"color": mark})
        if kind == "bars"
        else go.Scatter(
            x=along,
            y=heights,
            mode="lines" if kind == "line" else "markers",
            line={"color": mark},
            marker={"color": mark, "size": 7},
        )
    )
    # Not through %{x}: a template would read what stands in the data as its own.
    trace.hovertext = [
        f"{escape(shorten(str(v), 60))}<br><b>{h:,.6g}</b>"
        for v, h in zip(over.iloc[:shown], heights, strict=True)
    ]
    trace.hovertemplate = "%{hovertext}<extra></extra>"
    figure = go.Figure(trace)
    out = len(frame) - shown
    subtitle = count(shown, "row") + (f"; {out:,} left out" if out else "")
    dress(
        figure,
        title=title,
        subtitle=subtitle,
        alt=f"{kind} of {title}: {subtitle}, from {min(heights):,.6g} to {max(heights):,.6g}.",
        height=320,
        dark=dark,
    )
    figure.update_xaxes(title={"text": escape(shorten(clean(x), 60))}, automargin=True)
    if not plain:
        figure.update_xaxes(type="category")
    figure.update_yaxes(title={"text": escape(shorten(clean(y), 60))}, zeroline=True)
    figure.update_layout(dragmode=False, hovermode="closest")
    return figure


def _drawable(column: pd.Series, number: bool = False) -> pd.Series:
    """Which values have a place on an axis: not the missing ones, not the infinite ones."""
    if number or pd.api.types.is_numeric_dtype(column):
        numbers = pd.to_numeric(column, errors="coerce").astype("Float64")
        return (numbers.abs() < float("inf")).fillna(False).astype(bool)
    return column.notna()
