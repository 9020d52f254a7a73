"""Model: how the language model reads the texts, teaching it, comparing models and going back."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import guard, navigation
from pages.ui.model import compared, held, rooms, taught, texts
from pages.ui.session import state
from pages.ui.widgets import headings
from pages.ui.widgets.controlled import controlled

PAGE = Page(
    title="Model",
    icon="model_training",
    order=105,
    group="Data",
    address=("room", "item", "one", "two", "template"),
)

_SHOWN = {"texts": texts.show, "models": held.show, "teach": taught.show, "compare": compared.show}


def show(view: View) -> None:
    """Draw the page."""
    engine = guard.require_engine(view)
    rooms.check(view)
    guard.check(view, engine)
    headings.heading(
        "Model",
        "How the language model reads the items' texts, what it can be taught, and which model is in use.",
    )
    room = rooms.chosen(view)
    controlled(
        st.segmented_control,
        "Part of the page",
        list(rooms.ROOMS),
        format_func=lambda name: rooms.ROOMS[name],
        key="model_tab",
        value=room,
        required=True,
        label_visibility="collapsed",
        on_change=rooms.choose,
    )
    _SHOWN[room](view, engine)
    state.write(view, PAGE.keys)


show(navigation.current_view())
