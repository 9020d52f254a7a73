"""The one place where errors become sentences: what a person asked for and could not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, ParamSpec

import streamlit as st

from mgrec_core.foundation.errors import MgrecError
from pages.ui import text
from pages.ui.session import state

P = ParamSpec("P")
Tone = Literal["error", "info", "caption"]


def show() -> None:
    """Show once what was wrong with the link or the last action."""
    for sentence in st.session_state.pop("problems", []):
        st.warning(text.md(sentence), icon=":material/info:")


def attempt(action: Callable[P, object], *arguments: P.args, **options: P.kwargs) -> bool:
    """Call something a person asked for; a failure becomes a sentence that :func:`show` shows."""
    try:
        action(*arguments, **options)
    except MgrecError as error:
        state.problem(str(error))
        return False
    return True


class Outcome:
    """How a part of a page went: ``failed`` once an error was said in its place."""

    failed = False


@contextmanager
def told(
    kind: type[MgrecError] = MgrecError, *, tone: Tone = "error", before: str = "", where: Any = st
) -> Iterator[Outcome]:
    """Draw a part of a page; an error ends that part and becomes a sentence in its place.

    Parameters
    ----------
    kind
        Which errors: any of ours, unless a narrower one is named.
    tone, before, where
        As of :func:`say`.
    """
    outcome = Outcome()
    try:
        yield outcome
    except kind as error:
        outcome.failed = True
        say(error, tone=tone, before=before, where=where)


def say(error: object, *, tone: Tone = "error", before: str = "", where: Any = st) -> None:
    """Say an error.

    Parameters
    ----------
    tone
        ``info`` where nothing is broken, ``caption`` where the page goes on without.
    before
        What stands before the sentence, Markdown.
    where
        Streamlit or a container.
    """
    sentence = before + text.md(error)
    if tone == "caption":
        where.caption(sentence)
    else:
        getattr(where, tone)(sentence, icon=f":material/{tone}:")
