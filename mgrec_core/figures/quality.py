"""The small charts of the data quality page: bars or a line with a reference."""

from __future__ import annotations

import plotly.graph_objects as go

from mgrec_core.figures.frame import dress, empty
from mgrec_core.figures.palette import BACKGROUND, MUTED, colour
from mgrec_core.figures.text import clean, escape
from mgrec_core.quality.document import Chart


def quality_chart(chart: Chart, *, dark: bool = False) -> go.Figure:
    """Draw one chart of the quality document.

    Parameters
    ----------
    chart
        Classes or periods with a value each; its texts are escaped here.
    """
    if not chart.values:
        return empty("There is nothing to count.", title=chart.title, dark=dark)
    at = list(range(len(chart.labels)))
    hover = [
        f"{escape(label)} ({escape(chart.quantity)})<br><b>{value:,.4g} {escape(chart.counted)}</b>"
        for label, value in zip(chart.labels, chart.values, strict=True)
    ]
    shared = {
        "x": at,
        "y": list(chart.values),
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    figure = go.Figure()
    if chart.kind == "bars":
        line = {"color": BACKGROUND[dark], "width": 1 if len(at) <= 30 else 0}
        figure.add_trace(go.Bar(**shared, marker={"color": colour("behaviour", dark), "line": line}))
    else:
        figure.add_trace(
            go.Scatter(
                **shared, mode="lines+markers", line={"color": colour("behaviour", dark)}, name="measured"
            )
        )
    if chart.reference:
        dashed = {"color": MUTED[dark], "dash": "dash"}
        figure.add_trace(
            go.Scatter(x=at, y=list(chart.reference), mode="lines", line=dashed, hoverinfo="skip",
                       name=escape(chart.reference_name))
        )  # fmt: skip
    dress(
        figure,
        title=chart.title,
        subtitle=chart.note,
        alt=f"{clean(chart.title)}. {clean(chart.note)}",
        height=210,
        dark=dark,
        legend=bool(chart.reference),
    )
    step = -(-len(at) * (max(map(len, chart.labels), default=1) + 3) // 90) if at else 1
    figure.update_xaxes(
        tickmode="array", tickvals=at[::step], ticktext=[escape(label) for label in chart.labels[::step]],
        title={"text": escape(chart.quantity)}, showgrid=False, zeroline=False, tickangle=0, fixedrange=True,
    )  # fmt: skip
    top = max([*chart.values, *chart.reference, 0.0])
    figure.update_yaxes(
        title={"text": escape(chart.counted)},
        range=[0, 1.08 * top or 1],
        nticks=5,
        tickformat=",",
        fixedrange=True,
    )
    figure.update_layout(bargap=0.06, hovermode="closest", dragmode=False)
    return figure
