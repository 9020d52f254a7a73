"""What a cohort holds more and less often than everybody: bars from “as often” to the lift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mgrec_core.figures.frame import bars_only, dress, empty
from mgrec_core.figures.palette import MUTED, colour
from mgrec_core.figures.text import escape, hover, label

_LEAST, _MOST = 1 / 16, 16.0
_PITCH = 40  # pixels of a row: its name and its shares


def lift_bars(
    frame: pd.DataFrame, *, title: str, subtitle: str = "", unit: str = "of users", dark: bool = False
) -> go.Figure:
    """Draw the lift of attribute values on a logarithmic axis that starts at 1.

    Parameters
    ----------
    frame
        As :func:`mgrec_core.analysis.profile.distinctive` gives it: columns ``attribute, value, share,
        share_all, lift``. Lifts beyond 16 (or below 1/16) are drawn there; the hover says them.
    unit
        What shares are of, for hover and alt text.
    """
    if frame.empty:
        return empty(
            "Nothing sets this cohort apart: its attributes are spread as everybody's are.",
            title=title,
            dark=dark,
        )
    data = frame.iloc[::-1]
    lift = np.clip(data["lift"].to_numpy(float), _LEAST, _MOST)
    rows = [f"{n} " for n in range(len(data))]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=rows,
        x=np.log2(lift),
        marker={
            "color": [colour("behaviour" if value >= 1 else "social", dark) for value in lift],
            "line": {"width": 0},
        },
        hovertext=[
            f"<b>{hover(row.value)}</b><br>{escape(row.attribute)}<br>{row.share:.1%} {escape(unit)} in the"
            f" cohort, {row.share_all:.1%} of everybody<br>lift {row.lift:.2f}"
            for row in data.itertuples()
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    first = frame.iloc[0]
    dress(
        figure,
        title=title,
        subtitle=subtitle,
        alt=f"{title}. Bars of lift, 1 is as often as everybody. First: {first['attribute']}"
        f" {first['value']}, {first['share']:.0%} {unit} in the cohort,"
        f" {first['share_all']:.0%} of everybody.",
        height=_PITCH * len(data) + 24,
        dark=dark,
    )
    bars_only(figure)
    figure.update_yaxes(
        tickmode="array",
        tickvals=rows,
        ticktext=[
            f"{label(row.attribute, 12)}: {label(row.value, 18)}<br>"
            f'<span style="font-size:11px;color:{MUTED[dark]}">{row.share:.0%} / {row.share_all:.0%}</span>'
            for row in data.itertuples()
        ],
    )
    high, low = max(0.5, float(np.log2(lift).max())), min(0.0, float(np.log2(lift).min()))
    ticks = [t for t in range(-4, 5) if low - 0.01 <= t <= high + 0.01]
    low, reach = 1.1 * low, 1.1 * high
    figure.update_xaxes(
        range=[low, reach],
        tickvals=ticks,
        ticktext=[f"{2**t}×" if t >= 0 else f"1/{2**-t}×" for t in ticks],
    )
    figure.update_layout(bargap=0.25)
    return figure
