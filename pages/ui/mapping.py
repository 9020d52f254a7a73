"""The map's parameters, its computation in the background, its colours, what a click opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mgrec_core import jobs
from mgrec_core.figures.map import scatter
from mgrec_core.figures.palette import LABELS, name, ordered
from mgrec_core.jobs import Job
from mgrec_core.results import Weights
from pages.ui import charts, dominant, layout, people, state, text
from pages.ui.view import METRICS, View

_DOMINANT = "dominant granularity"
_HEIGHT = 780
_ACTIVITY = "items in the history"
_POPULARITY = "number of users"
_KNOWN_COLUMNS = {"user_id", "item_id", "title", "n_items", "n_events", "n_users", "last_time"}


def parameters(view: View, engine: Any, where: Any) -> None:
    """Draw what the map shows and how it is computed."""
    with where:
        _control(
            "segmented", "of", "Points", ["users", "items"], view, format_func=str.capitalize, required=True
        )
        spaces = ["fused", *ordered(engine.present)]
        _control(
            "select",
            "space",
            "Vectors",
            spaces,
            view,
            format_func=_space_name,
            help="The fused vector under the weights of the User page, or one granularity's vectors.",
        )
        _colour(view, engine)
        _search(view, engine)
        with st.expander("UMAP parameters"):
            _control(
                "slider",
                "neighbours",
                "Neighbours",
                (2, 100, 1),
                view,
                help="Few: fine local groups. Many: the broad picture.",
            )
            _control(
                "slider",
                "min_dist",
                "Minimum distance",
                (0.0, 0.95, 0.05),
                view,
                help="How tightly points may sit together.",
            )
            _control("select", "metric", "Metric", list(METRICS), view)
            _control("number", "seed", "Seed", (0, 2**31 - 1), view, help="The same seed gives the same map.")


def describe(view: View, engine: Any, weights: Weights) -> str:
    """Return one sentence on what the map shows."""
    of = view.of.capitalize()
    if view.space != "fused":
        return f"{of} by their {name(view.space)} vectors. Near points are alike at this granularity."
    shown = ", ".join(f"{name(g)} {w:.2g}" for g, w in weights.values.items() if w > 0)
    return f"{of} by the fused vector under λ: {shown}. Set the weights on the User page."


def show(view: View, engine: Any, weights: Weights) -> None:
    """Show the map when it has been computed; else compute it in the background."""
    from mgrec_core import projection

    folder = state.folder(view.workspace)
    settings = projection.ProjectionSettings.from_options(
        of=view.of, granularity=view.space, weights=dict(weights.values) if view.space == "fused" else {},
        base=weights.base if view.space == "fused" else None,
        n_neighbours=view.neighbours, min_dist=view.min_dist, metric=view.metric, seed=view.seed,
    )  # fmt: skip
    path = projection.cache_path(folder, str(engine.build), settings)
    frame = _load(str(path), path.stat().st_mtime_ns) if path.exists() else None
    command = _command(folder, settings)
    running = jobs.running(folder, "project")
    if running is not None:
        layout.watch(running, "this map" if _makes(running, command) else "another map")
    if frame is None:
        _offer(folder, command, running)
        return
    _draw(view, engine, weights, frame)


def colour_choices(view: View, engine: Any) -> list[str]:
    """Return what points can be coloured by, the default first."""
    if view.of == "users":
        frame = people.users_frame(engine)
        return [_DOMINANT, _ACTIVITY, *(c for c in frame.columns if c not in _KNOWN_COLUMNS)]
    frame = people.items_frame(engine)
    attributes = [c for c in frame.columns if c not in _KNOWN_COLUMNS]
    return [*attributes[:1], _POPULARITY, *attributes[1:]]


def _makes(job: Job | None, command: list[str]) -> bool:
    return job is not None and job.commands[0] == tuple(command)


def _offer(folder: Path, command: list[str], running: Job | None) -> None:
    last = jobs.latest(folder, "project")
    if running is None and last is None:
        # The first visit: the map is what the page is for, so nobody should have to ask for it.
        if layout.attempt(jobs.start, folder, command):
            st.rerun()
        layout.show_problems()
    if last is not None and last.state == "failed" and _makes(last, command):
        st.error(f"The map could not be computed: {text.md(last.error)}", icon=":material/error:")
    if _makes(running, command):
        st.skeleton(height=520)
        return
    with st.container(border=True):
        st.markdown("**This map has not been computed yet.**")
        st.caption(
            "It runs in the background and is kept: the same map opens at once the next time. "
            "The first one on a machine takes about a minute, later ones seconds."
        )
        busy = running is not None
        if st.button("Compute this map", type="primary", icon=":material/play_arrow:", disabled=busy):
            if layout.attempt(jobs.start, folder, command):
                st.rerun()
            layout.show_problems()


def _command(folder: Path, settings: Any) -> list[str]:
    arguments = [
        "project", "--workspace", str(folder), "--of", settings.of, "--granularity", settings.granularity,
        "--neighbours", str(settings.n_neighbours), "--min-dist", str(settings.min_dist),
        "--metric", settings.metric, "--seed", str(settings.seed),
    ]  # fmt: skip
    if settings.granularity == "fused":
        weights = ",".join(f"{g}={w!r}" for g, w in settings.weights.items())
        arguments += ["--weights", weights, "--base", settings.base]
    return arguments


@st.cache_resource(max_entries=8, show_spinner=False)
def _load(path: str, modified: int) -> pd.DataFrame | None:
    from mgrec_core import projection

    return projection.load(Path(path))


def _draw(view: View, engine: Any, weights: Weights, frame: pd.DataFrame) -> None:
    points, colour = _coloured(view, engine, weights, frame)
    selected = view.user if view.of == "users" else view.item
    figure = scatter(points, of=view.of, colour_name=colour, selected=selected or None, dark=state.is_dark())
    figure.update_layout(height=_HEIGHT)
    charts.clickable(figure, key="map", on_click=_clicked, is_map=True)
    if selected and selected not in set(frame["id"]):
        st.caption(f"{text.md(selected)} is not on this map: it has no vector at this granularity.")
    opens = "the user" if view.of == "users" else "its explanation for the selected user"
    st.caption(
        f"Click a point to open {opens}; drag to move, scroll to zoom. Near points are alike; the distance "
        "between clusters, their size and the axes mean little."
    )


def _coloured(view: View, engine: Any, weights: Weights, frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the points with label, size and colour, and what the colour means."""
    colour = view.colour or colour_choices(view, engine)[0]
    if view.of == "users":
        known = people.users_frame(engine).rename(columns={"user_id": "id"})
        known = known.assign(label="User " + known["id"], n=known["n_items"])
        if colour == _DOMINANT:
            found = dominant.dominant(engine, weights)
            if found is None:
                dominant.waiting(engine, weights)
                colour = _ACTIVITY
            else:
                known = known.merge(found.rename(columns={"user_id": "id"}), on="id", how="left")
    else:
        known = people.items_frame(engine).rename(columns={"item_id": "id"})
        known = known.assign(label=known["title"].fillna(known["id"]), n=known["n_users"])
    column = {_DOMINANT: "granularity", _ACTIVITY: "n_items", _POPULARITY: "n_users"}.get(colour, colour)
    known = known.assign(colour=known[column])
    return frame.merge(known[["id", "label", "n", "colour"]], on="id", how="left"), colour


