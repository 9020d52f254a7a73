"""The ranked list as signed bars: how much each granularity speaks for and against every item."""

from __future__ import annotations

import plotly.graph_objects as go

from mgrec_core.figures.frame import bar_pitch, bars_only, dress, empty
from mgrec_core.figures.palette import BACKGROUND, TEXT, bar_marker, name, ordered
from mgrec_core.figures.text import clean, hover, label, shorten, signed
from mgrec_core.foundation.results import RankedItem, RankedList


def _share(item: RankedItem, granularity: str) -> float:
    """Return |contribution| / Σ|contributions| of the item, in [0, 1]; 0 where all are 0."""
    total = sum(abs(v) for v in item.contributions.values())
    return abs(item.contributions.get(granularity, 0.0)) / total if total > 0 else 0.0


def _hover(item: RankedItem, granularity: str) -> str:
    return (
        f"<b>{hover(item.title or item.item_id)}</b><br>{name(granularity)} "
        f"<b>{signed(item.contributions.get(granularity, 0.0))}</b>"
        f" ({_share(item, granularity):.0%} of all contributions, signs ignored)"
        f"<br>rank {item.rank}, score {signed(item.score)}"
    )


def _alt(ranked: RankedList, granularities: list[str], best: str) -> str:
    first = ranked.items[0]
    strongest = max(granularities, key=lambda g: abs(first.contributions.get(g, 0.0)), default="")
    return (
        f"Horizontal bars: the {best} of user {shorten(ranked.user_id)} in"
        f" rank order, each score split into the signed contributions of {len(granularities)} granularities."
        f" First: {shorten(first.title or first.item_id)}, score {signed(first.score)}, where"
        f" {name(strongest) if strongest else 'nothing'} contributes most"
        f" ({signed(first.contributions.get(strongest, 0.0))})."
    )


def contribution_bars(
    ranked: RankedList, *, dark: bool = False, noun: str = "item", among: str = "unseen items"
) -> go.Figure:
    """Draw one row per ranked item, its contributions stacked outwards from zero.

    Positive contributions grow to the right and negative ones to the left, never onto each other,
    so that every bar has its true length; a diamond marks the score, which is their sum. The
    ``customdata`` of every point is the item's id.

    Parameters
    ----------
    ranked
        k ≥ 0 items, best first. Contributions are in scaled score units (no dimension).
    dark
        Whether the page is dark.
    noun, among
        What is ranked ("item", "person", "ad"), and among which.
    """
    user = shorten(ranked.user_id)
    items = ranked.items
    if not items:
        return empty(
            "There is no unseen item to rank: this user has seen the whole catalogue, or filters leave"
            " nothing."
            if noun == "item"
            else f"There is no {noun} to rank for this user.",
            title=f"Contributions to the ranked list of user {user}",
            dark=dark,
        )
    granularities = ordered({*ranked.weights, *(g for item in items for g in item.contributions)})
    rows = list(range(1, len(items) + 1))
    ids = [item.item_id for item in items]
    figure = go.Figure()
    for g in granularities:
        weight = ranked.weights.get(g)
        figure.add_bar(
            orientation="h",
            y=rows,
            x=[item.contributions.get(g, 0.0) for item in items],
            name=name(g) if weight is None else f"{name(g)} (λ {weight:.2f})",
            marker=bar_marker(g, dark),
            customdata=ids,
            hovertext=[_hover(item, g) for item in items],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.add_scatter(
        mode="markers",
        y=rows,
        x=[item.score for item in items],
        name="Score (the sum)",
        marker={
            "symbol": "diamond", "size": 11 if len(items) <= 25 else 9, "color": TEXT[dark],
            "line": {"color": BACKGROUND[dark], "width": 2},
        },
        customdata=ids,
        hovertext=[
            f"<b>{hover(i.title or i.item_id)}</b><br>rank {i.rank}, score <b>{signed(i.score)}</b>"
            for i in items
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    many = "people" if noun == "person" else f"{noun}s"
    count = f"{len(items)} best {many}" if len(items) > 1 else f"best {noun}"
    dress(
        figure,
        title=f"What puts the {count} of user {user} where they are",
        subtitle=(
            f"Signed contribution of each granularity to the score (k = {ranked.k}, {ranked.n_candidates:,}"
            f" {among}, fusion by {clean(ranked.fusion)}, base {name(ranked.base)}). Right of zero"
            f" speaks for the {noun}, left of it against."
        ),
        alt=_alt(ranked, granularities, f"{len(items)} best {among}"),
        height=bar_pitch(len(items)) * len(items) + 12,
        dark=dark,
        legend=True,
    )
    figure.update_layout(barmode="relative", bargap=0.28)
    bars_only(figure)
    figure.update_yaxes(
        tickmode="array",
        tickvals=rows,
        ticktext=[f"{i.rank}  {label(i.title or i.item_id)}" for i in items],
        range=[len(items) + 0.6, 0.4],
        title=None,
    )
    figure.update_xaxes(title={"text": "contribution to the score (scaled units)"}, nticks=7)
    return figure
