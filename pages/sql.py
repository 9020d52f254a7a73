"""SQL: ask the views, see the answer as table and chart, keep it as a file or a cohort."""

from __future__ import annotations

import streamlit as st

from mgrec_core.foundation.errors import MgrecError
from pages.ui import cohorts, layout, sqlbox, state, text
from pages.ui.view import SQL_KEYS, SQL_LIMIT, View


def show(view: View) -> None:
    """Draw the page."""
    layout.heading("SQL", "One SELECT over the views, read-only: nothing here can change the data.")
    layout.running_jobs(view)
    kept = view.sql if len(view.sql) <= SQL_LIMIT else ""
    state.write(View(workspace=view.workspace, sql=kept), SQL_KEYS)
    if not view.workspace or not state.status(view.workspace).imported:
        st.info(
            "There are no data to ask yet: bring yours on the Import page, or take the sample data on the "
            "Overview page.",
            icon=":material/info:",
        )
        st.page_link(layout.OVERVIEW, label="Go to the Overview", icon=":material/dashboard:")
        return
    status = state.status(view.workspace)
    if status.problem and not status.built:
        st.error(text.md(status.problem), icon=":material/error:")
        st.page_link(layout.OVERVIEW, label="Go to the Overview", icon=":material/dashboard:")
        return
    left, right = st.columns([3, 1], gap="large")
    with left:
        sqlbox.ask(view)
        sqlbox.answer(view)
    with right:
        sqlbox.browser(view)
        try:
            cohorts.saved(view)
        except MgrecError as error:
            st.error(text.md(error), icon=":material/error:")


show(layout.current_view())
