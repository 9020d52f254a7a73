"""Overview: what the workspace holds, how healthy it is, what to do next."""

from __future__ import annotations

import streamlit as st

from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import guard, navigation, progress
from pages.ui.overview import workspaces
from pages.ui.session import allowed, state
from pages.ui.widgets import headings, problems

PAGE = Page(title="Overview", icon="dashboard", order=10)


def show(view: View) -> None:
    """Draw the page."""
    headings.heading(
        "Overview",
        "What this workspace holds, which granularities it supports, and what to do next.",
    )
    state.write(view, PAGE.keys)
    # Whoever waits for a first build wants to see a user; whoever builds again stays where they are.
    first = bool(view.workspace) and not state.status(view.workspace).built
    progress.running_jobs(view, then_user=first)
    if not view.workspace and not allowed.may("import"):
        st.info(" ".join(guard.NONE_TO_SEE), icon=":material/info:")
        return
    if not view.workspace:
        st.info(
            "There is no workspace yet. Bring your data on the Import page, or take the sample data below.",
            icon=":material/info:",
        )
        workspaces.manage(view)
        return
    _failure(view)
    with problems.told():
        status = state.status(view.workspace)
        if status.imported:
            from pages.ui.overview import holdings

            holdings.show(view, status)
        elif jobs.running(state.folder(view.workspace)):
            _welcome(view)
        else:
            st.info(
                f"Nothing has been imported into {text.md(view.workspace)} yet. Bring your data on the "
                "Import page, or take the sample data below.",
                icon=":material/info:",
            )
        if status.problem and not status.imported:
            problems.say(status.problem)
    workspaces.manage(view)


def _welcome(view: View) -> None:
    """Say what is being made, to somebody who sees the dashboard for the first time."""
    what = state.SAMPLES.get(view.workspace, "Your data")
    st.html(
        f"<p>{text.html(what[:1].upper() + what[1:])} are being read into tables and turned into "
        "vectors: for every user what they are interested in at up to seven granularities (their "
        "whole behaviour, what is recent, attributes, a knowledge graph, people with similar "
        "histories, friends, and what is popular).</p><p>When that is done the <b>User</b> page opens"
        " by itself: pick a user, move the weights λ, see the ranked list change and what in the data"
        " says so. The <b>Map</b> shows all users or items at once. Nothing leaves this machine, and "
        "the <b>Import</b> page takes your own data at any time.</p>"
    )


def _failure(view: View) -> None:
    newest = next((j for j in jobs.jobs_of(state.folder(view.workspace)) if j.kind != "project"), None)
    if newest is None or newest.state not in ("failed", "cancelled"):
        return
    dismissed = st.session_state.setdefault("dismissed_jobs", set())
    if newest.id in dismissed:
        return
    name = {"import": "import", "build": "build"}.get(newest.commands[newest.step][0], "job")
    with st.container(border=True):
        if newest.state == "cancelled":
            st.warning(
                f"The {name} was cancelled after {text.duration(newest.elapsed)}; what the workspace held "
                "before is unchanged.",
                icon=":material/stop_circle:",
            )
        else:
            problems.say(newest.error, before=f"The {name} failed: ")
        left, right, _ = st.columns([1, 1, 4])
        if left.button("Try again", icon=":material/refresh:", width="stretch") and problems.attempt(
            workspaces.again, view, newest
        ):
            st.rerun()
        if right.button("Dismiss", width="stretch"):
            dismissed.add(newest.id)
            st.rerun()


show(navigation.current_view())
