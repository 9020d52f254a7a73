"""Two metrics under many weights: the front, and taking a point of it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mgrec_core.evaluation.score_cache_files import kept_front
from mgrec_core.figures import tradeoff
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import METRICS, definition
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import View, format_weights
from pages.ui.measured.score_cache import Opened
from pages.ui.session import allowed, state
from pages.ui.weights import in_force
from pages.ui.widgets import charts, problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_CHOICES = [m for m, d in METRICS.items() if d.better != "none" and d.cut]


def show(view: View, engine: Engine, weights: Weights, opened: Opened) -> None:
    """Draw the chart of a pair of metrics, or offer to compute it."""
    catalogue = opened.score_cache.catalogue
    lacking = {"diversity": catalogue.vectors, "calibration": catalogue.categories}
    choices = [m for m in _CHOICES if m not in lacking or lacking[m] is not None]
    left, right, run = st.columns([2, 2, 1], vertical_alignment="bottom")
    x = left.selectbox("Across", choices, key="lab_x", format_func=_title, index=choices.index("ndcg"))
    y = right.selectbox("Up", choices, key="lab_y", format_func=_title, index=choices.index("coverage"))
    k = min(view.k, opened.record.n_items)
    keys = f"{x}@{k}", f"{y}@{k}"
    folder = state.folder(view.workspace)
    running = jobs.running(folder, "pareto")
    document = kept_front(folder, opened.record, *keys, k)
    wanted = run.button(
        "Search again" if document else "Search",
        type="secondary" if document else "primary",
        icon=":material/play_arrow:",
        width="stretch",
        **allowed.control(
            "measure and learn",
            disabled=running is not None or x == y,
            help="Tries 200 weightings with the base at 1; seconds to a minute, in the background.",
        ),
    )
    if x == y:
        st.info("Choose two different metrics.", icon=":material/info:")
        return
    if wanted:
        if problems.attempt(allowed.start, folder, _command(view, weights, keys, k)):
            st.rerun()
        problems.show()
    last = jobs.latest(folder, "pareto")
    if last is not None and last.state == "failed":
        problems.say(last.error, before="The search ended early: ")
    if document is None:
        if running is None:
            st.info(
                "No weightings have been tried for these two metrics yet. A search shows what one "
                "metric costs the other.",
                icon=":material/info:",
            )
        return
    _draw(view, engine, opened, document)


def _draw(view: View, engine: Engine, opened: Opened, document: dict[str, Any]) -> None:
    points = document["points"]
    chosen = st.session_state.get("lab_point")
    chosen = chosen if isinstance(chosen, int) and chosen < len(points) else None
    x, y = (
        (f"{definition(key).title} @{document['k']}", definition(key).better)
        for key in (document["x"], document["y"])
    )
    charts.clickable(
        tradeoff(points, x, y, n_users=document["n_users"], dark=state.is_dark()),
        key="lab_tradeoff",
        on_click=_pick,
    )
    front = sorted((n for n, p in enumerate(points) if p["front"]), key=lambda n: -points[n]["x"])
    place = st.selectbox(
        "Point on the front",
        front if chosen is None or chosen in front else [chosen, *front],
        index=0 if chosen is None or chosen not in front else front.index(chosen),
        format_func=lambda n: (
            f"{points[n]['name'] or 'weights'}: {x[0]} {points[n]['x']:.4f}, {y[0]} {points[n]['y']:.4f}"
        ),
    )
    point = points[place]
    st.dataframe(
        pd.DataFrame([{name(g): point["weights"].get(g, 0.0) for g in ordered(engine.present)}]),
        hide_index=True,
        key="lab_point_weights",
        column_config={
            name(g): st.column_config.NumberColumn(f"λ {name(g)}", format="%.3f")
            for g in ordered(engine.present)
        },
        alt="The weights of the chosen point.",
    )
    if st.button("Apply this point", type="primary", icon=":material/check:", key="lab_apply"):
        values = {g: float(point["weights"].get(g, 0.0)) for g in engine.present}
        base = document["base"]
        if values.get(base, 0.0) < 1.0:  # a preset with another base
            base = max(values, key=lambda g: values[g])
        values[base] = 1.0
        in_force.take(view, engine, Weights({g: round(v, 2) for g, v in values.items()}, base))
        state.touch()
        st.rerun()
    st.caption(
        text.md(
            f"{opened.said}. k = {document['k']}; weights are points of a Sobol sequence with the base "
            f"{name(document['base'])} at 1, and the presets."
        )
    )


def _pick(place: str) -> None:
    if place.isdigit():
        st.session_state["lab_point"] = int(place)


def _command(view: View, weights: Weights, keys: tuple[str, str], k: int) -> list[str]:
    given = format_weights(weights.values).replace("~", "=").replace("_", ",")
    return [
        "pareto", "--workspace", str(state.folder(view.workspace)), "--split", view.split,
        "--test-ratio", f"{view.test_ratio:g}", "--x", keys[0], "--y", keys[1], "--k", str(k),
        "--weights", given, "--base", weights.base,
    ]  # fmt: skip


def _title(metric: str) -> str:
    known = METRICS[metric]
    return f"{known.title} ({known.better} is better)"
