"""Each user's dominant granularity under given weights: everybody is ranked for it, which takes a while.

It runs in a thread of its own, once for each build and weights, for all sessions; a page
waits a moment for it and otherwise goes on without.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mgrec_core.foundation.results import Weights
from pages.ui.frame import gate

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

PATIENCE_SECONDS = 1.5
_pool = ThreadPoolExecutor(1, thread_name_prefix="dominant")


def dominant(engine: Engine, weights: Weights) -> pd.DataFrame | None:
    """Return (user_id, granularity, share), ``None`` while it is still being worked out.

    Raises
    ------
    MgrecError
        When the engine cannot tell.
    """
    key = tuple((g, round(w, 3)) for g, w in weights.values.items())
    future, _ = _started(str(engine.build), key, weights.base, engine)
    try:
        return future.result(timeout=PATIENCE_SECONDS)
    except NotYet:
        return None


@st.fragment(run_every=1.0)
def waiting(engine: Engine, weights: Weights) -> None:
    """Say that colours are on their way; run the page again when they are there."""
    gate.hold()
    key = tuple((g, round(w, 3)) for g, w in weights.values.items())
    future, since = _started(str(engine.build), key, weights.base, engine)
    if future.done():
        st.rerun()
    st.caption(
        f":material/hourglass_top: Working out everybody's dominant granularity "
        f"({time.time() - since:.0f} s); "
        "until then the colour is the number of items."
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _started(
    build: str, key: tuple[tuple[str, float], ...], base: str, _engine: Engine
) -> tuple[Future[pd.DataFrame], float]:
    return _pool.submit(_engine.dominant_granularity, Weights(dict(key), base)), time.time()
