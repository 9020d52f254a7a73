"""One user: who it is, and forgetting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import text
from pages.ui.address.view import View
from pages.ui.session import allowed, state
from pages.ui.widgets import confirming, headings, problems

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
