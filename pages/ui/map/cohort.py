"""What is chosen on the map: size, profile, top items, metrics; saved by name and opened again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from mgrec_core.analysis.exposure import list_counts
from mgrec_core.analysis.profile import distinctive
from mgrec_core.evaluation.cohort_metrics import cohort_metrics, places_taken, times_shown
from mgrec_core.figures import lift_bars
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import definition
from mgrec_core.metrics.significance import normal_interval
from mgrec_core.workspace.cohorts import PREFIX, Cohort, CohortStore, Of
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.map import chosen, colours, points
from pages.ui.map.chosen import Chosen
from pages.ui.measured import score_cache
from pages.ui.session import allowed, gone, lookups, state
from pages.ui.widgets import charts, headings, problems, tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.evaluation.score_cache import Measured

_MORE, _LESS, _Z = 7, 3, 1.0
_TOP = 10


def beside(view: View, engine: Engine, weights: Weights, frame: pd.DataFrame, now: Chosen) -> None:
    """Show the saved cohorts, and what is chosen with its size and profile."""
    store = CohortStore(engine.workspace.state)
    headings.section("Cohort")
    _saved(view, engine, store)
    if now.missing:
        verb = "member is" if now.missing == 1 else "members are"
        st.caption(f"{now.missing:,} {verb} not in this build, and left out of everything here.")
    if now.name and not now.keys:
        _of_saved(view, store, now)
    elif not now.keys:
        st.info(
            "Nothing is selected. Choose *lasso* or *box* at the top right of the map and draw around"
            " points: they become a cohort with its size, profile, top items and metrics.",
            icon=":material/gesture:",
        )
    if not now.keys:
        return
    kind = _kind(view, now)
    members = now.ids(kind)
    total = int((frame["kind"] == kind).sum())
    headings.kpis(
        [
            (f"{len(members):,}", kind if len(members) != 1 else kind[:-1]),
            (f"{len(members) / max(1, total):.1%}", f"of {total:,} on the map"),
        ]
    )
    if now.name:
        st.markdown(f"Saved cohort **{text.md(now.name)}**. The rest of the map is grey.")
        _of_saved(view, store, now)
    else:
        _save(view, store, kind, members, weights)
    st.button("Clear", key="map_clear", icon=":material/close:", on_click=chosen.clear)
    _profile(view, engine, kind, members)


def below(view: View, engine: Engine, weights: Weights, now: Chosen) -> None:
    """Show the cohort's top items and its metrics, side by side."""
    if not now.keys:
        return
    kind = _kind_of(now)
    members = now.ids(kind)
    with st.container(key="list_and_why_of_cohort"):
        left, right = st.columns(2, gap="large")
        with left:
            headings.section("Top items")
            _top_items(view, engine, weights, kind, members)
        with right:
            headings.section("Metrics")
            _metrics(view, engine, weights, kind, members)


def _saved(view: View, engine: Engine, store: CohortStore) -> None:
    names = [c.name for c in colours.saved(view, engine)]
    deleted: Cohort | None = gone.held("cohort", view)
    if deleted is not None:
        st.button(
            f"Undo: bring {text.md(deleted.name)} back", key="map_restore", icon=":material/undo:",
            on_click=_restore, args=(store, deleted), **allowed.control("delete"),
        )  # fmt: skip
    if not names:
        st.caption("No cohort is saved yet: draw around points and give them a name.")
        return
    controlled(
        st.selectbox, "Saved cohorts", names, key="map_saved", placeholder="Show a saved cohort",
        value=view.cohort if view.cohort in names else None, on_change=_show_saved,
        format_func=lambda n: text.shorten(n, 60),
    )  # fmt: skip


def _show_saved() -> None:
    chosen.show_saved(st.session_state["map_saved"] or "")


def _kind(view: View, now: Chosen) -> Of:
    if len(now.kinds) < 2:
        return now.kinds[0]
    st.segmented_control(
        "Of what was selected", now.kinds, key="map_cohort_kind", default=now.kinds[0], required=True,
        format_func=lambda k: f"{k.capitalize()} ({len(now.ids(k)):,})",
        help="A cohort holds users or items.",
    )  # fmt: skip
    return _kind_of(now)


def _kind_of(now: Chosen) -> Of:
    wanted = st.session_state.get("map_cohort_kind")
    return next((kind for kind in now.kinds if kind == wanted), now.kinds[0])


