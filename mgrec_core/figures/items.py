"""One item: what is near it, and who gets to see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from mgrec_core.figures.frame import bar_pitch, bars_only, dress, empty
from mgrec_core.figures.palette import MUTED, TEXT, bar_marker, colour, name, ordered
from mgrec_core.figures.text import clean, hover, label, shorten
from mgrec_core.foundation.results import Neighbour


def neighbour_bars(
    neighbours: Sequence[Neighbour], granularity: str, title: str, *, dark: bool = False
) -> go.Figure:
    """Draw the items nearest to one as bars of their cosine; the ``customdata`` of a bar is an item's id.

    Parameters
    ----------
    neighbours
        Best first.
    granularity
        Where they are near: a granularity, or ``fused``.
    title
        The item's own.
    """
    where = "fused" if granularity == "fused" else f"by {name(granularity)}"
    head = f"Nearest to “{shorten(title, 34)}” {where}"
    if not neighbours:
        return empty(
            f"This item has no vector at the granularity {name(granularity)}, so nothing is near it there.",
            title=head,
            dark=dark,
        )
    rows = [n.rank for n in neighbours]
    values = [n.cosine for n in neighbours]
    marker = (
        {"color": TEXT[dark], "opacity": 0.75} if granularity == "fused" else bar_marker(granularity, dark)
    )
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=rows,
            x=values,
            marker=marker,
            customdata=[n.item_id for n in neighbours],
            text=[f"{v:.2f}" for v in values],
            textposition="outside",
            textfont={"color": TEXT[dark]},
            cliponaxis=False,
            hovertext=[
                f"<b>{hover(n.title or n.item_id)}</b><br>cosine {n.cosine:.4f}; click to go there"
                for n in neighbours
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    dress(
        figure,
        title=head,
        subtitle=f"Cosine of the item's vector with the {len(neighbours)} nearest items'; click a bar to go"
        " there",
        alt=(
            f"Horizontal bars: the {len(neighbours)} items nearest to {shorten(title)} {where}. "
            + ", ".join(f"{shorten(n.title or n.item_id)} {n.cosine:.2f}" for n in neighbours[:3])
            + "."
        ),
        height=bar_pitch(len(rows)) * len(rows) + 12,
        dark=dark,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[label(n.title or n.item_id) for n in neighbours],
        range=[len(rows) + 0.6, 0.4],
    )  # fmt: skip
    low = min(0.0, *values)
    figure.update_xaxes(
        range=[1.15 * low, 1.15 * max(*values, 0.1)], nticks=6, title={"text": "cosine (1 = same direction)"}
    )
    bars_only(figure)
    return figure


def audience_bars(counts: Mapping[str, int], *, n_users: int, k: int, dark: bool = False) -> go.Figure:
    """Draw how many users see an item, by the granularity that contributes most.

    Parameters
    ----------
    counts
        Users by granularity.
    n_users
        Users that were ranked.
    k
        Length of their lists.
    """
    head = f"What brings it into their top {k}"
    if not counts:
        return empty(f"No user has it in the top {k} under these weights.", title=head, dark=dark)
    shown = ordered(counts)
    total = sum(counts.values())
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=list(range(len(shown))),
            x=[counts[g] for g in shown],
            marker={
                "color": [colour(g, dark) for g in shown],
                "pattern": {
                    "shape": [bar_marker(g, dark)["pattern"]["shape"] for g in shown],  # type: ignore[index]
                    **{k: v for k, v in bar_marker(shown[0], dark)["pattern"].items() if k != "shape"},  # type: ignore[attr-defined]
                },
            },
            text=[f"{counts[g]:,}" for g in shown],
            textposition="outside",
            textfont={"color": TEXT[dark]},
            cliponaxis=False,
            hovertext=[
                f"<b>{name(g)}</b> contributes most for {counts[g]:,} users"
                f" ({counts[g] / total:.0%} of the audience)"
                for g in shown
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    dress(
        figure,
        title=head,
        subtitle=f"Users by the granularity that contributes most to the item's score: {total:,} of"
        f" {n_users:,} users see it",
        alt="Horizontal bars: users who see the item by its strongest granularity. "
        + ", ".join(f"{name(g)} {counts[g]:,}" for g in shown)
        + ".",
        height=bar_pitch(len(shown)) * len(shown) + 12,
        dark=dark,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(shown))), ticktext=[name(g) for g in shown],
        range=[len(shown) - 0.4, -0.6],
    )  # fmt: skip
    figure.update_xaxes(
        range=[0, 1.15 * max(counts.values())], nticks=6, tickformat=",d", title={"text": "users"}
    )
    bars_only(figure)
    return figure


def segment_shares(
    groups: pd.DataFrame, *, segment: str, overall: float, k: int, dark: bool = False
) -> go.Figure:
    """Draw which share of each group of users sees an item, against the share of everybody.

    Parameters
    ----------
    groups
        Columns group, users, seeing, share; missing figures are suppressed groups.
    overall
        Share of all users, in [0, 1].
    """
    head = f"Share that has it in the top {k}, by {clean(segment)}"
    shown = groups[groups["share"].notna()]
    if shown.empty:
        return empty("Every group is too small to be told of.", title=head, dark=dark)
    rows = list(range(len(shown)))
    shares = [100 * float(s) for s in shown["share"]]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=rows,
            x=shares,
            marker={"color": colour("behaviour", dark)},
            hoverinfo="skip",
        )
    )
    # The numbers stand at the right edge, where neither bars nor the line of everybody reach.
    for row, share, seeing, users in zip(rows, shares, shown["seeing"], shown["users"], strict=True):
        figure.add_annotation(
            x=1, xref="paper", y=row, text=f"{share:.1f} % ({seeing:,} of {users:,})", xanchor="right",
            showarrow=False, font={"color": TEXT[dark], "size": 13},
        )  # fmt: skip
    figure.add_vline(x=100 * overall, line={"color": TEXT[dark], "width": 2, "dash": "dash"})
    figure.add_annotation(
        x=100 * overall, y=1, yref="paper", yanchor="bottom", xanchor="left", showarrow=False,
        text=f"everybody {overall:.1%}", font={"color": MUTED[dark], "size": 12},
    )  # fmt: skip
    hidden = len(groups) - len(shown)
    dress(
        figure,
        title=head,
        subtitle="Users of each group, with counts; the dashed line is everybody's share"
        + (f". {hidden} of the groups suppressed: too few users" if hidden else ""),
        alt="Horizontal bars: share of each group that sees the item. "
        + ", ".join(f"{shorten(g, 24)} {s:.1f} %" for g, s in zip(shown["group"], shares, strict=True))
        + f". Everybody {100 * overall:.1f} %.",
        height=bar_pitch(len(rows)) * len(rows) + 12,
        dark=dark,
        above=18,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[label(g, 28) for g in shown["group"]],
        range=[len(rows) - 0.4, -0.6],
    )  # fmt: skip
    figure.update_xaxes(
        range=[0, 1.6 * max(*shares, 100 * overall, 1.0)], ticksuffix=" %", nticks=5,
        title={"text": "share of the group's users"},
    )  # fmt: skip
    bars_only(figure)
    return figure
