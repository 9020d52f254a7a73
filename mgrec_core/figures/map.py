"""The interest map: users or items as points, near where their vectors are near."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from mgrec_core.figures.frame import dress, empty
from mgrec_core.figures.palette import BACKGROUND, MUTED, TEXT, categorical, colour, name, ordered, symbol_of
from mgrec_core.figures.text import clean, escape, hover, label, shorten
from mgrec_core.model.granularities import find

_HEIGHT = 560
_FEW, _MANY = 6, 12  # categories with a colour and symbol of their own
_BINS = 120
_CONTINUOUS_LIGHT = [[0, "#A9BFD9"], [0.5, "#2E7EB8"], [1, "#08264A"]]
_CONTINUOUS_DARK = [[0, "#27506F"], [0.5, "#4FA3D9"], [1, "#F2F7D5"]]


def scatter(
    frame: pd.DataFrame,
    *,
    of: str,
    colour_name: str = "",
    selected: str | Sequence[str] | None = None,
    cohort: Collection[str] = (),
    labels: pd.DataFrame | None = None,
    background: pd.DataFrame | None = None,
    focus: str = "",
    many: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw a map of users or items.

    Parameters
    ----------
    frame
        Columns ``id, x, y``; optional ``label`` (hover text; the id otherwise), ``colour`` (numbers
        give a continuous scale, anything else categories; granularity names get their own colours)
        and ``n`` (≥ 0, how much is known about a point: gives its size) and ``kind`` (``users`` or
        ``items``, where both are on the map; users have a ring).
    of
        ``users``, ``items`` or ``both``.
    colour_name
        What the colour means, for title and legend.
    selected
        The key or keys to emphasise; those not on the map are passed over.
    cohort
        Keys of points that stay as they are while the rest turns grey; empty: nothing turns grey.
    labels
        Columns ``x, y, label``: words on the map, such as names of clusters; the first 12 are written.
    background
        Columns ``x, y``: everybody's places, drawn as a density, where ``frame`` is a sample of them.
    focus
        The key of a point that the map opens on, near and in the middle.
    many
        Whether up to 12 categories get a colour and symbol of their own, not six.

    Notes
    -----
    The axes carry no numbers because UMAP's axes mean nothing: only who is near whom does.
    The ``customdata`` of every point is its key: the id, or ``kind:id`` where there is a ``kind``.
    """
    of = {"both": "users and items"}.get(of, clean(of) or "points")
    what = clean(colour_name)
    counted = of[:-1] if len(frame) == 1 and of in ("users", "items") else of
    title = f"Map of {len(frame):,} {counted}" + (
        f", coloured by {what}" if what and "colour" in frame else ""
    )
    shown = (
        f"Density of {len(background):,} {of}, a sample of {len(frame):,} drawn. "
        if background is not None and len(background)
        else ""
    )
    if frame.empty:
        return empty(f"There are no {of} on this map yet: compute it first.", title=f"Map of {of}", dark=dark)
    data = _normalised(frame)
    figure = go.Figure()
    groups = 0
    if "colour" not in data:
        _points(figure, data, colour("collaborative", dark), "circle", of, what, dark, legend=of.capitalize())
        legend = ""
    elif _is_continuous(data["colour"]):
        _continuous(figure, data, of, what, dark)
        legend = f" Colour runs with {what or 'a number'}, low to high."
    else:
        names = _categories(figure, data, of, what, dark, many)
        groups = len(names)
        legend = f" Colours: {', '.join(names[:8])}."
    chosen = [selected] if isinstance(selected, str) else list(selected or [])
    found = data[data["key"].isin(chosen)]
    if cohort:
        _fade(figure, set(cohort), dark)
    if len(found):
        _emphasise(figure, found, dark)
    if background is not None and len(background):
        _density(figure, background, dark)
    if labels is not None:
        _words(figure, labels, data, dark)
    dress(
        figure,
        title=title,
        subtitle=shown
        + "Near means similar vectors. Directions, axes and far distances have no meaning (UMAP).",
        alt=(
            f"Scatter plot of {len(data):,} {of} in two dimensions (UMAP), where near points have similar"
            f" vectors and the axes have no meaning.{legend}"
            + (f" {shown.strip()}" if shown else "")
            + (f" Emphasised: {', '.join(shorten(t) for t in found['label'][:3])}." if len(found) else "")
            + (f" A cohort of {len(cohort):,} stands out, the rest is grey." if cohort else "")
            + (
                f" Names on it: {', '.join(shorten(t, 30) for t in labels['label'][:8])}."
                if labels is not None and len(labels)
                else ""
            )
        ),
        height=_HEIGHT,
        dark=dark,
        legend=bool(groups or len(found)),
        width=560,
    )
    hidden = {"showticklabels": False, "ticks": "", "zeroline": False, "showgrid": False, "title": None}
    figure.update_xaxes(**hidden)
    figure.update_yaxes(**hidden, scaleanchor="x", scaleratio=1)
    figure.update_layout(
        dragmode="pan", hovermode="closest", clickmode="event+select", uirevision="map",
        margin_b=12, height=figure.layout.height - 44, legend_itemsizing="constant",
    )  # fmt: skip
    _look(figure, data, focus)
    return figure


