"""Data quality: findings by severity, what is possible, and the figures behind them."""

from __future__ import annotations

import streamlit as st

from mgrec_core.service import jobs
from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import links, navigation, progress
from pages.ui.session import state
from pages.ui.widgets import headings, problems

PAGE = Page(title="Data quality", icon="fact_check", order=100, group="Data", address=("section",))


def show(view: View) -> None:
    """Draw the page."""
    headings.heading(
        "Data quality",
        "What the imported data hold, lack and hide: each finding with its number, what it means and "
        "what to do.",
    )
    state.write(view, PAGE.keys)
    progress.running_jobs(view)
    problems.show()
    if not view.workspace or not (state.folder(view.workspace) / "mgrec.duckdb").exists():
        busy = bool(view.workspace) and jobs.running(state.folder(view.workspace)) is not None
        st.info(
            "This page fills in once the import above is complete."
            if busy
            else "Nothing has been imported yet: bring your data on the Import page, or take the sample data "
            "on the Overview page.",
            icon=":material/info:",
        )
        links.show("overview")
        return
    from pages.ui.quality import assessment

    with problems.told() as outcome:
        report = assessment.read(state.folder(view.workspace))
    if outcome.failed:
        links.show("overview")
        return
    assessment.show(view, report)


show(navigation.current_view())
