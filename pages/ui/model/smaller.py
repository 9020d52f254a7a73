"""Smaller models: making them in the background, and what came of the last ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.service import jobs
from pages.ui.address.view import View
from pages.ui.session import allowed, state
from pages.ui.widgets import headings, problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

KINDS = {
    "int8": "Numbers of 8 bits: a quarter of the size",
    "layers": "Half of the layers: about twice as fast",
    "static": "A row a word: a hundred times as fast, loses some of the meaning",
    "heads": "Fewer attention heads: little smaller",
    "bf16": "Numbers of 16 bits, where this processor computes in them",
}
"""Kinds as the command calls them; it is not imported here, since all of torch comes with it."""
USUAL = ("int8", "layers", "static")


def show(view: View, engine: Engine) -> None:
    """Draw the form; while smaller models are made, where to look."""
    folder = state.folder(view.workspace)
    headings.section(
        "Make smaller models",
        "Smaller models of the one in use, each measured beside it on the same held-out events. Nothing is "
        "switched: they appear in the table above.",
    )
    if jobs.running(folder, "compress") is not None:
        st.info(
            "Smaller models are being made and measured: progress and a way to cancel are shown above.",
            icon=":material/hourglass_top:",
        )
        return
    last = jobs.latest(folder, "compress")
    if last is not None and last.state == "failed":
        problems.say(last.error, before="No smaller model was made: ")
    with st.form("model_smaller", border=True):
        kinds = st.multiselect(
            "Kinds", list(KINDS), list(USUAL), key="model_kinds", format_func=lambda kind: KINDS[kind]
        )
        sent = st.form_submit_button(
            "Make them", key="model_compress", icon=":material/compress:", **allowed.control("build")
        )
    st.caption("It takes some minutes in the background; every page stays usable.")
    if sent:
        command = ["compress", "--workspace", str(folder), "--kinds", ",".join(kinds)]
        if problems.attempt(allowed.start, folder, command):
            st.rerun()
        problems.show()
