"""Starting the lab's long runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mgrec_core.foundation.results import Weights
from mgrec_core.service import jobs
from mgrec_core.service.rights import KINDS
from pages.ui.address.view import View, format_weights
from pages.ui.session import allowed, state
from pages.ui.widgets import problems


def weights_argument(weights: Weights) -> list[str]:
    """Return the weights in force as options of the command line."""
    given = format_weights(weights.values).replace("~", "=").replace("_", ",")
    return ["--weights", given, "--base", weights.base]


def split_arguments(view: View) -> list[str]:
    """Return the view's split as options of the command line."""
    return ["--split", view.split, "--test-ratio", f"{view.test_ratio:g}"]


def evaluate_command(view: View, weights: Weights, *more: str) -> list[str]:
    """Return the arguments of an evaluation of the weights in force."""
    where = ["--workspace", str(state.folder(view.workspace))]
    return ["evaluate", *where, *split_arguments(view), "--k", str(view.k), *weights_argument(weights), *more]


def offer_job(
    view: View, label: str, command: list[str], what: str, *, primary: bool = False, key: str = ""
) -> None:
    """Draw a button that starts a long run; while one of its kind runs there is nothing to start."""
    folder = state.folder(view.workspace)
    kind = command[0]
    running = jobs.running(folder, kind)
    if running is not None:
        st.caption("This is already running: its progress is shown above, and the page stays usable.")
        return
    last = jobs.latest(folder, kind)
    if last is not None and last.state == "failed" and last.commands[0] == tuple(command):
        problems.say(last.error, before="The last run failed: ")
    row = st.container(horizontal=True, vertical_alignment="center")
    if row.button(
        label,
        key=f"lab_run_{key or kind}",
        icon=":material/play_arrow:",
        type="primary" if primary else "secondary",
        **allowed.control(KINDS.get(kind, kind)),
    ):
        if problems.attempt(allowed.start, folder, command):
            st.rerun()
        problems.show()
    row.caption(what)


def hits(document: Mapping[str, Any]) -> str:
    """Say what counts as a hit in an evaluation's document."""
    return str(document.get("relevant", {}).get("rule", "every held-out item"))
