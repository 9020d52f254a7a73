"""Which item of the list is explained."""

from __future__ import annotations

import streamlit as st

from pages.ui.session import state


def open_item(item: str) -> None:
    """Open an item's explanation (from a callback, before the page runs)."""
    state.editing().item = item
    st.session_state["scroll_to_why"] = True
