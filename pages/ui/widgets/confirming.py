"""A second thought before a loss: the name of the workspace is typed, not a box ticked."""

from __future__ import annotations

import streamlit as st

from mgrec_core.foundation.errors import InputError
from pages.ui import text


def ask(workspace: str, key: str) -> str:
    """Ask for the workspace's name; returns what was typed."""
    return st.text_input(
        f"Type the workspace's name, `{workspace}`, to confirm", key=key, autocomplete="off", max_chars=64
    )


def check(workspace: str, typed: str, otherwise: str) -> None:
    """Refuse where the name is another.

    Parameters
    ----------
    workspace, typed
        The name, and what was typed.
    otherwise
        What else can be done, for the end of the sentence.

    Raises
    ------
    InputError
        When it is another name, or none; nothing has been changed.
    """
    typed = text.visible(typed)
    if typed == workspace:
        return
    if not typed:
        raise InputError(f"Nothing was changed yet: type “{workspace}” to confirm, or {otherwise}.")
    raise InputError(
        f"Nothing was changed: what was typed to confirm is not “{workspace}”. Type that, or {otherwise}."
    )