def _colour(view: View, engine: Any) -> None:
    colours = colour_choices(view, engine)
    if view.colour and view.colour not in colours:
        state.problem(
            f"There is no colour “{text.shorten(view.colour, 40)}” for {view.of}; the default is used."
        )
        view.colour = ""
    shown = view.colour or colours[0]
    if st.session_state.get("map_colour") != shown:
        st.session_state["map_colour"] = shown
    st.selectbox(
        "Colour", colours, key="map_colour", on_change=_set_colour, args=(colours[0],),
        format_func=lambda c: c[:1].upper() + c[1:],
    )  # fmt: skip


def _set_colour(default: str) -> None:
    state.touch()
    chosen = st.session_state["map_colour"]
    st.session_state["view"].colour = "" if chosen == default else chosen


def _search(view: View, engine: Any) -> None:
    if view.of == "users":
        options, labels = people.ordered_ids(engine), {}
    else:
        labels = people.item_labels(engine)
        options = list(labels)
    key, shown = f"find_{view.of}", (view.user if view.of == "users" else view.item) or None
    if st.session_state.get(key) != shown:
        st.session_state[key] = shown
    st.selectbox(
        "Find and mark", options, index=None, key=key, format_func=lambda i: labels.get(i, i),
        filter_mode="contains", placeholder=f"Search {view.of}", on_change=_found, args=(view.of,),
    )  # fmt: skip


def _space_name(space: str) -> str:
    return "Fused (current weights)" if space == "fused" else LABELS.get(space, space)


def _control(kind: str, field: str, label: str, choices: Any, view: View, **options: Any) -> None:
    key = f"map_{field}"
    if st.session_state.get(key) != getattr(view, field):
        st.session_state[key] = getattr(view, field)
    options |= {"key": key, "on_change": _set, "args": (field,)}
    if kind == "segmented":
        st.segmented_control(label, choices, **options)
    elif kind == "select":
        st.selectbox(label, choices, **options)
    elif kind == "slider":
        low, high, step = choices
        st.slider(label, low, high, step=step, **options)
    else:
        low, high = choices
        st.number_input(label, low, high, step=1, **options)


def _set(field: str) -> None:
    state.touch()
    view: View = st.session_state["view"]
    setattr(view, field, st.session_state[f"map_{field}"])
    if field == "of":
        view.colour = ""


def _found(of: str) -> None:
    state.touch()
    view: View = st.session_state["view"]
    chosen = st.session_state[f"find_{of}"] or ""
    if of == "users":
        view.user = chosen
    else:
        view.item = chosen


def _clicked(point: str) -> None:
    state.touch()
    view: View = st.session_state["view"]
    if view.of == "users":
        view.user, view.item = point, ""
    else:
        view.item = point
    st.session_state["open_user_page"] = True
