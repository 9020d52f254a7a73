"""The chart of the map: drawn once and kept while somebody selects on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mgrec_core.analysis.clusters import Clusters, find_clusters
from mgrec_core.figures.map import grey, scatter
from mgrec_core.foundation.results import Weights
from mgrec_core.projection.selection import inside_drawn
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.map import chosen, cohort, colours, points, zoom
from pages.ui.map.chosen import Chosen
from pages.ui.map.compute import computed
from pages.ui.session import state
from pages.ui.widgets import charts

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_HEIGHT = 720
_TOOLS = 34  # pixels above the legend for the chart's tools
_KEY = "map"


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Show the map when it has been computed, and beside it what is chosen on it."""
    found = computed(view, engine, weights)
    if found is None:
        return
    path, frame = found
    placed = frame[frame["laid"]] if "laid" in frame else frame
    clusters = _clusters(
        str(path), path.stat().st_mtime_ns, view.of, view.clusters, view.centres, view.smallest, view.seed,
        engine, placed,
    )  # fmt: skip
    now = chosen.active(view, engine)
    with st.container(key="map_and_cohort"):
        left, right = st.columns([2.5, 1], gap="medium")
        with left:
            _draw(view, engine, weights, path, frame, placed, clusters, now)
        with right:
            cohort.beside(view, engine, weights, frame, now)
    cohort.below(view, engine, weights, now)


@st.cache_resource(max_entries=8, show_spinner="Finding clusters …")
def _clusters(
    path: str, modified: int, of: str, method: str, groups: int, smallest: int, seed: int,
    _engine: Engine, _placed: pd.DataFrame,
) -> Clusters:  # fmt: skip
    from mgrec_core.analysis.profile import rows

    held = points.features(_engine, of)
    return find_clusters(
        _placed[["x", "y"]].to_numpy(np.float32),
        rows(held, points.rows_of(_engine, of, _placed)),
        method=method, n_clusters=groups, smallest=max(2, smallest) if smallest else 0, seed=seed,
    )  # fmt: skip


def _draw(
    view: View, engine: Engine, weights: Weights, path: Path, frame: pd.DataFrame, placed: pd.DataFrame,
    clusters: Clusters, now: Chosen,
) -> None:  # fmt: skip
    data, colour = colours.coloured(view, engine, weights, placed, clusters)
    figure = _figure(view, data, colour, frame, clusters, now, place=(str(path), view.find))
    charts.lift_title(figure)
    st.plotly_chart(
        figure,
        key=_KEY,
        theme=None,
        config=charts.MAP_CONFIG,
        on_select=_selected,
        selection_mode=("points", "box", "lasso"),
        alt=charts.alt_of(figure),
    )
    zoom.watch()
    st.session_state["map_frame"] = frame
    if said := colours.note(view, engine):
        st.caption(text.md(said))
    st.caption(_said(view, frame, placed, clusters))
    kind, identity = points.split_key(view.find)
    if view.find and not ((placed["kind"] == kind) & (placed["id"] == identity)).any():
        where = "has no point of its own in the sample" if "laid" in frame else "has no vector here"
        st.caption(f"{text.md(identity)} is not on this map: it {where}.")
    if view.find:
        st.button("Show the whole map", key="map_whole", icon=":material/zoom_out_map:", on_click=_whole)


def _figure(
    view: View, data: pd.DataFrame, colour: str, frame: pd.DataFrame, clusters: Clusters, now: Chosen,
    place: tuple[str, ...],
) -> go.Figure:  # fmt: skip
    """Draw the figure; what is chosen goes into it only when it differs from the last one anyway."""
    dark = state.is_dark()
    named = bool(st.session_state.get("map_names", True)) and len(clusters.names) > 0
    marked = [k for k in (f"users:{view.user}", f"items:{view.item}", view.find) if not k.endswith(":")]
    turn = chosen.turned(now)
    signature = (
        view.workspace, view.of, view.space, colour, view.find, tuple(marked), dark, named,
        tuple(clusters.names) if named else (), turn,
        int(pd.util.hash_pandas_object(data.astype({"colour": str}), index=False).sum()),
    )  # fmt: skip
    if st.session_state.pop("page_turned", False):
        st.session_state.pop(
            "map_drawn", None
        )  # the screen holds it no longer: drawn anew, where it was left
    held: tuple[object, tuple[str, ...]] = st.session_state.get("map_drawn", (None, ()))
    drawn = held[0] == signature
    if not drawn:
        held = st.session_state["map_drawn"] = (signature, now.keys)
    labels = pd.DataFrame({"x": clusters.centres[:, 0], "y": clusters.centres[:, 1], "label": clusters.names})
    figure = scatter(
        data,
        of=view.of,
        colour_name=colour,
        selected=marked,
        cohort=held[1],
        labels=labels if named else None,
        background=frame if "laid" in frame else None,
        focus=view.find,
        many=colour == colours.CLUSTER,
        dark=dark,
    )
    grey(figure, dark)
    zoom.keep(figure, place, drawn)
    figure.update_layout(
        height=_HEIGHT,
        margin_t=figure.layout.margin.t + _TOOLS,
        meta={
            **figure.layout.meta,
            "room": figure.layout.meta["room"] + _TOOLS,
            "turn": turn,
        },
    )
    return figure


def _said(view: View, frame: pd.DataFrame, placed: pd.DataFrame, clusters: Clusters) -> str:
    sampled = (
        f"{len(frame):,} points are too many to draw: the shading is the density of all of them, the "
        f"points are a sample of {len(placed):,}, stratified by the length of histories; a lasso takes in "
        "everybody inside it. "
        if len(placed) < len(frame)
        else ""
    )
    rings = "Users have a ring. " if view.of == "both" else ""
    named = text.md(
        f"Clusters: {clusters.method}; named by the values with the highest log-odds against the rest. "
    )
    return (
        f"{sampled}{rings}Click a point to open it; choose *lasso* or *box* at the top right and draw "
        "to make a cohort; drag to move, scroll to zoom. Near points are alike; the distance between "
        f"clusters, their size and the axes mean little. {named}"
    )


def _selected() -> None:
    """Copy what was drawn around into the session; open what was clicked."""
    found = (st.session_state.get(_KEY) or {}).get("selection", {})
    keys = [str(p["customdata"][0] if isinstance(p["customdata"], list) else p["customdata"])
            for p in found.get("points", []) if p.get("customdata")]  # fmt: skip
    if not (found.get("lasso") or found.get("box")):
        if keys:
            _open(keys[0])
        else:
            chosen.draw(())
        return
    frame: pd.DataFrame = st.session_state.get("map_frame", pd.DataFrame())
    if "laid" in frame:
        rest = frame[~frame["laid"]]
        inside = rest[inside_drawn(rest[["x", "y"]].to_numpy(), found)]
        keys += (inside["kind"] + ":" + inside["id"]).tolist()
    chosen.draw(tuple(sorted(set(keys))))


def _open(key: str) -> None:
    view = state.editing()
    kind, identity = points.split_key(key)
    if kind == "users":
        view.user, view.item = identity, ""
        links.go_next("user")
    else:
        view.item = identity
        links.go_next("item")


def _whole() -> None:
    state.editing().find = ""
