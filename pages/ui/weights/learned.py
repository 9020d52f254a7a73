"""What feedback has taught: the learner of a workspace, opened once a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.feedback.learning import FeedbackLearner
from mgrec_core.feedback.log import Feedback
from pages.ui.address.view import View
from pages.ui.session import allowed, state
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def learner(workspace: str, engine: Engine) -> FeedbackLearner:
    """Return the workspace's feedback, opened once a build and state of its options."""
    options = state.folder(workspace) / "feedback.yaml"
    stamp = options.stat().st_mtime_ns if options.is_file() else 0
    return _learner(workspace, str(engine.build), stamp, engine)


@st.cache_resource(max_entries=8, show_spinner=False)
def _learner(workspace: str, build: str, stamp: int, _engine: Engine) -> FeedbackLearner:
    return FeedbackLearner(_engine)


def hidden(view: View, engine: Engine) -> frozenset[str]:
    """Return the items that the view leaves out of the list: none, unless it hides the unwanted ones."""
    if not view.hide:
        return frozenset()
    return learner(view.workspace, engine).unwanted(view.user)


def press(engine: Engine, row: Feedback, kind: str | None) -> None:
    """Keep a thumb or take it back (from a callback); what goes wrong becomes a sentence."""
    state.touch()
    problems.attempt(_press, engine, row, kind)


def _press(engine: Engine, row: Feedback, kind: str | None) -> None:
    allowed.require("give feedback")
    learner(st.session_state["view"].workspace, engine).press(row, kind)
