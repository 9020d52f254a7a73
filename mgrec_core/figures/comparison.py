"""Two ranked lists side by side: what makes their difference."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from mgrec_core.analysis.comparison import Comparison, ItemDifference
from mgrec_core.figures.frame import bar_pitch, bars_only, dress, empty
from mgrec_core.figures.palette import BACKGROUND, MUTED, TEXT, bar_marker, colour, name, ordered
from mgrec_core.figures.text import clean, hover, label, shorten, signed

_MOST = 24


def difference_items(found: Comparison, *, dark: bool = False) -> go.Figure:
    """Draw for each item of either list which granularities make its two scores differ.

    Differences of contributions are stacked outwards from zero: to the right what speaks for the item
    more on the first side, to the left on the second. A diamond marks the difference of the scores,
    which is their sum. The ``customdata`` of every point is the item's id.
    """
    a, b = (shorten(n, 22) for n in found.names)
    head = f"What makes the difference: {a} minus {b}"
    if not found.differences:
        return empty("Both lists are empty: no item is left to rank.", title=head, dark=dark)
    shown = sorted(found.differences, key=lambda d: (-abs(d.difference), d.item_id))[:_MOST]
    shown.sort(key=lambda d: (-d.difference, d.item_id))
    rows = list(range(len(shown)))
    ids = [d.item_id for d in shown]
    figure = go.Figure()
    for g in ordered(found.shares[0]):
        values = [d.by[g] for d in shown]
        if not any(abs(v) > 1e-12 for v in values):
            continue
        figure.add_bar(
            orientation="h", y=rows, x=values, name=name(g), marker=bar_marker(g, dark), customdata=ids,
            hovertext=[_hover(d, g) for d in shown], hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        mode="markers", y=rows, x=[d.difference for d in shown], name="Difference of scores (the sum)",
        marker={"symbol": "diamond", "size": 10, "color": TEXT[dark],
                "line": {"color": BACKGROUND[dark], "width": 2}},
        customdata=ids, hovertext=[_hover(d, None) for d in shown],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    left_out = len(found.differences) - len(shown)
    making = sorted(found.making().items(), key=lambda pair: -pair[1])
    most = ", ".join(f"{name(g)} {share:.0%}" for g, share in making[:3] if share > 0)
    dress(
        figure,
        title=head,
        subtitle=f"Difference of each granularity's contribution, items of either list (k = {found.first.k})"
        + (f", the {len(shown)} that differ most" if left_out else "")
        + (f". Of all differences, signs ignored: {most}" if most else ""),
        alt=f"Diverging bars: {clean(head)}, {len(shown)} items. {most or 'No difference at all'}.",
        height=bar_pitch(len(shown)) * len(shown) + 12,
        dark=dark,
        legend=True,
        width=1000,
    )
    figure.update_layout(barmode="relative", bargap=0.28)
    bars_only(figure)
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[label(d.title or d.item_id, 34) for d in shown],
        range=[len(rows) - 0.4, -0.6], title=None,
    )  # fmt: skip
    figure.update_xaxes(
        title={"text": f"← more for {label(b, 22)}   ·   scaled units   ·   more for {label(a, 22)} →"},
        nticks=7,
    )
    return figure


def _hover(item: ItemDifference, granularity: str | None) -> str:
    ranks = " and ".join("seen" if r is None else f"{r:,}" for r in (item.rank_a, item.rank_b))
    what = (
        f"difference <b>{signed(item.difference)}</b> (scores {signed(item.score_a)} and"
        f" {signed(item.score_b)})"
        if granularity is None
        else f"{name(granularity)} <b>{signed(item.by[granularity])}</b>"
    )
    return f"<b>{hover(item.title or item.item_id)}</b><br>{what}<br>ranks {ranks}"


def share_dumbbells(
    shares: tuple[Mapping[str, float], Mapping[str, float]], names: tuple[str, str], *, k: int, dark: bool
) -> go.Figure:
    """Draw each granularity's share of the positive contributions to two lists, joined by a line.

    Parameters
    ----------
    shares
        In [0, 1], by granularity.
    names
        What the two sides are called.
    """
    order = ordered({*shares[0], *shares[1]})
    rows = list(range(len(order)))
    figure = go.Figure()
    x: list[float | None] = []
    y: list[float | None] = []
    for row, g in zip(rows, order, strict=True):
        x += [100 * shares[0].get(g, 0.0), 100 * shares[1].get(g, 0.0), None]
        y += [row, row, None]
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": MUTED[dark], "width": 2}, hoverinfo="skip", showlegend=False
    )
    for side, (part, symbol) in enumerate(zip(shares, ("circle", "circle-open"), strict=True)):
        figure.add_scatter(
            x=[100 * part.get(g, 0.0) for g in order], y=rows, mode="markers",
            name=label(names[side], 26),
            marker={"symbol": symbol, "size": 13, "color": [colour(g, dark) for g in order],
                    "line": {"width": 3 if side else 1, "color": [colour(g, dark) for g in order]}},
            hovertext=[
                f"<b>{name(g)}</b>, {hover(names[side])}: {part.get(g, 0.0):.1%}" for g in order
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    dress(
        figure,
        title=f"What the two lists live on (k = {k})",
        subtitle="Share of each granularity in all positive contributions to the list; filled: "
        f"{shorten(names[0], 26)}, ring: {shorten(names[1], 26)}",
        alt="Dumbbells: share of each granularity in two lists. "
        + "; ".join(f"{name(g)} {shares[0].get(g, 0.0):.0%} and {shares[1].get(g, 0.0):.0%}" for g in order)
        + ".",
        height=bar_pitch(len(order)) * len(order) + 12,
        dark=dark,
        legend=True,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[name(g) for g in order],
        range=[len(order) - 0.4, -0.6], fixedrange=True, zeroline=False,
    )  # fmt: skip
    most = max([*shares[0].values(), *shares[1].values(), 0.05])
    figure.update_xaxes(
        range=[-2, 108 * most], ticksuffix=" %", nticks=6, fixedrange=True, zeroline=False,
        title={"text": "share of the positive contributions"},
    )  # fmt: skip
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure
