"""SQL: ask the views, see the answer as table and chart, keep it as a file or a cohort."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import SQL_LIMIT, View
from pages.ui.frame import links, navigation, progress
from pages.ui.session import state
from pages.ui.sql import cohorts, sqlbox
from pages.ui.widgets import headings, problems

PAGE = Page(title="SQL", icon="database", order=120, group="Data", address=("sql",))


def show(view: View) -> None:
    """Draw the page."""
    headings.heading("SQL", "One SELECT over the views, read-only: nothing here can change the data.")
    progress.running_jobs(view)
    kept = view.sql if len(view.sql) <= SQL_LIMIT else ""
    state.write(View(workspace=view.workspace, sql=kept), PAGE.keys)
    if not view.workspace or not state.status(view.workspace).imported:
        st.info(
            "There are no data to query yet: bring yours on the Import page, or take the sample data "
            "on the Overview page.",
            icon=":material/info:",
        )
        links.show("overview")
        return
    status = state.status(view.workspace)
    if status.problem and not status.built:
        problems.say(status.problem)
        links.show("overview")
        return
    left, right = st.columns([3, 1], gap="large")
    with left:
        sqlbox.ask(view)
        sqlbox.answer(view)
    with right:
        sqlbox.browser(view)
        with problems.told():
            cohorts.saved(view)


show(navigation.current_view())
