"""Item: its neighbours at every granularity, who gets to see it, and what is known of it."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import guard, navigation
from pages.ui.item import items
from pages.ui.session import state
from pages.ui.weights import controls
from pages.ui.widgets import headings

PAGE = Page(
    title="Item",
    icon="inventory_2",
    order=50,
    group="Explore",
    shares=("mix",),
    address=("k", "item", "look", "near", "groups"),
)


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    items.check(view, engine)
    if not view.item:
        headings.heading("Item")
        st.info("This workspace has no items.", icon=":material/info:")
        return
    items.choose(view, engine, st.sidebar)
    weights = controls.mixer(view, engine, st.sidebar.container())
    state.write(view, PAGE.keys)
    items.show(view, engine, weights)


show(navigation.current_view())
