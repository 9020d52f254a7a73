"""Pages that need a build: open it, or say in one sentence what is missing and where to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from mgrec_core.figures.palette import name
from mgrec_core.foundation.errors import MgrecError, StateBrokenError, WorkspaceBrokenError
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import LAST, View
from pages.ui.frame import links, progress
from pages.ui.session import allowed, lookups, state
from pages.ui.widgets import headings, problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

NONE_TO_SEE = (
    "There is no workspace that you may look at.",
    "Whoever runs the server can make one, or give you a role in one of those that are there.",
)
"""Of somebody who may not import: why there is nothing, and who can change that."""

_MENDED = "Import or build again on the Overview page to fix it."


def require_engine(view: View) -> Engine:
    """Return the engine of the view's workspace; without one, say why and end the page."""
    if not view.workspace and not allowed.may("import"):
        _end(view, *NONE_TO_SEE)
    if not view.workspace:
        _end(
            view,
            "There is no workspace yet.",
            "Bring your data on the Import page, or take the sample data on the Overview page.",
        )
    folder = state.folder(view.workspace)
    try:
        status = state.status(view.workspace)
        if status.problem:
            _end(
                view,
                status.problem,
                _MENDED if status.mends else "",
                broken=True,
            )
        if not status.built:
            if jobs.running(folder):
                _end(view, "This page opens by itself once the build above is complete.", "")
            missing = "Nothing has been imported" if not status.imported else "The data have not been built"
            _end(
                view,
                f"{missing} in the workspace “{view.workspace}”.",
                "The Overview page has the buttons for it.",
            )
        engine = state.engine(view.workspace)
    except MgrecError as error:
        mends = isinstance(error, WorkspaceBrokenError) and not isinstance(error, StateBrokenError)
        _end(view, str(error), _MENDED if mends else "", broken=True)
    progress.running_jobs(view)
    return engine


def check(view: View, engine: Engine) -> None:
    """Replace what this build does not know by its default, with a sentence for each."""
    users, items = lookups.known_ids(engine)
    if view.user and view.user not in users:
        state.problem(
            f"There is no user “{text.shorten(view.user, 40)}” in this workspace; a typical one is shown."
        )
        view.user = ""
    if view.item and view.item not in items:
        state.problem(f"There is no item “{text.shorten(view.item, 40)}” in this workspace.")
        view.item = ""
    if view.preset and view.preset not in engine.presets():
        state.problem(f"There is no preset “{text.shorten(view.preset, 40)}”; the active one is used.")
        view.preset = ""
    if view.reference not in ("", LAST, *engine.presets()):
        state.problem(f"There is no preset “{text.shorten(view.reference, 40)}” to compare with.")
        view.reference, view.reference_weights, view.reference_base = "", {}, ""
    if view.base and view.base not in engine.present:
        state.problem(f"{name(view.base)} cannot be the base: this build does not have it.")
        view.base = ""
    if view.reference_base and view.reference_base not in engine.present:
        view.reference_base = ""
    for what, weights in (
        ("weight", view.weights),
        ("α", view.alpha or {}),
        ("reference's weight", view.reference_weights),
    ):
        for g in [g for g in weights if g not in engine.present]:
            state.problem(f"The {what} of {name(g)} was ignored: this build does not have it.")
            del weights[g]
    if view.space != "fused" and view.space not in engine.present:
        state.problem(f"There is no map of {name(view.space)}: this build does not have it.")
        view.space = "fused"
    problems.show()


def remarks(engine: Engine) -> list[str]:
    """Return a sentence on each granularity that this build lacks or cannot rely on, in order."""
    found = []
    for g, status in engine.statuses.items():
        if g not in engine.present:
            found.append(f"{name(g)} is absent; {text.md(status.reason)}")
        elif status.unreliable:
            found.append(f"{name(g)} is unreliable; {text.md(status.unreliable)}")
    return found


def _end(view: View, sentence: str, way_out: str, *, broken: bool = False) -> NoReturn:
    headings.heading(st.session_state.get("page_title", ""))
    progress.running_jobs(view)
    problems.say(f"{sentence.rstrip('.')}. {way_out}", tone="error" if broken else "info")
    links.show("overview")
    st.stop()
    raise AssertionError("unreachable: the page has ended")
