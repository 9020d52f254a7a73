"""The map's parameters in the sidebar: points, vectors, colour, search, clusters, UMAP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from mgrec_core.model.granularities import find
from mgrec_core.workspace.cohorts import CohortStore
from pages.ui import text
from pages.ui.address.view import CLUSTERS, METRICS, MIN_DIST, NEIGHBOURS, OF, View
from pages.ui.map import colours, points
from pages.ui.session import lookups, state
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_CLUSTERS = {"kmeans": "k-means", "density": "Density (HDBSCAN)"}


def parameters(view: View, engine: Engine, where: DeltaGenerator) -> None:
    """Draw what the map shows and how it is computed."""
    _check(view, engine)
    with where:
        _control("segmented", "of", "Points", OF, view, format_func=str.capitalize, required=True)
        spaces = ["fused", *ordered(engine.present)]
        _control(
            "select", "space", "Vectors", spaces, view, format_func=_space_name,
            help="The fused vector under the weights of the User page, or one granularity's vectors. Users "
            "and items together stand in the space in which their inner product is the score.",
        )  # fmt: skip
        _colour(view, engine)
        _search(view, engine)
        with st.expander("Clusters"):
            _control("select", "clusters", "Method", CLUSTERS, view, format_func=_CLUSTERS.get)
            if view.clusters == "kmeans":
                _control("slider", "centres", "How many", (2, 40, 1), view)
            else:
                _control(
                    "slider", "smallest", "Smallest cluster", (0, 500, 1), view,
                    help="Points that a cluster needs; 0: the square root of the number of points.",
                )  # fmt: skip
            st.toggle("Names on the map", True, key="map_names")
        with st.expander("UMAP parameters"):
            _control(
                "slider", "neighbours", "Neighbours", (*NEIGHBOURS, 1), view,
                help="Few: fine local groups. Many: the broad picture.",
            )  # fmt: skip
            _control(
                "slider", "min_dist", "Minimum distance", (*MIN_DIST, 0.05), view,
                help="How tightly points may sit together.",
            )  # fmt: skip
            _control("select", "metric", "Metric", METRICS, view)
            _control("number", "seed", "Seed", (0, 2**31 - 1), view, help="The same seed gives the same map.")


def describe(view: View, engine: Engine, weights: Weights) -> str:
    """Return one sentence on what the map shows."""
    of = {"both": "Users and items together"}.get(view.of, view.of.capitalize())
    if view.space != "fused":
        return f"{of} by their {name(view.space)} vectors. Near points are alike at this granularity."
    shown = ", ".join(f"{name(g)} {w:.2g}" for g, w in weights.values.items() if w > 0)
    return f"{of} by the fused vector under λ: {shown}. Set the weights on the User page."


def _check(view: View, engine: Engine) -> None:
    """Replace what the link names and this map does not have, with a sentence."""
    if view.colour and view.colour not in colours.choices(view, engine):
        state.problem(
            f"There is no colour “{text.shorten(view.colour, 40)}” for {view.of}; the default is used."
        )
        view.colour = ""
    if view.cohort and view.cohort not in {c.name for c in CohortStore(engine.workspace.state).all()}:
        state.problem(f"There is no cohort “{text.shorten(view.cohort, 60)}”; everybody is shown.")
        view.cohort = ""
    kind, identity = points.split_key(view.find)
    if view.find and kind in points.kinds(view.of):
        known = identity in set(engine.user_ids) if kind == "users" else engine.knows_item(identity)
        if not known:
            state.problem(f"There is no {kind[:-1]} “{text.shorten(identity, 40)}” to fly to.")
            view.find = ""
    elif view.find:
        view.find = ""


def _colour(view: View, engine: Engine) -> None:
    found = colours.choices(view, engine)
    controlled(
        st.selectbox, "Colour", found, key="map_colour", value=view.colour or found[0],
        on_change=_set_colour, args=(found[0],),
        format_func=lambda c: text.shorten(colours.said(c, view.k), 50),
    )  # fmt: skip


def _set_colour(default: str) -> None:
    state.touch()
    chosen = st.session_state["map_colour"]
    st.session_state["view"].colour = "" if chosen == default else chosen


def _search(view: View, engine: Engine) -> None:
    labels = _labels(view.of, str(engine.build), engine)
    options = list(labels)
    if len(options) > lookups.MANY:
        typed = st.text_input("Search", key="map_search", placeholder="part of the name").casefold()
        options = [k for k in options if typed in labels[k].casefold()][: lookups.MATCHES]
        if view.find and view.find not in options:
            options = [view.find, *options]
        st.caption(f"{len(labels):,} points; the first {lookups.MATCHES} matches are listed below.")
    key = f"find_{view.of}"
    controlled(
        st.selectbox, "Find and fly to", ["", *options], key=key, value=view.find, filter_mode="contains",
        format_func=lambda k: labels.get(k, k) or "The whole map", on_change=_found, args=(key,),
        help="Choose and type to search.",
    )  # fmt: skip


@st.cache_resource(max_entries=6, show_spinner=False)
def _labels(of: str, build: str, _engine: Engine) -> dict[str, str]:
    """Return key → what is searched: users as people expect them, items by popularity."""
    found: dict[str, str] = {}
    if "users" in points.kinds(of):
        word = "User " if of == "both" else ""
        found |= {f"users:{u}": word + text.shorten(u, 90) for u in lookups.ordered_ids(_engine)}
    if "items" in points.kinds(of):
        found |= {f"items:{i}": label for i, label in lookups.item_labels(_engine).items()}
    return found


def _found(key: str) -> None:
    view = state.editing()
    view.find = st.session_state[key] or ""
    kind, identity = points.split_key(view.find)
    if kind == "users":
        view.user = identity
    elif kind == "items":
        view.item = identity


def _space_name(space: str) -> str:
    return "Fused (current weights)" if space == "fused" else name(space) if find(space) else space


def _control(kind: str, field: str, label: str, choices: Any, view: View, **options: Any) -> None:
    options |= {"key": f"map_{field}", "value": getattr(view, field), "on_change": _set, "args": (field,)}
    if kind == "segmented":
        controlled(st.segmented_control, label, choices, **options)
    elif kind == "select":
        controlled(st.selectbox, label, choices, **options)
    elif kind == "slider":
        low, high, step = choices
        controlled(st.slider, label, low, high, step=step, **options)
    else:
        low, high = choices
        controlled(st.number_input, label, low, high, step=1, **options)


def _set(field: str) -> None:
    view = state.editing()
    setattr(view, field, st.session_state[f"map_{field}"])
    if field == "of":
        view.colour = view.find = view.cohort = ""
        view.picked = ()
