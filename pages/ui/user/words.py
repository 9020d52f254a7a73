"""A user's interests in words, under the figures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import text
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

VARIABLE = "MGREC_GENERATOR"
"""Variable of the environment that names a model that may write; without it a template does."""


def show(user: str, engine: Engine) -> None:
    """Show the template's sentences, and a model's where the server names one and somebody asks for it."""
    from mgrec_core.analysis.in_words import in_words, refusals
    from mgrec_core.figures.palette import name

    with st.expander("In words", icon=":material/notes:", on_change="rerun", key="in_words") as words:
        if not words.open:
            return
        kept = st.session_state.get("in_words_written")
        if os.environ.get(VARIABLE) and st.button("Let the model write", key="in_words_write"):
            with problems.told():
                kept = _written(user, engine)
        if kept is None or kept[0] != (engine.build, user):
            kept = (engine.build, user), in_words(engine, user)
        document: dict[str, Any] = kept[1]
        for granularity, told in document["granularities"].items():
            st.markdown(f"**{text.md(name(granularity))}**: {text.md(told['text'])}")
        for why, names in refusals(document):
            listed = ", ".join(map(name, names))
            st.caption(f"{text.md(listed)}: the template's text stands in for the model's: {text.md(why)}")
        written = any(told["by"] == "model" for told in document["granularities"].values())
        st.caption(
            f"Written by {text.md(document['generator'])} from the evidence above: titles and numbers were"
            " looked up there, what is said about them was not."
            if written
            else "Written by a template from the evidence above; shares are of the user's vector."
        )


def _written(user: str, engine: Engine) -> tuple[tuple[str, str], dict[str, Any]]:
    from mgrec_core.analysis.in_words import in_words
    from mgrec_core.language.generation import load_generator

    with st.spinner("The model writes"):
        found = in_words(engine, user, load_generator(os.environ[VARIABLE]))
    st.session_state["in_words_written"] = (engine.build, user), found
    return (engine.build, user), found
