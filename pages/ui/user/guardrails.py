"""The guardrail strip of one user's page: what the same weights do to everybody.

The figures, their intervals and their look are the Fusion lab's; only the place is another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.evaluation.tradeoffs import changes
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import progress
from pages.ui.measured import score_cache, strip
from pages.ui.session import allowed, state
from pages.ui.weights.reference import said
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

K = 10
"""Everybody's figures keep their k, so that they can be told from one list's length."""


def place(view: View, engine: Engine) -> DeltaGenerator:
    """Return an empty container as high as the strip will be, so that what is below stays where it is."""
    is_known = view.fusion == "score" and score_cache.any_record(view, engine) is not None
    return st.container(key="guardrails" if is_known else "guardrails_offer", gap="small")


def show(view: View, engine: Engine, weights: Weights, reference: Preset) -> None:
    """Show everybody's accuracy, coverage, novelty and popularity lift against the reference."""
    if view.fusion != "score":
        st.caption("Everybody's figures are measured with the fusion mode “Scores” only.")
        return
    with problems.told(tone="caption", before="Everybody's figures cannot be read: ") as outcome:
        opened = score_cache.any_opened(view, engine)
        if opened is None:
            _offer(view)
            return
        found = changes(score_cache.measured(opened, weights, K), score_cache.measured(opened, reference, K))
    if outcome.failed:
        return
    strip.show(found, reference.name)
    st.caption(
        text.md(f"Everybody under these weights, against {said(reference)}. {opened.said}."),
        help="The arrow is the difference; it is grey where the 95 % interval includes 0. Point at a "
        "figure's question mark for its formula and interval. The Fusion lab has all metrics.",
    )


def _offer(view: View) -> None:
    folder = state.folder(view.workspace)
    if jobs.running(folder, "panel") is not None:  # its progress stands above, as that of every job
        st.caption("Everybody's accuracy and coverage appear here once the test users are scored.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "What these weights do to everybody has not been measured yet: that takes held-out events.",
            width="content",
        )
        st.button(
            "Measure everybody",
            icon=":material/groups:",
            key="measure_everybody",
            on_click=_start,
            args=(score_cache.command(view),),
            **allowed.control(
                "measure and learn",
                help="Rebuilds without a held-out share of the events and scores every test user once, in "
                "the background; after that these figures follow the faders.",
            ),
        )
    if problem := progress.last_failure(view, "panel"):
        st.caption(text.md(problem))


def _start(command: list[str]) -> None:
    view: View = st.session_state["view"]
    problems.attempt(allowed.start, state.folder(view.workspace), command)
