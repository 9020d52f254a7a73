"""What every figure has in common: a title that says what it shows, alt text, room for both."""

from __future__ import annotations

import textwrap

import plotly.graph_objects as go

from mgrec_core.figures.palette import FONT, MUTED, TEXT, template
from mgrec_core.figures.text import clean, escape, shorten

_TITLE, _LINE = 18, 16  # pixels: title line, subtitle line
_TITLE_LIMIT, _WRAP = 72, 88  # characters of a line that fit a column of about 480 px


def _lines(text: str, width: int) -> str:
    return "<br>".join(escape(line) for line in textwrap.wrap(clean(text), width))


def dress(
    figure: go.Figure,
    *,
    title: str,
    subtitle: str = "",
    alt: str,
    height: int,
    dark: bool,
    legend: bool = False,
    above: int = 0,
    width: int = 600,
) -> go.Figure:
    """Give a figure its title, alt text, theme and height, and return it.

    Parameters
    ----------
    figure
        Changed in place.
    title, subtitle
        Plain text, escaped here; the subtitle is wrapped, since plotly cuts what is too long.
    alt
        What somebody who cannot see the figure is told; stored in ``layout.meta["alt"]``.
    height
        Pixels of the plotting area, without title and legend.
    legend
        Whether to show a legend above the plot, with room for its rows.
    above
        Pixels for what else stands above the plot: titles of panels, an axis. ``layout.meta["room"]``
        says how much legend and this take, for pages that show the title elsewhere.
    width
        Pixels of the narrowest column the figure is drawn in: the legend's rows are reckoned with it.
    """
    # plotly pushes a second line of the title out of the figure: the title has one, the subtitle many.
    head = escape(shorten(title, _TITLE_LIMIT))
    tail = _lines(subtitle, _WRAP)
    top = 14 + _TITLE + 6
    top += (tail.count("<br>") + 1) * (_LINE + 2) + 4 if tail else 0
    room = (21 * _legend_rows(figure, width) + 8 if legend else 6) + above
    bottom = 56
    figure.update_layout(
        template=template(dark),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": TEXT[dark], "size": 13},
        title={
            "text": head,
            "font": {"size": _TITLE, "family": FONT, "color": TEXT[dark]},
            "subtitle": {"text": tail, "font": {"size": 13, "family": FONT, "color": MUTED[dark]}},
            "x": 0, "xref": "container", "xanchor": "left", "pad": {"l": 4},
            "y": 1, "yref": "container", "yanchor": "top",
        },
        margin={"l": 8, "r": 20, "t": top + room, "b": bottom},
        height=top + room + height + bottom,
        showlegend=legend,
        legend={
            # A hair left of the plot: from there plotly lets the legend use the width of the row labels too.
            "orientation": "h", "x": -1e-6, "xanchor": "left", "xref": "paper",
            "y": 1 + above / max(height, 1), "yanchor": "bottom",
            "traceorder": "normal", "itemclick": "toggle",
        },
        meta={"alt": clean(alt), "room": room},
    )  # fmt: skip
    figure.update_layout(title_pad_t=12)
    return figure


def _legend_rows(figure: go.Figure, width: int) -> int:
    """Return how many rows the legend takes in a column of that many pixels."""
    names = [trace.name or "" for trace in figure.data if trace.showlegend is not False]
    across = max(1, width // (50 + 7 * max((len(n) for n in names), default=1)))
    return -(-len(names) // across)


def empty(sentence: str, *, title: str, dark: bool) -> go.Figure:
    """Return a figure that holds one sentence instead of data.

    Parameters
    ----------
    sentence
        Why there is nothing to see and what to do; plain text.
    title
        What the figure would have shown.
    """
    figure = go.Figure()
    dress(figure, title=title, alt=f"{title}. {sentence}", height=90, dark=dark)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=_lines(sentence, 70), x=0, y=0.8, xref="paper", yref="paper", xanchor="left", yanchor="top",
        showarrow=False, align="left", font={"size": 14, "color": MUTED[dark]},
    )  # fmt: skip
    return figure


def bars_only(figure: go.Figure) -> None:
    """Make a figure of horizontal bars stand still: nothing to zoom, the zero line over the bars."""
    figure.update_layout(hovermode="closest", clickmode="event+select", dragmode=False)
    # A chosen bar stands out, and what is not chosen stays readable.
    figure.update_traces(unselected={"marker": {"opacity": 0.55}})
    figure.update_xaxes(
        fixedrange=True, tickangle=0, zeroline=True, zerolinewidth=2, zerolinelayer="above traces"
    )
    figure.update_yaxes(fixedrange=True, showgrid=False, zeroline=False)


def bar_pitch(rows: int) -> int:
    """Return the height in pixels of one of ``rows`` rows: airy when few, tight but legible when many."""
    return 38 if rows <= 5 else 32 if rows <= 10 else 26 if rows <= 25 else 22