def _save(view: View, store: CohortStore, kind: Of, members: list[str], weights: Weights) -> None:
    with st.form("map_save", clear_on_submit=False, border=False):
        name = st.text_input("Name", key="map_cohort_name", max_chars=60, placeholder="a name for the cohort")
        saved = st.form_submit_button(
            "Save cohort", icon=":material/bookmark_add:", type="primary", **allowed.control("save cohorts")
        )
    if saved:
        definition = {
            "map": {
                "of": view.of, "space": view.space, "weights": dict(weights.values), "base": weights.base,
                "neighbours": view.neighbours, "min_dist": view.min_dist, "metric": view.metric,
                "seed": view.seed,
            }
        }  # fmt: skip
        if problems.attempt(allowed.require, "save cohorts", detail=name) and problems.attempt(
            store.save, name, kind, members, "map", definition
        ):
            chosen.show_saved(" ".join(name.split()))
            st.rerun()
        problems.show()


def _of_saved(view: View, store: CohortStore, now: Chosen) -> None:
    with st.container(horizontal=True, gap="small"):
        coloured = view.colour == PREFIX + now.name
        st.button(
            "Colour by it", key="map_colour_by", icon=":material/palette:", on_click=_colour_by,
            args=(now.name,), disabled=coloured, help="Colours the map by membership instead of "
                                                      "greying out the rest.",
        )  # fmt: skip
        st.button(
            "Delete",
            key="map_delete",
            icon=":material/delete:",
            on_click=_delete,
            args=(store, now.name),
            **allowed.control("delete"),
        )
    st.caption(
        text.md(f"Usable as the segment {PREFIX}{now.name}")
        + ": in the Fusion lab under Segments, in `evaluate --segments`, as a colour of the map."
        if now.kinds == ["users"]
        else "Kept for the map and the SQL page; segments of an evaluation are cohorts of users."
    )


def _colour_by(name: str) -> None:
    chosen.show_saved("")
    st.session_state["view"].colour = PREFIX + name


def _delete(store: CohortStore, name: str) -> None:
    if not problems.attempt(allowed.require, "delete", detail=f"cohort {name}"):
        return
    chosen.show_saved("")
    view: View = st.session_state["view"]
    if view.colour == PREFIX + name:
        view.colour = ""
    found: list[Cohort] = []
    if problems.attempt(lambda: found.append(store.delete(name))):
        gone.keep("cohort", view.workspace, found[0])


def _restore(store: CohortStore, deleted: Cohort) -> None:
    bring_back = f"bring back cohort {deleted.name}"
    if problems.attempt(allowed.require, "delete", detail=bring_back) and problems.attempt(
        store.restore, deleted
    ):
        gone.drop("cohort")
        chosen.show_saved(deleted.name)


def _profile(view: View, engine: Engine, kind: str, members: list[str]) -> None:
    held = points.features(engine, kind)
    ids = engine.user_ids if kind == "users" else engine.item_ids
    inside = np.isin(np.array(ids, dtype=object), np.array(members, dtype=object))
    found = distinctive(held, inside[None, :], top=None)[0]
    more = found[(found["z"] >= _Z) & (found["lift"] >= 1.1)].head(_MORE)
    less = found[(found["z"] <= -_Z) & (found["lift"] <= 0.9)].tail(_LESS)
    if more.empty and less.empty:
        st.caption("Nothing sets this cohort apart: its attributes are distributed like everybody's.")
        return
    several = "; for items' attributes the mean share of a history" if kind == "users" else ""
    charts.draw(
        lift_bars(
            pd.concat([more, less]),
            title="Profile against everybody",
            subtitle=f"Lift; share of the cohort / of everybody{several}. Most distinctive by log-odds.",
            unit=f"of {kind}",
            dark=state.is_dark(),
        ),
        key="map_profile",
    )


def _top_items(view: View, engine: Engine, weights: Weights, kind: str, members: list[str]) -> None:
    titles = lookups.item_labels(engine)
    if kind == "items":
        _top_of_items(view, engine, weights, members, titles)
        return
    counts, n = _counts(view, engine, weights, tuple(members))
    everybody, n_all = _counts(view, engine, weights, tuple(engine.user_ids))
    order = np.lexsort((np.arange(len(counts)), -counts))[:_TOP]
    frame = pd.DataFrame(
        {
            "item": [titles.get(engine.item_ids[i], engine.item_ids[i]) for i in order if counts[i]],
            "cohort": [100 * counts[i] / n for i in order if counts[i]],
            "everybody": [100 * everybody[i] / n_all for i in order if counts[i]],
        }
    )
    share = st.column_config.NumberColumn(format="%.0f %%")
    st.dataframe(
        frame, hide_index=True, key="map_top", height="content",
        column_config=tables.heads(frame, {"cohort": share, "everybody": share}),
    )  # fmt: skip
    said = (
        f"all {n:,} members" if n == len(members) else f"an even sample of {n:,} of {len(members):,} members"
    )
    st.caption(
        f"Share of users who see the item in their top {view.k} under the current weights (score fusion, "
        f"seen items excluded): {said}; everybody: {n_all:,} users."
    )


