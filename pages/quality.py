"""Data quality: findings by severity, what is possible, and the figures behind them."""

from __future__ import annotations

import streamlit as st

from mgrec_core.foundation.errors import MgrecError
from mgrec_core.service import jobs
from pages.ui import layout, state, text
from pages.ui.view import QUALITY_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    layout.heading(
        "Data quality",
        "What the imported data hold, lack and hide: each finding with its number, what it means and "
        "what to do.",
    )
    state.write(view, QUALITY_KEYS)
    layout.running_jobs(view)
    layout.show_problems()
    if not view.workspace or not (state.folder(view.workspace) / "mgrec.duckdb").exists():
        busy = bool(view.workspace) and jobs.running(state.folder(view.workspace)) is not None
        st.info(
            "This page has something to say when the import above is complete."
            if busy
            else "Nothing has been imported yet: bring your data on the Import page, or take the sample data "
            "on the Overview page.",
            icon=":material/info:",
        )
        st.page_link(layout.OVERVIEW, label="Go to the Overview", icon=":material/dashboard:")
        return
    from pages.ui import assessment

    try:
        report = assessment.read(state.folder(view.workspace))
    except MgrecError as error:
        st.error(text.md(error), icon=":material/error:")
        st.page_link(layout.OVERVIEW, label="Go to the Overview", icon=":material/dashboard:")
        return
    assessment.show(view, report)


show(layout.current_view())
