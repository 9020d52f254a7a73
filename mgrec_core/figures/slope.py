"""Where items go between two ranked lists."""

from __future__ import annotations

import plotly.graph_objects as go

from mgrec_core.figures.frame import dress, empty
from mgrec_core.figures.palette import MUTED, TEXT, colour
from mgrec_core.figures.text import clean, hover, label, shorten
from mgrec_core.foundation.results import RankedList


def slope_chart(
    first: RankedList, second: RankedList, names: tuple[str, str], *, title: str = "", dark: bool = False
) -> go.Figure:
    """Draw the ranks of two lists side by side, joined where an item is in both.

    Parameters
    ----------
    names
        What the two lists are called.
    title
        What is shown, where it is not one user under two weightings.
    """
    gone, new = (f"only {shorten(n, 18)}" for n in names) if title else ("leaves", "enters")
    if not title:
        user, left, right = shorten(first.user_id, 20), shorten(names[0], 18), shorten(names[1], 18)
        title = f"Ranks of user {user}: {left} and {right}"
    if not first.items and not second.items:
        return empty("Both lists are empty: no item is left to rank.", title=title, dark=dark)
    before = {item.item_id: item for item in first.items}
    after = {item.item_id: item for item in second.items}
    depth = max(len(first.items), len(second.items))
    figure = go.Figure()
    for word, hue in (
        ("rises", colour("attribute", dark)),
        ("falls", colour("social", dark)),
        ("stays", MUTED[dark]),
    ):
        x: list[float | None] = []
        y: list[float | None] = []
        texts: list[str] = []
        for item_id, item in before.items():
            other = after.get(item_id)
            if other is None or _move(item.rank, other.rank) != word:
                continue
            x += [0, 1, None]
            y += [item.rank, other.rank, None]
            said = f"<b>{hover(item.title or item_id)}</b><br>rank {item.rank} → {other.rank}"
            texts += [said, said, ""]
        if x:
            figure.add_scatter(
                x=x, y=y, mode="lines+markers", name=word, line={"color": hue, "width": 2},
                marker={"size": 8}, hovertext=texts, hovertemplate="%{hovertext}<extra></extra>",
            )  # fmt: skip
    for side, mine, others, word, symbol in (
        (0, before, after, gone, "x"),
        (1, after, before, new, "star"),
    ):
        alone = [item for item_id, item in mine.items() if item_id not in others]
        if alone:
            figure.add_scatter(
                x=[side] * len(alone),
                y=[item.rank for item in alone],
                mode="markers",
                name=label(word, 26),
                marker={"symbol": symbol, "size": 10, "color": colour("collaborative", dark)},
                hovertext=[
                    f"<b>{hover(i.title or i.item_id)}</b><br>{hover(word)}, rank {i.rank}" for i in alone
                ],
                hovertemplate="%{hovertext}<extra></extra>",
            )
    # In one go: plotly checks all annotations again with each that is added.
    figure.update_layout(
        annotations=[
            {
                "x": side, "y": item.rank, "text": f"{item.rank}  {label(item.title or item.item_id, 28)}",
                "showarrow": False, "xanchor": anchor, "xshift": -12 if side == 0 else 12,
                "font": {"size": 12, "color": TEXT[dark]},
            }
            for side, items, anchor in ((0, first.items, "right"), (1, second.items, "left"))
            for item in items
        ]
    )  # fmt: skip
    shared = len(before.keys() & after.keys())
    dress(
        figure,
        title=title,
        subtitle=f"{shared} of the {depth} best items are in both lists (k = {first.k}).",
        alt=(
            f"Slope chart. {clean(title)}: {shared} of {depth} items are in both"
            f" {clean(names[0])} and {clean(names[1])}."
        ),
        height=28 * depth + 20,
        dark=dark,
        legend=True,
        above=24,
    )
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(
        range=[-1.15, 2.15], tickvals=[0, 1], ticktext=[label(n, 24) for n in names],
        showgrid=False, zeroline=False, fixedrange=True, side="top",
    )  # fmt: skip
    figure.update_yaxes(range=[depth + 0.6, 0.4], visible=False, fixedrange=True)
    return figure


def _move(before: int, after: int) -> str:
    return "rises" if after < before else "falls" if after > before else "stays"