def _top_of_items(
    view: View, engine: Engine, weights: Weights, members: list[str], titles: dict[str, str]
) -> None:
    counts, n_all = _counts(view, engine, weights, tuple(engine.user_ids))
    users = lookups.items_frame(engine).set_index("item_id")["n_users"]
    place = {i: n for n, i in enumerate(engine.item_ids)}
    rows = sorted(members, key=lambda i: (-int(counts[place[i]]), -int(users.get(i, 0)), i))[:_TOP]
    frame = pd.DataFrame(
        {
            "item": [titles.get(i, i) for i in rows],
            "shown to": [100 * counts[place[i]] / n_all for i in rows],
            "users": [int(users.get(i, 0)) for i in rows],
        }
    )
    st.dataframe(
        frame, hide_index=True, key="map_top", height="content",
        column_config=tables.heads(frame, {
            "shown to": st.column_config.NumberColumn(format="%.0f %%"),
            "users": st.column_config.NumberColumn(help="Users with the item in their history."),
        }),
    )  # fmt: skip
    st.caption(
        f"Items of the cohort by the share of users who see them in their top {view.k} under the current "
        f"weights (score fusion): {n_all:,} users."
    )


def _counts(
    view: View, engine: Engine, weights: Weights, ids: tuple[str, ...]
) -> tuple[np.ndarray[Any, Any], int]:
    digest = hashlib.sha256("\0".join(ids).encode()).hexdigest()
    key = tuple((g, round(w, 4)) for g, w in weights.values.items())
    return _counted(str(engine.build), digest, key, view.k, engine, ids, weights)


@st.cache_data(max_entries=32, show_spinner="Ranking the cohort …")
def _counted(
    build: str, digest: str, key: tuple[tuple[str, float], ...], k: int,
    _engine: Engine, _ids: tuple[str, ...], _weights: Weights,
) -> tuple[np.ndarray[Any, Any], int]:  # fmt: skip
    return list_counts(_engine, _ids, _weights, k)


def _metrics(view: View, engine: Engine, weights: Weights, kind: str, members: list[str]) -> None:
    opened = score_cache.any_opened(view, engine)
    if opened is None:
        colours.no_score_cache("Metrics of a cohort")
        return
    found = score_cache.measured(opened, weights, view.k)
    if kind == "items":
        _exposure(engine, opened, found, members)
        return
    inside = np.isin(np.array(opened.score_cache.users, dtype=object), np.array(members, dtype=object))
    with problems.told(InputError, tone="info", before="No metrics: ") as outcome:
        rows = cohort_metrics(found.per_user, inside)
    if outcome.failed:
        return
    frame = pd.DataFrame(
        {
            "metric": [_title(row.metric) for row in rows],
            "cohort": [row.value for row in rows],
            "95 % interval": [f"{row.low:.4f} to {row.high:.4f}" for row in rows],
            "everybody": [row.everybody for row in rows],
            "against the rest": [row.difference for row in rows],
            "its interval": [f"{row.difference_low:+.4f} to {row.difference_high:+.4f}" for row in rows],
            "beyond chance": ["yes" if row.significant else "no" for row in rows],
        }
    )
    number = st.column_config.NumberColumn(format="%.4f")
    st.dataframe(
        frame, hide_index=True, key="map_metrics", height="content",
        column_config=tables.heads(frame, {
            "cohort": number, "everybody": number,
            "against the rest": st.column_config.NumberColumn(format="%+.4f"),
        }),
    )  # fmt: skip
    st.caption(
        text.md(
            f"{opened.said}. {int(inside.sum()):,} of {len(members):,} members measured; current weights."
            " Intervals: mean ± 1.96 standard errors; the difference is to everybody outside (Welch)."
        )
    )


def _exposure(engine: Engine, opened: score_cache.Opened, found: Measured, members: list[str]) -> None:
    inside = np.isin(np.array(opened.score_cache.items, dtype=object), np.array(members, dtype=object))
    share = places_taken(found.top, inside)
    low, high = normal_interval(share)
    shown = int((times_shown(found.top, len(inside))[inside] > 0).sum())
    headings.kpis(
        [
            (f"{share.mean():.1%}", "of the places of all lists"),
            (f"{inside.mean():.1%}", "of the catalogue"),
            (f"{shown:,} of {int(inside.sum()):,}", "items in any list"),
        ]
    )
    st.caption(
        text.md(
            f"{opened.said}. 95 % interval of the share of places: {low:.1%} to {high:.1%} (mean ± 1.96 "
            "standard errors over users)."
        )
    )


def _title(key: str) -> str:
    name, _, k = key.partition("@")
    known = definition(name)
    unit = f" ({known.unit})" if known.unit else ""
    return f"{known.title} @{k}{unit}" if k else f"{known.title}{unit}"
