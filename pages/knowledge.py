"""Knowledge graph: what is known about items, by which rule and how surely; names to link to items."""

from __future__ import annotations

import streamlit as st

from pages.ui import layout, state
from pages.ui.view import KNOWLEDGE_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    layout.heading(
        "Knowledge graph",
        "What is known about items: every triple with the rule that made it and how sure it is.",
    )
    layout.running_jobs(view)
    state.write(view, KNOWLEDGE_KEYS)
    status = state.status(view.workspace) if view.workspace else state.Nothing()
    if not status.imported:
        st.info(
            "Nothing has been imported yet: the Overview page has the buttons for it.", icon=":material/info:"
        )
        st.page_link(layout.OVERVIEW, label="Go to the Overview", icon=":material/dashboard:")
        return
    from pages.ui import graph

    graph.show(view, status)


show(layout.current_view())
