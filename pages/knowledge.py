"""Knowledge graph: what is known about items, by which rule and how surely; names to link to items."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import links, navigation, progress
from pages.ui.session import state
from pages.ui.widgets import headings

PAGE = Page(title="Knowledge graph", icon="hub", order=110, group="Data", address=("entity",))


def show(view: View) -> None:
    """Draw the page."""
    headings.heading(
        "Knowledge graph",
        "What is known about items: every triple with the rule that made it and how sure it is.",
    )
    progress.running_jobs(view)
    state.write(view, PAGE.keys)
    status = state.status(view.workspace) if view.workspace else state.Nothing()
    if not status.imported:
        st.info(
            "Nothing has been imported yet: the Overview page has the buttons for it.", icon=":material/info:"
        )
        links.show("overview")
        return
    from pages.ui.knowledge import graph

    graph.show(view, status)


show(navigation.current_view())
