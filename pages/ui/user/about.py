"""One user: choosing, profile, interests, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.figures.interests import interest_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.model.granularities import is_prior
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import guard
from pages.ui.session import allowed, state
from pages.ui.user import words
from pages.ui.widgets import charts, confirming, headings, problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def profile(user: str, engine: Engine) -> None:
    """Show who the user is: numbers and attributes."""
    found = engine.profile(user)
    attributes = " · ".join(f"{k}: {text.shorten(v, 40)}" for k, v in list(found.attributes.items())[:8])
    headings.heading(f"User {user}", attributes)
    numbers = [(f"{found.n_items:,}", "items"), (f"{found.n_events:,}", "events")]
    if found.first_time is not None and found.last_time is not None:
        numbers.append(
            (f"{found.first_time:%d %b %Y} – {found.last_time:%d %b %Y}", "first to last event (UTC)")
        )
    else:
        numbers.append(("undated", "events have no time"))
    if "social" in engine.present or found.n_friends:
        numbers.append((f"{found.n_friends:,}", "friends"))
    headings.kpis(numbers)


def forget(view: View, where: DeltaGenerator) -> None:
    """Offer to remove the user from every file of the workspace, after a second thought."""
    if not allowed.may("forget"):
        return
    with where.popover("Forget this user …", icon=":material/person_remove:", width="stretch"):
        found = state.engine(view.workspace).profile(view.user)
        st.markdown(
            f"Removes **{text.md(view.user)}** with {text.count(found.n_events, 'event')} on "
            f"{text.count(found.n_items, 'item')} from the tables, the receipt, all builds and maps, "
            "feedback, cohorts, experiments and exports kept in the workspace, and builds it again. "
            "This cannot be undone."
        )
        typed = confirming.ask(view.workspace, key=f"forget_name_{view.user}")
        if st.button("Forget permanently", key="forget_run", type="primary", **allowed.control("forget")):
            if problems.attempt(_forget, view, typed):
                st.rerun()
            problems.show()


def _forget(view: View, typed: str) -> None:
    allowed.require("forget", kept=False)
    confirming.check(view.workspace, typed, "close this to keep the user")
    folder = state.folder(view.workspace)
    allowed.start(folder, ["forget", "--workspace", str(folder), "--user", view.user])


def interests(user: str, engine: Engine) -> None:
    """Show the strongest evidence at each present granularity, and what is absent and why."""
    st.caption(
        "What the data say this user is interested in, and against: one panel per granularity, the "
        "strongest evidence and its share of the user's vector. Weights λ do not change it."
    )
    found = engine.interests(user, top=8)
    dark = state.is_dark()
    shown = [g for g in ordered(found) if not is_prior(g)]
    with st.container(key="interests_grid"):
        for start in range(0, len(shown), 2):
            for column, g in zip(st.columns(2, gap="large"), shown[start : start + 2], strict=False):
                with column:
                    charts.draw(interest_bars(found[g], g, dark), key=f"interest_{g}")
    for g in filter(is_prior, engine.present):
        st.caption(f"{name(g)} is a prior, the same for everybody; it is not an interest and has no panel.")
    for remark in guard.remarks(engine):
        st.caption(remark)
    words.show(user, engine)
