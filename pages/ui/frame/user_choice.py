"""Choosing a user: search, step through, browse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.address.view import View
from pages.ui.session import lookups, state
from pages.ui.widgets import tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def choose(view: View, engine: Engine, where: DeltaGenerator) -> None:
    """Let the analyst search, step through and browse users."""
    ids = lookups.ordered_ids(engine)
    options = ids
    if len(ids) > lookups.MANY:
        typed = where.text_input("Search users", key="user_search", placeholder="start of an id")
        options = [i for i in ids if i.startswith(typed)][: lookups.MATCHES]
        if view.user not in options:
            options = [view.user, *options]
        where.caption(f"{len(ids):,} users; the first {lookups.MATCHES} matches are listed.")
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


def _browse(engine: Engine) -> None:
    frame = lookups.users_frame(engine)
    st.caption("Click a column's head to sort, or a row to open that user.")
    st.dataframe(
        frame,
        hide_index=True,
        height=420,
        width=640,
        key="user_browser_table",
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
    if user := tables.picked("user_browser_table", list(frame["user_id"])):
        _go(user)


def _chosen() -> None:
    if chosen := st.session_state["user_choice"]:
        _go(chosen)


def _go(user: str) -> None:
    view = state.editing()
    view.user, view.item = user, ""
