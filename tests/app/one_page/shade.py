"""A page of one file, as somebody adds it: nothing else in the project knows of it."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import guard, links, navigation
from pages.ui.session import state
from pages.ui.widgets import headings
from pages.ui.widgets.controlled import controlled

PAGE = Page(title="Shade", icon="palette", order=45, group="Explore", shares=("mix",), address=("k", "shade"))


def show(view: View) -> None:
    engine = guard.require_engine(view)
    guard.check(view, engine)
    state.write(view, PAGE.keys)
    shade = view.own.get("shade", "")
    headings.heading("Shade", f"The address asks for {shade or 'none'} and {view.k} items.")
    controlled(st.selectbox, "Shade", ["", "plain", "dark"], key="shade", value=shade, on_change=_set_shade)
    links.show("overview")


def _set_shade() -> None:
    state.editing().own["shade"] = st.session_state["shade"]


show(navigation.current_view())
