"""Waiting for a process of ours within a run of a page: shown, cancelled, ended with its session."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Protocol, TypeVar

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mgrec_core.foundation.errors import InputError
from pages.ui import text

T = TypeVar("T", covariant=True)
_LOOK = 0.1  # seconds between two looks
_WATCH = 1.0  # seconds between two looks for the session's browser
_SHOWN_AFTER = 0.7  # what is quicker needs no message
AT_ONCE = 3
"""Sources that one server reads at the same time: each reader may take gigabytes."""
_places = threading.BoundedSemaphore(AT_ONCE)


class Work(Protocol[T]):
    """What can be waited for: a :class:`~mgrec_core.data.confined.Reading`, for one."""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""

    @property
    def seconds(self) -> float:
        """Seconds since its start."""

    def cancel(self) -> None:
        """Stop it."""

    def result(self) -> T:
        """Return what came of it, or raise why nothing did."""


@contextlib.contextmanager
def a_place() -> Iterator[None]:
    """Hold one of the places for readers.

    Raises
    ------
    InputError
        All are taken.
    """
    if not _places.acquire(blocking=False):
        raise InputError(f"{AT_ONCE} other sources are being read right now: try again in a moment.")
    try:
        yield
    finally:
        _places.release()


def wait(work: Work[T], what: str) -> T:
    """Wait for a process and show how long it has been running, with a button that stops it.

    It is stopped too when the page is run again for any other reason, and when its browser has gone.

    Raises
    ------
    MgrecError
        What :meth:`Work.result` raises.
    """
    place = st.empty()
    line = None
    try:
        while work.running:
            time.sleep(_LOOK)
            if work.seconds < _SHOWN_AFTER:
                continue
            if line is None:
                with place.container(horizontal=True, vertical_alignment="center"):
                    line = st.empty()
                    st.button("Cancel", key="waiting_cancel", icon=":material/stop_circle:")
            # Writing ends this run where another one was asked for.
            line.caption(f"{what} for {text.duration(work.seconds)} …")
            if not here():
                st.stop()
    except BaseException:
        work.cancel()
        raise
    place.empty()
    return work.result()


def end_with_session(work: Work[object]) -> None:
    """Stop a process once the browser of this session has gone, while no run of a page waits for it."""
    context = get_script_run_ctx(suppress_warning=True)
    session = context.session_id if context else ""

    def watch() -> None:
        while work.running:
            if not here(session):
                work.cancel()
                return
            time.sleep(_WATCH)

    if session and Runtime.exists():
        threading.Thread(target=watch, daemon=True).start()


def here(session: str = "") -> bool:
    """Tell whether the browser of a session, by default of this one, is still connected."""
    context = get_script_run_ctx(suppress_warning=True)
    session = session or (context.session_id if context else "")
    if not Runtime.exists() or not session:
        return True  # nobody to have gone: a script run on its own
    return Runtime.instance().is_active_session(session)
