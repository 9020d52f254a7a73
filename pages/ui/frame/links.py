"""From one page to another: every link names a page as the registry has it."""

from __future__ import annotations

import streamlit as st

from pages.ui.address.page import page


def show(name: str, label: str = "", *, query: dict[str, str] | None = None) -> None:
    """Draw a link to a page.

    Parameters
    ----------
    label
        Empty: "Go to the …".
    query
        What the page's address is to say.
    """
    to = page(name)
    st.page_link(
        to.file, label=label or f"Go to the {to.title}", icon=f":material/{to.icon}:", query_params=query
    )


def go(name: str) -> None:
    """Go to a page now."""
    st.switch_page(page(name).file)


def go_next(name: str) -> None:
    """Go to a page when the run begins that answers a click (from a callback)."""
    st.session_state["open_page"] = name


def follow() -> None:
    """Go where a click has asked to go, if one has."""
    if name := st.session_state.pop("open_page", ""):
        go(name)