def _look(figure: go.Figure, data: pd.DataFrame, focus: str) -> None:
    """Open on one point, with the tenth part of the map around it."""
    found = data[data["key"] == focus] if focus else data[:0]
    if not len(found):
        return
    reach = 0.05 * max(float(np.ptp(data["x"])), float(np.ptp(data["y"])), 1e-3)
    x, y = float(found["x"].iloc[0]), float(found["y"].iloc[0])
    figure.update_xaxes(range=[x - reach, x + reach])
    figure.update_yaxes(range=[y - reach, y + reach])
    # plotly keeps what the reader has zoomed to as long as this stays the same.
    figure.update_layout(uirevision=f"map:{focus}")


def _fade(figure: go.Figure, cohort: set[str], dark: bool) -> None:
    """Grey what is outside the cohort, in the way a lasso does it: a new lasso takes its place."""
    for trace in figure.data:
        inside = [n for n, key in enumerate(trace.customdata) if key in cohort]
        trace.update(selectedpoints=inside)
    grey(figure, dark)


def grey(figure: go.Figure, dark: bool) -> None:
    """Say how points look that a selection leaves out."""
    figure.update_traces(
        selector={"type": "scattergl"}, unselected={"marker": {"opacity": 0.16, "color": MUTED[dark]}}
    )


def _density(figure: go.Figure, background: pd.DataFrame, dark: bool) -> None:
    """Draw how many points lie where, behind the points, on a scale of logarithms."""
    counts, across, up = np.histogram2d(background["x"], background["y"], bins=_BINS)
    with np.errstate(divide="ignore"):
        height = np.where(counts > 0, np.log10(counts), np.nan)
    figure.add_heatmap(
        z=height.T.astype(np.float32),
        x=((across[:-1] + across[1:]) / 2).astype(np.float32),
        y=((up[:-1] + up[1:]) / 2).astype(np.float32),
        colorscale=_CONTINUOUS_DARK if dark else _CONTINUOUS_LIGHT,
        opacity=0.55,
        showscale=False,
        hoverinfo="skip",
        name="Density",
        showlegend=False,
    )
    figure.data = (figure.data[-1], *figure.data[:-1])


def _words(figure: go.Figure, labels: pd.DataFrame, data: pd.DataFrame, dark: bool) -> None:
    """Write on the map; what would cover a word already there goes a little lower."""
    # Reckoned for a chart of about 620 pixels: on a larger one words only stand further apart.
    pixel = max(float(np.ptp(data["x"])), float(np.ptp(data["y"])), 1e-9) / 560
    placed: list[tuple[float, float, float]] = []
    labels = labels.head(_MANY)
    for x, y, words in zip(labels["x"], labels["y"], labels["label"], strict=True):
        half, low = 3.6 * pixel * min(len(clean(words)), 34), float(y)
        while any(abs(x - u) < half + w and abs(low - v) < 20 * pixel for u, v, w in placed):
            low -= 4 * pixel
        placed.append((float(x), low, half))
        figure.add_annotation(
            x=float(x), y=low, text=f"<b>{label(words, 34)}</b>", showarrow=False,
            font={"color": TEXT[dark], "size": 12}, bgcolor=BACKGROUND[dark], opacity=0.86, borderpad=2,
        )  # fmt: skip


