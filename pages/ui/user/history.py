"""A user's history, and the list as if some of it had not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.analysis.counterfactual import Recomputed, what_if
from mgrec_core.foundation.results import Weights
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.user import left_out, proof
from pages.ui.widgets import headings, problems

if TYPE_CHECKING:
    import pandas as pd

    from mgrec_core.engine.engine import Engine

_BASE = "history_base"
"""What the open table started from: user, number of the table, and what did not count then."""


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Show the user's items, newest first, with a tick each; without the tick it does not count."""
    frame = engine.history(view.user)
    if frame.empty:
        st.info("This user has no events.", icon=":material/info:")
        return
    ids = frame["item_id"].tolist()
    without = left_out.of(view, ids)
    with st.container(key="history_and_list"):
        left, *right = st.columns([3, 2] if without else 1, gap="large")
        with left:
            headings.section(
                f"{text.count(len(frame), 'item')} in the history",
                "Newest first; the signal is what the events say, from −1 (as much against as anything) to 1 "
                "(for). Untick what is not to count, and see the list without it.",
            )
            _table(view.user, frame, without)
        if right:
            with right[0]:
                _list(view, engine, weights, without)


def _table(user: str, frame: pd.DataFrame, without: list[str]) -> None:
    columns = {
        "counts": st.column_config.CheckboxColumn("Counts", width=70),
        "item_id": st.column_config.TextColumn("Item id"),
        "title": st.column_config.TextColumn("Title", width="large"),
        "n_events": st.column_config.NumberColumn("Events", format="%d"),
        "signal": st.column_config.NumberColumn("Signal", format="%+.2f"),
        "rating": st.column_config.NumberColumn("Rating", format="%.1f"),
        "last_time": st.column_config.DatetimeColumn("Last event (UTC)", format="D MMM YYYY, HH:mm"),
    }
    empty = [c for c in ("rating", "last_time") if c in frame and frame[c].isna().all()]
    ids = frame["item_id"].tolist()
    key, base = _table_of(user, ids, set(without))
    shown = frame.drop(columns=empty).assign(counts=~frame["item_id"].isin(base))
    st.data_editor(
        shown,
        column_config={k: v for k, v in columns.items() if k not in empty},
        column_order=[
            c
            for c in ("counts", "title", "signal", "rating", "n_events", "last_time", "item_id")
            if c not in empty
        ],
        disabled=[c for c in shown.columns if c != "counts"],
        hide_index=True,
        num_rows="fixed",
        height=560,
        key=key,
        on_change=_ticked,
        args=(user, key, ids, base),
        placeholder="–",
        alt=f"The {len(frame)} items in the history of user {user}, newest first.",
    )


def _table_of(user: str, ids: list[str], without: set[str]) -> tuple[str, set[str]]:
    """Key of the table, and what does not count in its rows before any tick.

    The browser keeps the ticks that were given since a table was drawn, so that a tick draws no new one.
    Where the address says otherwise (undo, a link, the button), it is another table.
    """
    held, number, base = st.session_state.get(_BASE, ("", 0, set()))
    key = f"history_{number}"
    if held != user or _unticked(key, ids, base) != without:
        number, base = number + 1, without
        key = f"history_{number}"
        st.session_state[_BASE] = (user, number, base)
    return key, base


def _unticked(key: str, ids: list[str], base: set[str]) -> set[str]:
    """What has no tick, after those that were given in the browser."""
    edited: dict[int, dict[str, Any]] = st.session_state.get(key, {}).get("edited_rows", {})
    ticks = {ids[int(row)]: bool(cells["counts"]) for row, cells in edited.items() if "counts" in cells}
    return {i for i in base if not ticks.get(i, False)} | {i for i, on in ticks.items() if not on}


def _ticked(user: str, key: str, ids: list[str], base: set[str]) -> None:
    left_out.put(user, _unticked(key, ids, base))


def _list(view: View, engine: Engine, weights: Weights, without: list[str]) -> None:
    headings.section(
        f"The list without {text.count(len(without), 'item')}",
        "Ranked anew from what is left of the history; ▲▼ count places against the list as it is.",
    )
    st.button(
        "Count everything again",
        icon=":material/undo:",
        key="history_reset",
        on_click=left_out.put,
        args=(view.user, ()),
    )
    with problems.told(tone="info"):
        proof.changes(recomputed(engine, view, weights, tuple(without)))


def recomputed(engine: Engine, view: View, weights: Weights, without: tuple[str, ...]) -> Recomputed:
    """The list of the view's user without some items of the history."""
    return _recomputed(view.workspace, str(engine.build), view.user, without, weights, view.k, engine)


@st.cache_data(max_entries=32, show_spinner=False)
def _recomputed(
    workspace: str, build: str, user: str, without: tuple[str, ...], weights: Weights, k: int, _engine: Engine
) -> Recomputed:
    return what_if(_engine, user, without, weights, k=k)
