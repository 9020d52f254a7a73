"""What other weights do to everybody: differences with intervals, sweeps of a weight, trade-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mgrec_core.figures.frame import bars_only, dress, empty
from mgrec_core.figures.palette import (
    BACKGROUND,
    GRID,
    MUTED,
    TEXT,
    bar_marker,
    colour,
    name,
    ordered,
    symbol_of,
)
from mgrec_core.figures.text import clean, escape, hover, label

_GOOD, _BAD = "attribute", "social"  # green and vermillion of the palette, told apart by symbol too


def difference_bars(
    rows: Sequence[Mapping[str, Any]], *, title: str, subtitle: str, dark: bool = False
) -> go.Figure:
    """Draw differences with their 95 % intervals around zero.

    Parameters
    ----------
    rows
        ``label``, ``value``, ``reference``, ``difference``, ``low``, ``high`` (both may be ``None``)
        and ``good``: True or False when the difference is wanted or not, ``None`` when the interval
        holds 0.
    """
    if not rows:
        return empty("There is nothing to compare yet.", title=title, dark=dark)
    figure = go.Figure()
    for verdict, word, hue, symbol in (
        (True, "better", colour(_GOOD, dark), "triangle-up"),
        (False, "worse", colour(_BAD, dark), "triangle-down"),
        (None, "within chance, or without an interval", MUTED[dark], "circle"),
    ):
        part = [(n, row) for n, row in enumerate(rows) if row["good"] is verdict]
        figure.add_scatter(
            mode="markers",
            name=word,
            # The legend keeps its rows when a verdict is nobody's: plotly names no trace without a point.
            x=[row["difference"] for _, row in part] or [None],
            y=[n for n, _ in part] or [0],
            marker={"color": hue, "symbol": symbol, "size": 11},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_reach(row, "high") for _, row in part],
                "arrayminus": [_reach(row, "low") for _, row in part],
                "color": hue,
                "thickness": 2,
            },
            hovertext=[
                f"<b>{escape(row['label'])}</b><br>{row['value']:.4f}, reference {row['reference']:.4f}"
                f"<br>{_against(row)}"
                for _, row in part
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    said = "; ".join(f"{clean(row['label'])} {row['difference']:+.4f}" for row in rows)
    dress(
        figure,
        title=title,
        subtitle=subtitle,
        alt=f"{title}: {said}.",
        height=30 * len(rows) + 20,
        dark=dark,
        legend=True,
    )
    bars_only(figure)
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=[label(row["label"]) for row in rows],
        range=[len(rows) - 0.4, -0.6],
    )
    figure.update_xaxes(tickformat=".3~g", nticks=7)
    return figure


def sweep_lines(
    points: Sequence[Mapping[str, Any]],
    metrics: Sequence[tuple[str, str]],
    granularity: str,
    *,
    current: float,
    n_users: int,
    dark: bool = False,
) -> go.Figure:
    """Draw metrics while one weight goes from 0 to 1, one small panel a metric.

    Parameters
    ----------
    points
        ``weight`` and by metric key a dict (or object) with ``value``, ``difference``, ``low``, ``high``.
    metrics
        (key, title) of what is drawn.
    current
        The weight in force, marked in every panel.
    """
    title = f"Everybody's metrics while λ of {name(granularity)} goes from 0 to 1"
    if not points or not metrics:
        return empty("There is no sweep yet: choose a granularity and run one.", title=title, dark=dark)
    columns = min(2, len(metrics))
    rows = -(-len(metrics) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[escape(shown) for _, shown in metrics],
        horizontal_spacing=0.1,
        vertical_spacing=0.3 / rows,
    )
    x = [point["weight"] for point in points]
    for place, (key, shown) in enumerate(metrics):
        row, column = place // columns + 1, place % columns + 1
        found = [point[key] for point in points]
        if found[0]["low"] is not None:
            reference = found[0]["reference"]
            figure.add_scatter(
                x=[*x, *reversed(x)],
                y=[*(reference + f["high"] for f in found), *(reference + f["low"] for f in reversed(found))],
                fill="toself", mode="none", fillcolor=_faded(colour(granularity, dark)), hoverinfo="skip",
                row=row, col=column,
            )  # fmt: skip
        figure.add_scatter(
            x=x,
            y=[f["value"] for f in found],
            mode="lines+markers",
            line={"color": colour(granularity, dark), "width": 2},
            marker={"symbol": symbol_of(granularity), "size": 7},
            hovertext=[
                f"λ {w:.2f}<br>{escape(shown)} <b>{f['value']:.4f}</b><br>{_against(f)}"
                for w, f in zip(x, found, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            row=row,
            col=column,
        )
        figure.add_vline(
            x=current, line={"color": MUTED[dark], "width": 1, "dash": "dot"}, row=row, col=column
        )
    first = metrics[0]
    best = max(points, key=lambda point: point[first[0]]["value"])
    dress(
        figure,
        title=title,
        subtitle=(
            f"{n_users:,} held-out users, full ranking; the other weights stay. Dotted: the weight in force."
            " Band: 95 % interval of the difference to it."
        ),
        alt=(
            f"{title}. {clean(first[1])} is highest, {best[first[0]]['value']:.4f},"
            f" at λ {best['weight']:.2f}."
        ),
        height=190 * rows,
        dark=dark,
        above=18,
    )
    figure.update_annotations(font={"size": 13, "color": TEXT[dark]})
    figure.update_xaxes(range=[-0.02, 1.02], fixedrange=True, nticks=6, zeroline=False)
    figure.update_yaxes(fixedrange=True, nticks=5, tickformat=".3~g", gridcolor=GRID[dark], zeroline=False)
    figure.update_layout(dragmode=False, hovermode="closest")
    return figure


def tradeoff(
    points: Sequence[Mapping[str, Any]],
    x: tuple[str, str],
    y: tuple[str, str],
    *,
    n_users: int,
    chosen: int | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw two metrics under many weights and the points that nothing beats in both.

    Parameters
    ----------
    points
        ``name``, ``weights``, ``x``, ``y``, ``front``; a point's place is its ``customdata``.
    x, y
        (title, ``higher`` or ``lower``: what is wanted).
    chosen
        Place of the point that is looked at.
    """
    title = f"{x[0]} against {y[0]} under {len(points):,} weightings"
    if not points:
        return empty("No weightings were tried yet: run the search.", title="Trade-offs", dark=dark)
    figure = go.Figure()
    parts = (
        ("other weights", [n for n, p in enumerate(points) if not p["front"] and not p["name"]]),
        ("front: nothing beats these in both", [n for n, p in enumerate(points) if p["front"]]),
        ("presets", [n for n, p in enumerate(points) if p["name"]]),
    )
    styles: tuple[dict[str, Any], ...] = (
        {"color": MUTED[dark], "size": 7, "opacity": 0.5, "symbol": "circle"},
        {"color": colour("collaborative", dark), "size": 11, "symbol": "diamond"},
        {"color": colour("behaviour", dark), "size": 13, "symbol": "star"},
    )
    for (word, places), marker in zip(parts, styles, strict=True):
        if not places:
            continue
        ordered_places = sorted(places, key=lambda n: points[n]["x"])
        named = word == "presets"
        figure.add_scatter(
            mode="lines+markers" if word.startswith("front") else "markers+text" if named else "markers",
            name=word,
            x=[points[n]["x"] for n in ordered_places],
            y=[points[n]["y"] for n in ordered_places],
            text=_names([points[n] for n in ordered_places]) if named else None,
            textposition="top center",
            textfont={"color": TEXT[dark], "size": 12},
            line={"color": marker["color"], "width": 1, "dash": "dot"},
            marker={**marker, "line": {"color": BACKGROUND[dark], "width": 1}},
            customdata=[str(n) for n in ordered_places],
            hovertext=[_weights_hover(points[n], x[0], y[0]) for n in ordered_places],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    if chosen is not None and 0 <= chosen < len(points):
        figure.add_scatter(
            mode="markers", name="chosen", x=[points[chosen]["x"]], y=[points[chosen]["y"]],
            marker={"color": "rgba(0,0,0,0)", "size": 20, "line": {"color": TEXT[dark], "width": 2}},
            hoverinfo="skip",
        )  # fmt: skip
    front = sum(bool(p["front"]) for p in points)
    dress(
        figure,
        title=title,
        subtitle=(
            f"{n_users:,} held-out users. Wanted: {x[0]} {x[1]}, {y[0]} {y[1]}. Click a point to see its"
            " weights and take them over."
        ),
        alt=f"{title}: {front} of them are on the front.",
        height=420,
        dark=dark,
        legend=True,
    )
    figure.update_layout(hovermode="closest", clickmode="event+select", dragmode=False)
    figure.update_xaxes(title={"text": escape(x[0])}, zeroline=False, tickformat=".3~g")
    figure.update_yaxes(title={"text": escape(y[0])}, zeroline=False, tickformat=".3~g")
    return figure


def weight_bars(
    weightings: Mapping[str, Mapping[str, float]], *, title: str, dark: bool = False
) -> go.Figure:
    """Draw several weightings beside each other, as shares of their sum.

    Parameters
    ----------
    weightings
        By name, λ by granularity.
    """
    if not weightings:
        return empty("There are no weights to compare.", title=title, dark=dark)
    figure = go.Figure()
    names = list(weightings)
    totals = {n: sum(w.values()) or 1.0 for n, w in weightings.items()}
    for g in ordered({g for w in weightings.values() for g in w}):
        figure.add_bar(
            orientation="h",
            y=list(range(len(names))),
            x=[weightings[n].get(g, 0.0) / totals[n] for n in names],
            name=name(g),
            marker=bar_marker(g, dark),
            hovertext=[
                f"{escape(n)}<br>{name(g)}: λ <b>{weightings[n].get(g, 0.0):.2f}</b>,"
                f" {weightings[n].get(g, 0.0) / totals[n]:.0%} of the sum"
                for n in names
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    said = "; ".join(
        f"{clean(n)}: " + ", ".join(f"{name(g)} {v:.2f}" for g, v in w.items() if v > 0)
        for n, w in weightings.items()
    )
    dress(
        figure,
        title=title,
        subtitle="Each weight as its share of the sum of weights.",
        alt=f"{title}. {said}.",
        height=36 * len(names) + 10,
        dark=dark,
        legend=True,
    )
    figure.update_layout(barmode="stack", bargap=0.35)
    bars_only(figure)
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[label(n) for n in names],
        range=[len(names) - 0.4, -0.6],
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    return figure


def _reach(row: Mapping[str, Any], end: str) -> float:
    """How far an interval's end is from the difference; 0 without an interval."""
    return abs(float(row[end]) - float(row["difference"])) if row[end] is not None else 0.0


def _against(found: Mapping[str, Any]) -> str:
    if found["low"] is None:
        return f"difference {found['difference']:+.4f}"
    return f"difference {found['difference']:+.4f} [{found['low']:+.4f}, {found['high']:+.4f}]"


def _names(points: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name each point; points at one place have their names side by side, not one on the other."""
    together: dict[tuple[float, float], list[str]] = {}
    for point in points:
        together.setdefault((point["x"], point["y"]), []).append(label(point["name"], 24))
    return [", ".join(together.pop((point["x"], point["y"]), [])) for point in points]


def _weights_hover(point: Mapping[str, Any], x: str, y: str) -> str:
    head = f"<b>{hover(point['name'])}</b><br>" if point["name"] else ""
    weights = "<br>".join(f"λ {name(g)} {point['weights'][g]:.2f}" for g in ordered(point["weights"]))
    return f"{head}{escape(x)} <b>{point['x']:.4f}</b><br>{escape(y)} <b>{point['y']:.4f}</b><br>{weights}"


def _faded(hex_colour: str) -> str:
    red, green, blue = (int(hex_colour[n : n + 2], 16) for n in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
