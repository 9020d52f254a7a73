"""The parts of the Model page, and what its address says of them."""

from __future__ import annotations

import streamlit as st

from pages.ui import text
from pages.ui.address.view import View
from pages.ui.session import state

ROOMS = {"texts": "Texts", "models": "Models", "teach": "Teach", "compare": "Compare"}
"""Name in an address → title; the first is where a bare address leads."""


def check(view: View) -> None:
    """Replace a part that there is not by the first one, with a sentence."""
    name = view.own.get("room", "")
    if name and name not in ROOMS:
        state.problem(
            f"The link's “room” was ignored: “{text.shorten(name, 40)}” is not one of {', '.join(ROOMS)}."
        )
        view.own["room"] = ""


def chosen(view: View) -> str:
    """Return the part that is shown."""
    return view.own.get("room") or next(iter(ROOMS))


def choose() -> None:
    """Take over the part that was chosen (a callback)."""
    name = st.session_state["model_tab"]
    state.editing().own["room"] = "" if name == next(iter(ROOMS)) else name


def take(field: str, key: str) -> None:
    """Take over a widget's value as a key of the address (a callback)."""
    state.editing().own[field] = st.session_state[key] or ""


def go(room: str) -> None:
    """Go to a part (a callback)."""
    state.editing().own["room"] = room
