"""Undo and redo on every page: two buttons, and the keys people expect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.session import state

KEY = "undo_keys"
_MOST = 1000  # steps one message can ask for
_component = st.components.v2.component(
    "mgrec_undo", js=(Path(__file__).parent / "keys.js").read_text("utf-8")
)


def controls(where: DeltaGenerator) -> None:
    """Draw the buttons; each says what it would change."""
    history = state.history()
    if done := st.session_state.pop("undone", None):
        st.toast(done[0], icon=f":material/{done[1]}:")
    with where.container(horizontal=True, gap="small", key="undo_redo"):
        for label, what, icon, steps, keys in (
            ("Undo", history.undoes, "undo", -1, "Ctrl+Z or ⌘Z"),
            ("Redo", history.redoes, "redo", 1, "Ctrl+Shift+Z or ⇧⌘Z"),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=label.lower(),
                on_click=go,
                args=(steps,),
                disabled=not what,
                help=f"{label}: {what} ({keys})" if what else f"Nothing to {label.lower()} ({keys})",
                width="stretch",
            )
    if state.has_browser():
        with where:
            _component(key=KEY, on_steps_change=_pressed)


def go(steps: int) -> None:
    """Undo (below 0) or redo steps and say what it was (from a callback)."""
    state.touch()
    what = state.history().go(steps, st.session_state["view"])
    # The faders follow even where they are locked: see the mixer.
    st.session_state["restored"] = st.session_state.get("restored", 0) + 1
    if what:
        word = "Undone" if steps < 0 else "Done again"
        st.session_state["undone"] = (f"{word}: {what}", "undo" if steps < 0 else "redo")


def read(value: Any, seen: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """Return how many steps a browser asks for, and what has been seen of it then.

    Parameters
    ----------
    seen
        The listener's number and its count of steps when it was last heard.

    Examples
    --------
    >>> read({"id": 5, "steps": -2}, (5, -1)), read({"id": 6, "steps": -1}, (5, -2)), read("x", (5, -2))
    ((-1, (5, -2)), (-1, (6, -1)), (0, (5, -2)))
    """
    number, steps = (value.get("id"), value.get("steps")) if isinstance(value, dict) else (None, None)
    if type(number) is not int or type(steps) is not int:
        return 0, seen
    wanted = steps - (seen[1] if number == seen[0] else 0)
    return (wanted if abs(wanted) <= _MOST else 0), (number, steps)


def _pressed() -> None:
    sent = (st.session_state.get(KEY) or {}).get("steps")
    steps, seen = read(sent, st.session_state.get("undo_seen", (0, 0)))
    st.session_state["undo_seen"] = seen
    if steps:
        go(steps)
