"""Audit: who did what, when and from where."""

from __future__ import annotations

import streamlit as st

from mgrec_core.service import audit
from pages.ui import text
from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import navigation
from pages.ui.session import allowed, state
from pages.ui.widgets import headings, problems

PAGE = Page(title="Audit log", icon="policy", order=130, group="Data")


def show(view: View) -> None:
    """Draw the page."""
    headings.heading("Audit log", "Who did what, when and from where: the newest 1,000 lines.")
    state.write(view, PAGE.keys)
    with problems.told():
        allowed.require("read the audit log", "", kept=False)
        place = audit.broken(state.root())
        if place is not None:
            problems.say(f"Line {place} does not follow from the one before: the log has been changed there.")
        frame = audit.read(state.root())
        if frame.empty:
            st.info("Nothing has been written down yet.", icon=":material/info:")
            return
        st.dataframe(
            frame[["at", "who", "address", "action", "workspace", "outcome", "detail"]],
            hide_index=True,
            key="audit_rows",
            alt=f"The newest {len(frame)} lines of the audit log.",
        )
        st.caption(text.md(f"{text.count(len(frame), 'line')}; times are UTC."))


show(navigation.current_view())
