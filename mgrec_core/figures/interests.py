"""What a user is interested in at one granularity: shares of the user's vector."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from mgrec_core.figures.frame import bar_pitch, bars_only, dress, empty
from mgrec_core.figures.palette import TEXT, bar_marker, name
from mgrec_core.figures.text import hover, label, shorten
from mgrec_core.foundation.explanation import Interest


def interest_bars(interests: Sequence[Interest], granularity: str, dark: bool = False) -> go.Figure:
    """Draw the strongest evidence of a user at one granularity, largest share first.

    Parameters
    ----------
    interests
        Evidence with its share of the user's vector, in [0, 1]; shares sum to 1 over *all* evidence,
        so those shown sum to at most 1.
    granularity
        Gives the colour, the pattern and the words.
    """
    title = f"{name(granularity)}: the strongest evidence of this user's interests"
    if not interests:
        return empty(
            f"Nothing in the data speaks of this user at this granularity ({name(granularity)}).",
            title=title,
            dark=dark,
        )
    found = sorted(interests, key=lambda i: (-i.share, i.kind, i.id))
    rows = list(range(len(found)))
    shares = [100 * i.share for i in found]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=rows,
            x=shares,
            name=name(granularity),
            marker=bar_marker(granularity, dark),
            customdata=[i.id for i in found],
            text=[f"{s:.1f} %" for s in shares],
            textposition="outside",
            textfont={"color": TEXT[dark]},
            cliponaxis=False,
            hovertext=[
                f"<b>{hover(i.phrase)}</b><br>{s:.1f} % of the user's vector, weight {i.weight:.3g}"
                for i, s in zip(found, shares, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    dress(
        figure,
        title=title,
        subtitle=f"Share of the user's vector; the {len(found)} shown make up {sum(shares):.0f} % of it",
        alt=(
            f"Horizontal bars: the {len(found)} strongest interests at the granularity {name(granularity)}. "
            + ", ".join(
                f"{shorten(i.phrase)} {s:.0f} %" for i, s in list(zip(found, shares, strict=True))[:3]
            )
            + "."
        ),
        height=bar_pitch(len(found)) * len(found) + 12,
        dark=dark,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[label(i.phrase) for i in found],
        range=[len(found) - 0.4, -0.6],
    )  # fmt: skip
    figure.update_xaxes(
        range=[0, 1.2 * max(*shares, 1e-9)], ticksuffix=" %", nticks=6,
        title={"text": "share of the user's vector"},
    )  # fmt: skip
    bars_only(figure)
    figure.update_layout(bargap=0.3)
    return figure