def _normalised(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy with text ids and labels, and without points that have no finite place."""
    data = frame.copy()
    data["id"] = data["id"].astype(str)
    data["key"] = data["kind"].astype(str) + ":" + data["id"] if "kind" in data else data["id"]
    data["label"] = data["label"].where(data["label"].notna(), data["id"]) if "label" in data else data["id"]
    if "n" in data:
        data["n"] = pd.to_numeric(data["n"], errors="coerce").astype(float)
    if "colour" in data:
        values = data["colour"]
        # Nullable columns say "missing" in their own way; floats and objects say it in one.
        data["colour"] = (
            values.astype(float)
            if _is_continuous(values)
            else values.astype(object).where(values.notna(), None)
        )
    return data[np.isfinite(data["x"].astype(float)) & np.isfinite(data["y"].astype(float))]


def _is_continuous(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values))


def _size(data: pd.DataFrame) -> NDArray[np.float64] | float:
    """Return marker sizes in pixels: area grows with log(1 + n), smaller where points are many."""
    base = float(np.clip(260 / np.sqrt(max(len(data), 1)), 5, 12))
    if "n" not in data:
        return base
    known = np.log1p(pd.to_numeric(data["n"], errors="coerce").fillna(0).clip(lower=0).to_numpy(float))
    top = known.max(initial=0.0)
    return base * np.sqrt(0.4 + 1.6 * known / top) if top > 0 else base


def _points(
    figure: go.Figure, data: pd.DataFrame, fill: object, symbol: str, of: str, what: str, dark: bool,
    *, legend: str, sizes: object = None, scale: dict[str, object] | None = None,
) -> None:  # fmt: skip
    """Add one group of points."""
    extra = data["colour"] if "colour" in data else pd.Series([None] * len(data), index=data.index)
    amount = data["n"] if "n" in data else pd.Series([None] * len(data), index=data.index)
    figure.add_scattergl(
        mode="markers",
        x=data["x"].to_numpy(np.float32),
        y=data["y"].to_numpy(np.float32),
        name=legend,
        customdata=data["key"].tolist(),
        marker={
            "color": fill, "symbol": symbol, "size": _size(data) if sizes is None else sizes,
            "opacity": 0.9 if len(data) < 3000 else 0.8,
            "line": _outline(data, dark), **(scale or {}),
        },
        hovertext=[
            _hover(i, t, c, n, k, what)
            for i, t, c, n, k in zip(data["id"], data["label"], extra, amount, _kinds(data, of), strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _kinds(data: pd.DataFrame, of: str) -> list[str]:
    return data["kind"].astype(str).tolist() if "kind" in data else [of] * len(data)


def _outline(data: pd.DataFrame, dark: bool) -> dict[str, object]:
    """Draw points apart from each other; among items, users have a ring of the colour of text."""
    if "kind" not in data or data["kind"].nunique() < 2:
        return {"width": 0.5, "color": BACKGROUND[dark]}
    users = (data["kind"] == "users").to_numpy()
    return {
        "width": np.where(users, 1.6, 0.5),
        "color": np.where(users, TEXT[dark], BACKGROUND[dark]).tolist(),
    }


def _hover(identity: str, title: object, value: object, n: object, of: str, what: str) -> str:
    lines = [f"<b>{hover(title)}</b>"]
    if clean(title) != clean(identity):
        lines.append(f"{'user' if of == 'users' else 'item'} {label(identity)}")
    if clean(value):
        known = name(str(value)) if find(str(value)) else value
        shown = f"{value:.4g}" if isinstance(value, float) else known
        lines.append(f"{escape(what) or 'colour'}: {label(shown, 60)}")
    if clean(n):
        lines.append(
            f"{n:,.0f} {'item' if of == 'users' else 'user'}{'' if n == 1 else 's'}"
            if isinstance(n, (int, float))
            else ""
        )
    return "<br>".join(line for line in lines if line)


def _categories(
    figure: go.Figure, data: pd.DataFrame, of: str, what: str, dark: bool, many: bool
) -> list[str]:
    """Add a group per category, the biggest first, what does not fit as “other”; return their names."""
    values = data["colour"].map(clean)
    values = values.where(values != "", "(none)")
    present = set(values)
    if all(find(value) for value in present - {"(none)"}):
        order: Iterable[str] = ordered(present - {"(none)"})
        styles = {g: (colour(g, dark), symbol_of(g), name(g)) for g in order}
    else:
        counts = values[values != "(none)"].value_counts()
        biggest = sorted(counts.index, key=lambda v: (-counts[v], v))
        palette = categorical(dark, _MANY if many else _FEW)
        styles = {v: (*palette[i], v) for i, v in enumerate(biggest[: len(palette)])}
    sizes = pd.Series(np.broadcast_to(_size(data), len(data)), index=data.index)
    rest = ~values.isin(list(styles))
    names = [f"{shorten(text, 24)} ({int((values == v).sum()):,})" for v, (_, _, text) in styles.items()]
    if rest.any():
        others = len(present - set(styles) - {"(none)"})
        text = f"{others} others" if others else "(none)"
        names.append(f"{text} ({int(rest.sum()):,})")
        _points(
            figure, data[rest], MUTED[dark], "circle-open", of, what, dark,
            legend=escape(names[-1]), sizes=sizes[rest].to_numpy() * 0.8,
        )  # fmt: skip
        figure.data[-1].update(legendrank=2000)
    for text, (v, (fill, symbol, _)) in zip(names, styles.items(), strict=False):
        group = values == v
        _points(
            figure, data[group], fill, symbol, of, what, dark,
            legend=escape(text), sizes=sizes[group].to_numpy(),
        )  # fmt: skip
    return names


def _continuous(figure: go.Figure, data: pd.DataFrame, of: str, what: str, dark: bool) -> None:
    """Add all points on one colour scale; points without a number come first, hollow."""
    known = np.isfinite(pd.to_numeric(data["colour"], errors="coerce").astype(float))
    if not known.all():
        _points(figure, data[~known], MUTED[dark], "circle-open", of, what, dark, legend="(none)")
    # The scale ends at the 2nd and 98th percentile: one extreme value must not flatten the rest.
    numbers = data.loc[known, "colour"].astype(float)
    low, high = np.percentile(numbers, [2, 98]) if len(numbers) else (0.0, 1.0)
    _points(
        figure, data[known], numbers.to_numpy(), "circle", of, what, dark, legend=escape(what) or "value",
        scale={
            "colorscale": _CONTINUOUS_DARK if dark else _CONTINUOUS_LIGHT,
            "cmin": float(low), "cmax": float(high) if high > low else float(low) + 1.0, "showscale": True,
            "colorbar": {
                "title": {"text": label(what, 24), "side": "top"}, "thickness": 12, "len": 0.6, "x": 1.0,
                "outlinewidth": 0, "tickfont": {"color": TEXT[dark]},
            },
        },
    )  # fmt: skip


def _emphasise(figure: go.Figure, found: pd.DataFrame, dark: bool) -> None:
    """Ring the selected points and name them, on top of everything."""
    figure.add_scattergl(
        mode="markers",
        x=found["x"].to_numpy(np.float32),
        y=found["y"].to_numpy(np.float32),
        name="Selected",
        customdata=found["key"].tolist(),
        marker={
            "symbol": "circle-open",
            "size": 20,
            "color": TEXT[dark],
            "line": {"width": 3, "color": TEXT[dark]},
        },
        hoverinfo="skip",
        legendrank=3000,
    )
    for _, row in found.head(5).iterrows():
        figure.add_annotation(
            x=float(row["x"]), y=float(row["y"]), text=f"<b>{label(row['label'], 32)}</b>", showarrow=True,
            arrowhead=0, arrowcolor=TEXT[dark], ax=0, ay=-34, standoff=10,
            font={"color": TEXT[dark], "size": 13},
            bgcolor=BACKGROUND[dark], bordercolor=TEXT[dark], borderpad=3, borderwidth=1,
        )  # fmt: skip
