"""One user: choosing, profile, interests, history."""

from __future__ import annotations

import contextlib
from typing import Any

import pandas as pd
import streamlit as st

from mgrec_core.evaluation.segments import attributes
from mgrec_core.figures.interests import interest_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.service import jobs
from pages.ui import charts, guard, layout, state, text
from pages.ui.controlled import controlled
from pages.ui.view import View

MANY = 20_000
"""Above this many users the browser gets only those that match what was typed."""
MATCHES = 500


def typical(engine: Any) -> str:
    """Return the user with the median number of items: the one to start with."""
    frame = users_frame(engine)
    frame = frame[frame["n_items"] > 0].sort_values(["n_items", "user_id"])
    return str(frame["user_id"].iloc[len(frame) // 2]) if len(frame) else ""


def users_frame(engine: Any) -> pd.DataFrame:
    """Return one row a user, read once a build."""
    return _users_frame(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _users_frame(build: str, _engine: Any) -> pd.DataFrame:
    return _engine.users_frame()


def attributes_of(workspace: str, engine: Any) -> dict[str, pd.Series]:
    """Return the attributes of users that groups can be made of, read once a build."""
    return _attributes_of(workspace, str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _attributes_of(workspace: str, build: str, _engine: Any) -> dict[str, pd.Series]:
    with contextlib.closing(_engine.workspace.connect()) as connection:
        return attributes(connection)


def items_frame(engine: Any) -> pd.DataFrame:
    """Return one row an item, read once a build."""
    return _items_frame(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _items_frame(build: str, _engine: Any) -> pd.DataFrame:
    return _engine.items_frame()


def ordered_ids(engine: Any) -> list[str]:
    """Return the users in the order people expect: numbers by size, anything else by spelling."""
    return _ordered_ids(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _ordered_ids(build: str, _engine: Any) -> list[str]:
    ids = list(_engine.user_ids)
    return sorted(ids, key=lambda u: (len(u), u)) if all(u.isdecimal() for u in ids) else ids


def item_labels(engine: Any) -> dict[str, str]:
    """Return item id → title for people to search in, in order of popularity."""
    return _item_labels(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _item_labels(build: str, _engine: Any) -> dict[str, str]:
    frame = items_frame(_engine).sort_values(["n_users", "item_id"], ascending=[False, True])
    return {
        i: text.shorten(t if isinstance(t, str) and t else i, 90)
        for i, t in zip(frame["item_id"], frame["title"], strict=True)
    }


def choose(view: View, engine: Any, where: Any) -> None:
    """Let the analyst search, step through and browse users."""
    ids = ordered_ids(engine)
    options = ids
    if len(ids) > MANY:
        typed = where.text_input("Search users", key="user_search", placeholder="the beginning of an id")
        options = [i for i in ids if i.startswith(typed)][:MATCHES]
        if view.user not in options:
            options = [view.user, *options]
        where.caption(f"{len(ids):,} users; the first {MATCHES} that match are offered.")
    controlled(
        where.selectbox,
        "User",
        options,
        key="user_choice",
        value=view.user,
        on_change=_chosen,
        filter_mode="contains",
        help=f"{len(ids):,} users; type to search.",
    )
    with where.container(horizontal=True, gap="small"):
        position = ids.index(view.user)
        st.button(
            "Previous user",
            icon=":material/chevron_left:",
            key="user_before",
            on_click=_go,
            args=(ids[position - 1],),
            help="Previous user",
        )
        st.button(
            "Next user",
            icon=":material/chevron_right:",
            key="user_after",
            on_click=_go,
            args=(ids[(position + 1) % len(ids)],),
            help="Next user",
        )
        with st.popover(
            "Browse", icon=":material/table_rows:", on_change="rerun", key="user_browser", width="stretch"
        ) as browser:
            if browser.open:
                _browse(engine)


def profile(user: str, engine: Any) -> None:
    """Show who the user is: numbers and attributes."""
    found = engine.profile(user)
    attributes = " · ".join(f"{k}: {text.shorten(v, 40)}" for k, v in list(found.attributes.items())[:8])
    layout.heading(f"User {user}", attributes)
    numbers = [(f"{found.n_items:,}", "items"), (f"{found.n_events:,}", "events")]
    if found.first_time is not None and found.last_time is not None:
        numbers.append(
            (f"{found.first_time:%d %b %Y} – {found.last_time:%d %b %Y}", "first to last event (UTC)")
        )
    else:
        numbers.append(("undated", "events have no time"))
    if "social" in engine.present or found.n_friends:
        numbers.append((f"{found.n_friends:,}", "friends"))
    layout.kpis(numbers)


def forget(view: View, where: Any) -> None:
    """Offer to remove the user from every file of the workspace, after a second thought."""
    with where.popover("Forget this user …", icon=":material/person_remove:", width="stretch"):
        st.markdown(
            f"Removes **{text.md(view.user)}** from the tables, the receipt, all builds and maps, feedback, "
            "cohorts, experiments and exports kept in the workspace, and builds it anew. It cannot be undone."
        )
        sure = st.checkbox("I am sure", key=f"forget_sure_{view.user}")
        if st.button("Forget for good", disabled=not sure, key="forget_run", type="primary"):
            folder = state.folder(view.workspace)
            command = ["forget", "--workspace", str(folder), "--user", view.user]
            if layout.attempt(jobs.start, folder, command):
                st.rerun()
            layout.show_problems()


def interests(user: str, engine: Any) -> None:
    """Show the strongest evidence at each present granularity, and what is absent and why."""
    st.caption(
        "What the data say this user is interested in, one panel a granularity: the strongest evidence and "
        "its share of the user's vector. Weights λ do not change it."
    )
    found = engine.interests(user, top=8)
    dark = state.is_dark()
    shown = [g for g in ordered(found) if g != "popularity"]
    with st.container(key="interests_grid"):
        for start in range(0, len(shown), 2):
            for column, g in zip(st.columns(2, gap="large"), shown[start : start + 2], strict=False):
                with column:
                    charts.draw(interest_bars(found[g], g, dark), key=f"interest_{g}")
    if "popularity" in engine.present:
        st.caption("Popularity is a prior, the same for everybody; it is not an interest and has no panel.")
    for g, reason in guard.absent(engine):
        st.caption(f"{name(g)} is absent; {text.md(reason)}")


def history(user: str, engine: Any) -> None:
    """Show the user's items, newest first."""
    frame = engine.history(user)
    if frame.empty:
        st.info("This user has no events.", icon=":material/info:")
        return
    layout.section(
        f"{text.count(len(frame), 'item')} in the history",
        "Newest first; strength is on (0, 1], 1 is this user's strongest item.",
    )
    columns = {
        "item_id": st.column_config.TextColumn("Item id"),
        "title": st.column_config.TextColumn("Title", width="large"),
        "n_events": st.column_config.NumberColumn("Events", format="%d"),
        "strength": st.column_config.ProgressColumn("Strength", format="%.2f", min_value=0.0, max_value=1.0),
        "rating": st.column_config.NumberColumn("Rating", format="%.1f"),
        "last_time": st.column_config.DatetimeColumn("Last event (UTC)", format="D MMM YYYY, HH:mm"),
    }
    empty = [c for c in ("rating", "last_time") if c in frame and frame[c].isna().all()]
    st.dataframe(
        frame.drop(columns=empty),
        column_config={k: v for k, v in columns.items() if k not in empty},
        column_order=[
            c for c in ("title", "strength", "rating", "n_events", "last_time", "item_id") if c not in empty
        ],
        hide_index=True,
        height=560,
        key="history",
        placeholder="–",
        alt=f"The {len(frame)} items in the history of user {user}, newest first.",
    )


def _browse(engine: Any) -> None:
    frame = users_frame(engine)
    st.caption("Sort by a column's head, click a row to open the user.")
    st.dataframe(
        frame,
        hide_index=True,
        height=420,
        width=640,
        key="users_table",
        selection_mode="single-row",
        on_select=lambda: _picked_row(frame),
        column_config={
            "user_id": "User",
            "n_items": st.column_config.NumberColumn("Items", format="%d"),
            "n_events": st.column_config.NumberColumn("Events", format="%d"),
            "last_time": st.column_config.DatetimeColumn("Last event (UTC)", format="D MMM YYYY"),
        },
        placeholder="–",
        alt="All users with their activity.",
    )


def _picked_row(frame: pd.DataFrame) -> None:
    rows = st.session_state["users_table"].get("selection", {}).get("rows", [])
    if rows:
        _go(str(frame["user_id"].iloc[rows[0]]))


def _chosen() -> None:
    if chosen := st.session_state["user_choice"]:
        _go(chosen)


def _go(user: str) -> None:
    state.touch()
    view: View = st.session_state["view"]
    view.user, view.item = user, ""
