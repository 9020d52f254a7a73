"""Widgets that show a value of the view: the view is the truth, the browser only reports.

Until a browser has taken over the state that a script set, it sends the widget's *default*. On a
busy machine, or where a run was broken off by the next one, that default would count as the
analyst's choice. So the value goes into the state and into the default, both at once, here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.session import state

_DEFAULTS = {
    "selectbox": "index",
    "radio": "index",
    "segmented_control": "default",
    "pills": "default",
    "feedback": "default",
}
"""Widget → the parameter that is its default; every other widget calls it ``value``."""

_UNSET = object()


def controlled(
    draw: Callable[..., Any],
    label: str,
    *positional: Any,
    key: str,
    value: Any,
    sets: str = "",
    **options: Any,
) -> Any:
    """Draw a widget that shows a value, and return what the widget returns.

    Parameters
    ----------
    draw
        Streamlit's function or method: ``st.selectbox``, ``where.slider`` …
    positional
        What follows the label: of a choice its options, of a slider its least and its greatest value.
    value
        What it shows; ``None``, or what is not among a choice's options: nothing is chosen.
    sets
        Field of the view into which the analyst's value is written back as it is.
    options
        Further parameters of ``draw``; where more is to happen than ``sets`` does, ``on_change`` does it.

    Raises
    ------
    TypeError
        When a default is given besides the value.
    """
    if sets:
        options |= {"on_change": _take, "args": (key, sets)}
    if st.session_state.get(key, _UNSET) != value:
        st.session_state[key] = value
    default = _DEFAULTS.get(draw.__name__, "value")
    if default == "index":
        choices = list(positional[0])
        shown = choices.index(value) if value in choices else None
    else:
        shown = value
    return draw(label, *positional, key=key, **{default: shown}, **options)


def _take(key: str, field: str) -> None:
    setattr(state.editing(), field, st.session_state[key])
