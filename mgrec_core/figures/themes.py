"""A user's themes at one granularity: how much each makes up, and where it is heading."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from mgrec_core.figures.frame import bars_only, dress, empty
from mgrec_core.figures.palette import MUTED, TEXT, bar_marker, name
from mgrec_core.figures.text import escape, hover, isolate, label, shorten
from mgrec_core.foundation.themes import Theme

STEADY = 0.02
"""A theme whose share of the halves differs by less is steady."""
_PITCH = 50


def trend_sign(theme: Theme) -> str:
    """Say where a theme is heading, in percentage points of the history; empty without times.

    Examples
    --------
    >>> trend_sign(Theme("Horror", 0.5, 0.6, 0.35, (), (), (), False, ()))
    '▲ 25'
    >>> trend_sign(Theme("Horror", 0.5, 0.5, 0.51, (), (), (), False, ()))
    'steady'
    """
    change = theme.trend
    if change is None:
        return ""
    if abs(change) < STEADY:
        return "steady"
    return f"{'▲' if change > 0 else '▼'} {abs(100 * change):.0f}"


def theme_bars(themes: Sequence[Theme], granularity: str, dark: bool = False) -> go.Figure:
    """Draw each theme's share of the user's vector, with its trend, its name and its typical items.

    Parameters
    ----------
    themes
        The largest share first; shares sum to 1 and may be negative.
    granularity
        Gives the colour, the pattern and the words.
    """
    title = f"{name(granularity)}: what this user is interested in"
    if not themes:
        return empty(
            f"Nothing in the data speaks of this user at this granularity ({name(granularity)}).",
            title=title,
            dark=dark,
        )
    rows = list(range(len(themes)))
    shares = [100 * theme.share for theme in themes]
    signs = [trend_sign(theme) for theme in themes]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=rows,
            x=shares,
            name=name(granularity),
            marker=bar_marker(granularity, dark),
            hovertext=[_hover(theme) for theme in themes],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    dated = any(signs)
    trend = "; ▲▼ points more or less in the newer half of the history than in the older" if dated else ""
    dress(
        figure,
        title=title,
        subtitle=f"Share of the user's vector, the themes sum to 100 %{trend}",
        alt=(
            f"Horizontal bars: {len(themes)} themes at the granularity {name(granularity)}. "
            + ", ".join(
                f"{shorten(theme.phrase)} {share:.0f} %{f' {sign}' if sign else ''}"
                for theme, share, sign in zip(themes, shares, signs, strict=True)
            )
            + "."
        ),
        height=_PITCH * len(themes) + 12,
        dark=dark,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[_row(theme, dark) for theme in themes],
        range=[len(themes) - 0.4, -0.6],
    )  # fmt: skip
    low, high = min(0.0, *shares), max(0.0, *shares)
    figure.update_xaxes(
        range=[1.05 * low, high + (0.6 if dated else 0.3) * ((high - low) or 1.0)], ticksuffix=" %",
        nticks=4, title={"text": "share of the user's vector"},
    )  # fmt: skip
    for row, (share, sign) in enumerate(zip(shares, signs, strict=True)):
        figure.add_annotation(
            x=max(share, 0.0), y=row, text=f"<b>{share:.0f} %</b>  {sign}".replace("-", "−").rstrip(),
            showarrow=False, xanchor="left", xshift=3, font={"color": TEXT[dark]},
        )  # fmt: skip
    bars_only(figure)
    figure.update_layout(bargap=0.45)
    return figure


def _row(theme: Theme, dark: bool) -> str:
    typical = [title or item for item, title in zip(theme.items, theme.titles, strict=True)]
    below = isolate(escape(shorten("; ".join(typical), 44)))
    return (
        f'<b>{label(theme.phrase, 38)}</b><br><span style="font-size:11px;color:{MUTED[dark]}">{below}</span>'
    )


def _hover(theme: Theme) -> str:
    n = len(theme.evidence)
    lines = [f"<b>{hover(theme.phrase)}</b>", f"{100 * theme.share:.1f} % of the user's vector, {n:,} "
             f"piece{'' if n == 1 else 's'} of evidence"]  # fmt: skip
    if theme.recent is not None and theme.earlier is not None:
        lines.append(f"{theme.recent:.0%} of the newer half of the history, {theme.earlier:.0%} of the older")
    for one in theme.apart[:3]:
        against = "" if one.catalogue is None else f", of all items {percent(one.catalogue)}"
        lines.append(f"{hover(one.label)}: {percent(one.share)} of its items{against}")
    titles = "; ".join(title or item for item, title in zip(theme.items, theme.titles, strict=True))
    if titles:
        lines.append(f"typical: {hover(titles)}")
    return "<br>".join(lines)


def percent(share: float) -> str:
    """A share in percent; what is not nothing is not called 0 %.

    Examples
    --------
    >>> percent(0.42), percent(0.001)
    ('42 %', '< 1 %')
    """
    return "< 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"
