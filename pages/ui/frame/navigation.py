"""The frame around every page: the navigation, which workspace, the page that runs."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from mgrec_core.foundation import log
from mgrec_core.foundation.causes import readable
from mgrec_core.foundation.errors import InputError
from pages.ui.address.page import pages
from pages.ui.address.view import View
from pages.ui.frame import gate, links
from pages.ui.serving import login
from pages.ui.session import allowed, state
from pages.ui.widgets import problems
from pages.ui.widgets.controlled import controlled

FAVICON = Path(__file__).parent / "favicon.svg"
"""A file of our own: Streamlit would fetch an icon or emoji from the internet."""


def configure() -> None:
    """Set the page's name, icon and width."""
    st.set_page_config(
        page_title="mgrec",
        page_icon=str(FAVICON),
        layout="wide",
        initial_sidebar_state="expanded",
        menu_items={"About": "mgrec: recommendations at several granularities, explained down to the data."},
    )


def declare(*, shown: bool = True) -> StreamlitPage:
    """Declare the pages and return the one to run.

    Parameters
    ----------
    shown
        Whether to show the navigation: those that the person may open somewhere.
    """
    sections: dict[str, list[StreamlitPage]] = {}
    try:
        declared = pages()
    except InputError as error:  # a page that cannot be read must not take the others' sentence away
        problems.say(error)
        st.stop()
    for n, page in enumerate(declared):
        sections.setdefault(page.group, []).append(
            st.Page(
                page.file,
                title=page.title,
                icon=f":material/{page.icon}:",
                default=n == 0,
                url_path=page.name if n else None,
                visibility="visible" if shown and _anywhere(page.name) else "hidden",
            )
        )
    return st.navigation(sections, position="top" if shown else "hidden")


def _anywhere(name: str) -> bool:
    found = allowed.rights()
    return found.highest >= found.needed(f"page {name}")


def run(page: StreamlitPage) -> None:
    """Run a page, or the one that a click on it has asked for (:func:`links.go_next`).

    What a person can cause and no page expected becomes a sentence with a way out.
    """
    links.follow()
    if page.title != st.session_state.get("page_title"):
        st.session_state["page_turned"] = True
    st.session_state["page_title"] = page.title
    name = page.url_path or "overview"
    try:
        _enter(name)
        page.run()
    except Exception as error:
        sentence = readable(error)
        if sentence is not error:
            log.unexpected(log.get("pages"), error, page=name)
        if sentence is None:
            raise
        problems.say(sentence)
        links.show("overview")


def _enter(name: str) -> None:
    """Refuse a page that the person may not open; note which one they opened."""
    opened = (allowed.here(), name)
    new = login.configured() and st.session_state.get("page_entered") != opened
    allowed.require(f"page {name}", detail="opened", kept=new)
    st.session_state["page_entered"] = opened


def current_view() -> View:
    """Return the view the entry script has prepared.

    The first visit of a new server does not come through the entry script when it is a link
    to a page: until navigation has been declared once, Streamlit takes a folder called
    ``pages`` for scripts of their own. Declaring it and running again sets that right.
    """
    if "view" not in st.session_state:
        configure()
        declare(shown=gate.is_open())
        st.rerun()
    gate.check()
    view: View = st.session_state["view"]
    return view


def choose_workspace(view: View) -> None:
    """Show the choice of workspace, when there is one to make."""
    names = state.workspace_names()
    if not names:
        return
    controlled(
        st.sidebar.selectbox, "Workspace", names, key="workspace_choice", value=view.workspace,
        on_change=_switch_workspace,
    )  # fmt: skip


def _switch_workspace() -> None:
    fresh = View(workspace=st.session_state["workspace_choice"], k=state.editing().k)
    st.session_state["view"] = fresh
