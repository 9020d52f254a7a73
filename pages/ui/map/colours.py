"""What the points of a map can be coloured by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from mgrec_core.analysis.clusters import Clusters
from mgrec_core.evaluation.cohort_metrics import times_shown
from mgrec_core.evaluation.score_cache import CachedHistories
from mgrec_core.evaluation.segments import OTHERS, user_groups
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import METRICS, FromAllLists, definition
from mgrec_core.workspace.cohorts import PREFIX, Cohort, CohortStore
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.map import dominant, points
from pages.ui.measured import score_cache
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

KIND, CLUSTER, DOMINANT = "users and items", "cluster", "dominant granularity"
ACTIVITY, POPULARITY = "items in the history", "number of users"
METRIC, SEGMENT, ATTRIBUTE = "metric:", "segment:", points.ATTRIBUTE
_METRICS = [m for m, d in METRICS.items() if d.headline and not isinstance(d, FromAllLists)]
_SHOWN = "shown"
_SEGMENTS = ("activity", "taste", "cold-users")


def choices(view: View, engine: Engine) -> list[str]:
    """Return what points can be coloured by, the default first."""
    special = {
        "users": [
            DOMINANT, CLUSTER, ACTIVITY, *(SEGMENT + s for s in _SEGMENTS), *(METRIC + m for m in _METRICS),
        ],
        "items": [CLUSTER, POPULARITY, METRIC + _SHOWN],
        "both": [KIND, CLUSTER],
    }[view.of]  # fmt: skip
    found = [ATTRIBUTE + a if a in special or ":" in a else a for a in points.attributes(engine, view.of)]
    cohorts = [PREFIX + c.name for c in saved(view, engine)]
    return (
        [*found[:1], *special, *cohorts, *found[1:]] if view.of == "items" else [*special, *cohorts, *found]
    )


def saved(view: View, engine: Engine) -> list[Cohort]:
    """Return the saved cohorts of what is on the map."""
    return [c for c in CohortStore(engine.workspace.state).all() if c.of in points.kinds(view.of)]


def said(colour: str, k: int = 10) -> str:
    """Return what a colour is called on the page; plain text."""
    if colour == METRIC + _SHOWN:
        return f"Lists it is in (test users, k = {k})"
    if colour.startswith(METRIC):
        return f"Metric: {definition(colour.removeprefix(METRIC)).title} @{k}"
    for prefix, word in ((SEGMENT, "Segment: "), (PREFIX, "Cohort: "), (ATTRIBUTE, "")):
        if colour.startswith(prefix):
            return word + colour.removeprefix(prefix)
    return colour[:1].upper() + colour[1:]


def coloured(
    view: View, engine: Engine, weights: Weights, frame: pd.DataFrame, clusters: Clusters
) -> tuple[pd.DataFrame, str]:
    """Return the points with label, size and colour, and what the colour means."""
    colour = view.colour or choices(view, engine)[0]
    known = points.known(engine, view.of)
    placed = frame.merge(known, on=["kind", "id"], how="left")
    values, name = _values(view, engine, weights, placed, colour, clusters)
    placed = placed.assign(
        colour=np.asarray(values) if not isinstance(values, pd.Series) else values.to_numpy()
    )
    return placed[["kind", "id", "x", "y", "label", "n", "colour"]], name


def _values(
    view: View, engine: Engine, weights: Weights, placed: pd.DataFrame, colour: str, clusters: Clusters
) -> tuple[pd.Series | np.ndarray[Any, Any], str]:
    name = said(colour, view.k).removeprefix("Metric: ").removeprefix("Segment: ")
    if colour == CLUSTER:
        return np.array(clusters.name_of_points(), dtype=object), "cluster"
    if colour == KIND:
        return placed["kind"], KIND
    if colour == DOMINANT:
        found = dominant.dominant(engine, weights)
        if found is not None:
            return placed["id"].map(found.set_index("user_id")["granularity"]), DOMINANT
        dominant.waiting(engine, weights)
        return placed["n"], ACTIVITY
    if colour in (ACTIVITY, POPULARITY):
        return placed["n"], colour
    if colour.startswith(METRIC):
        return _metric(view, engine, weights, placed, colour.removeprefix(METRIC)), name
    if colour.startswith(SEGMENT):
        return _segment(engine, placed, colour.removeprefix(SEGMENT)), name
    if colour.startswith(PREFIX):
        return _cohort(engine, placed, colour.removeprefix(PREFIX)), "cohort"
    attribute = colour.removeprefix(ATTRIBUTE)
    return placed[f"{ATTRIBUTE}{attribute}"], attribute


def _metric(view: View, engine: Engine, weights: Weights, placed: pd.DataFrame, metric: str) -> pd.Series:
    opened = score_cache.any_opened(view, engine)
    if opened is None:
        no_score_cache("Colours by a metric")
        return placed["n"] * np.nan
    found = score_cache.measured(opened, weights, view.k)
    if metric == _SHOWN:
        counts = times_shown(found.top, opened.score_cache.n_items)
        by_item = pd.Series(counts, index=opened.score_cache.items)
        return placed["id"].map(by_item).astype(float)
    key = next(key for key in found.per_user if key.partition("@")[0] == metric)
    by_user = pd.Series(found.per_user[key], index=opened.score_cache.users)
    return placed["id"].map(by_user).astype(float)


def note(view: View, engine: Engine) -> str:
    """Return one sentence that the colour needs; plain text, empty where it needs none."""
    if view.colour.startswith(METRIC) and (opened := score_cache.any_opened(view, engine)) is not None:
        return f"{opened.said}; current weights. Hollow points were not measured."
    return ""


def no_score_cache(what: str) -> None:
    """Say how to get metrics, in one sentence with a link."""
    st.info(
        f"{what} need held-out events: open the Fusion lab once, which prepares a split and scores its "
        "test users.",
        icon=":material/science:",
    )
    links.show("lab", "Open the Fusion lab")


def _segment(engine: Engine, placed: pd.DataFrame, name: str) -> np.ndarray[Any, Any]:
    seen = engine.model.seen
    histories = CachedHistories(list(engine.user_ids), seen, engine.history_sizes("items").astype(float))
    with problems.told(InputError, tone="info") as outcome:
        labels, _ = user_groups(name, histories, np.arange(len(engine.user_ids)), {})
    if outcome.failed:
        return np.full(len(placed), None, dtype=object)
    return placed["id"].map(dict(zip(engine.user_ids, labels, strict=True))).to_numpy(dtype=object)


def _cohort(engine: Engine, placed: pd.DataFrame, name: str) -> np.ndarray[Any, Any]:
    cohort = CohortStore(engine.workspace.state).get(name)
    inside = (placed["kind"] == cohort.of) & placed["id"].isin(cohort.ids)
    colours = np.full(len(placed), None, dtype=object)
    colours[(placed["kind"] == cohort.of).to_numpy()] = OTHERS
    colours[inside.to_numpy()] = cohort.name
    return colours
