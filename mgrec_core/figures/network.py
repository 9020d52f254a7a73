"""A knowledge graph's node and what is around it, drawn as a network."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from mgrec_core.figures.frame import dress, empty
from mgrec_core.figures.palette import BACKGROUND, MUTED, TEXT, categorical
from mgrec_core.figures.text import hover, label, shorten

MOST_NODES = 60
_LABELLED = 34
_SHOWN_RELATIONS = 5


def network(
    triples: pd.DataFrame,
    centre: str,
    name: str,
    *,
    most: int = MOST_NODES,
    total: int = 0,
    dark: bool = False,
) -> go.Figure:
    """Draw a node in the middle and its neighbours around it, one line style a relation.

    The layout depends on the triples alone: neighbours stand in a ring (two where there are many), sorted
    by relation and name. The ``customdata`` of a node is its id.

    Parameters
    ----------
    triples
        Columns head_id, head, relation, tail_id, tail, source, confidence; those of the centre first.
    centre, name
        Id and readable name of the node in the middle.
    most
        Most neighbours drawn, ≥ 1.
    total
        How many triples the centre has, drawn or not.
    """
    title = f"Around “{shorten(name)}” in the knowledge graph"
    own = triples[(triples["head_id"] == centre) | (triples["tail_id"] == centre)]
    if own.empty:
        return empty("No triple passes the filter: choose other relations.", title=title, dark=dark)
    ring: dict[str, tuple[str, str, float, str]] = {}
    for row in own.itertuples():
        far, text = (row.tail_id, row.tail) if row.head_id == centre else (row.head_id, row.head)
        if far != centre and far not in ring and len(ring) < most:
            ring[str(far)] = (str(row.relation), str(text), float(str(row.confidence)), str(row.source))
    order = sorted(ring, key=lambda node: (ring[node][0], ring[node][1].casefold(), node))
    places = {centre: (0.0, 0.0)} | _ring(order)
    counts = own["relation"].value_counts()
    shown = sorted(counts.index, key=lambda relation: (-counts[relation], relation))[:_SHOWN_RELATIONS]
    styles = dict(zip(shown, categorical(dark), strict=False))
    figure = go.Figure()
    drawn = triples[triples["head_id"].isin(places) & triples["tail_id"].isin(places)]
    drawn = drawn[drawn["head_id"] != drawn["tail_id"]]
    among = drawn[(drawn["head_id"] != centre) & (drawn["tail_id"] != centre)]
    _edges(figure, among, places, "between neighbours", MUTED[dark], 0.8, "dot")
    direct = drawn.drop(among.index)
    dashes = ("solid", "dash", "dashdot", "longdash", "solid")
    for n, relation in enumerate(shown):
        part = direct[direct["relation"] == relation]
        _edges(figure, part, places, label(relation, 24), styles[relation][0], 1.8, dashes[n])
    _edges(
        figure, direct[~direct["relation"].isin(shown)], places, "other relations", MUTED[dark], 1.6, "solid"
    )
    few = len(order) <= _LABELLED
    figure.add_scatter(
        x=[places[node][0] for node in order], y=[places[node][1] for node in order],
        mode="markers+text" if few else "markers", showlegend=False, name="neighbours", customdata=order,
        text=[label(ring[node][1], 22) for node in order],
        textposition=["middle right" if places[node][0] >= 0 else "middle left" for node in order],
        textfont={"color": TEXT[dark], "size": 12}, cliponaxis=False,
        marker={
            "size": 13, "line": {"color": BACKGROUND[dark], "width": 1.5},
            "color": [styles.get(ring[node][0], (MUTED[dark], ""))[0] for node in order],
            "symbol": [styles.get(ring[node][0], ("", "circle"))[1] for node in order],
        },
        hovertext=[
            f"<b>{hover(ring[n][1])}</b><br>{hover(ring[n][0])}<br>source {hover(ring[n][3])}, confidence"
            f" {ring[n][2]:.2f}"
            for n in order
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0], y=[0], mode="markers+text", showlegend=False, name="centre", customdata=[centre],
        text=[f"<b>{label(name, 30)}</b>"], textposition="top center",
        textfont={"color": TEXT[dark], "size": 14}, cliponaxis=False,
        marker={"size": 22, "color": TEXT[dark], "line": {"color": BACKGROUND[dark], "width": 2}},
        hovertext=[f"<b>{hover(name)}</b>"], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    total = max(total, len(own))
    dress(
        figure,
        title=title,
        subtitle=f"{len(direct):,} of its {total:,} triples, {len(order)} neighbours; click one to go there",
        alt=(
            f"Network: {shorten(name)} in the middle, {len(order)} neighbours around it. "
            + "; ".join(f"{shorten(r, 24)}: {int(counts[r])}" for r in shown)
            + "."
        ),
        height=520,
        dark=dark,
        legend=True,
        width=1000,
    )
    figure.update_xaxes(visible=False, range=[-1.75, 1.75], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-1.15, 1.15], fixedrange=True)
    figure.update_layout(hovermode="closest", dragmode=False, clickmode="event+select")
    return figure


def _ring(order: list[str]) -> dict[str, tuple[float, float]]:
    """Places on one ring, on two in turn where one would be too full."""
    step = 2 * math.pi / max(len(order), 1)
    places = {}
    for n, node in enumerate(order):
        radius = 1.0 if len(order) <= _LABELLED or n % 2 == 0 else 0.7
        angle = math.pi / 2 - (n + 0.5) * step
        places[node] = (round(radius * math.cos(angle), 4), round(radius * math.sin(angle), 4))
    return places


def _edges(
    figure: go.Figure,
    triples: pd.DataFrame,
    places: dict[str, tuple[float, float]],
    name: str,
    colour: str,
    width: float,
    dash: str,
) -> None:
    """Add the lines of one relation as one trace."""
    if triples.empty:
        return
    x: list[float | None] = []
    y: list[float | None] = []
    for head, tail in zip(triples["head_id"], triples["tail_id"], strict=True):
        x += [places[head][0], places[tail][0], None]
        y += [places[head][1], places[tail][1], None]
    figure.add_scatter(
        x=x, y=y, mode="lines", name=name, hoverinfo="skip",
        line={"color": colour, "width": width, "dash": dash},
    )  # fmt: skip
