"""The test users' scores: the split, the reference, and the score cache that is made once for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.evaluation.score_cache import Measured, ScoreCache
from mgrec_core.evaluation.score_cache_files import ScoreCacheRecord, open_score_cache, score_caches_of
from mgrec_core.evaluation.splits import SPLITS
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.foundation.text import count
from mgrec_core.service import jobs
from pages.ui.address.view import LAST, View
from pages.ui.session import allowed, state
from pages.ui.weights import reference
from pages.ui.widgets import problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

FIRST_REFERENCE = "default"
_SPLIT_NAMES = {
    "last": "Last share of each user's items",
    "last-n": "Last item of each user",
    "random": "Random share of each user's items",
    "time": "Everything after one moment",
    "items": "A share of the items, new to everybody",
}


@dataclass(frozen=True)
class Opened:
    """A score cache that is open, and what it describes."""

    score_cache: ScoreCache
    record: ScoreCacheRecord

    @property
    def said(self) -> str:
        """One line for captions: split, users, what counts as a hit, items."""
        split, record = self.record.split, self.record
        users = count(record.n_users, "user")
        if record.n_users < record.n_test_users:
            users += f" (an even sample of {record.n_test_users:,})"
        held = f"{split['test_ratio']:.0%}" if "test_ratio" in split else f"{split['count']} a user"
        return (
            f"Split {split['kind']}, {held} held out: {users}, {count(split['n_pairs'], 'pair')};"
            f" hits: {record.relevant['rule']};"
            f" full ranking of {count(record.n_items, 'item')}, seen ones excluded"
        )


def reference_of(view: View, engine: Engine) -> Preset:
    """Return the preset that differences are taken against."""
    found: Preset = engine.presets()[_name(view)]
    return reference.changed(found, view.reference_weights, view.reference_base)


def _name(view: View) -> str:
    return FIRST_REFERENCE if view.reference in ("", LAST) else view.reference


def parameters(view: View, engine: Engine, where: DeltaGenerator) -> None:
    """Draw what is held out and what is compared with."""
    with where:
        st.html('<h2 class="mg-h2">Measured on</h2>')
        names = list(engine.presets())
        controlled(
            st.selectbox,
            "Compare with preset",
            names,
            key="lab_reference",
            value=_name(view),
            on_change=_set_reference,
            help="Differences and their intervals are taken against this preset's weights.",
        )
        controlled(
            st.selectbox,
            "Held out",
            SPLITS,
            key="lab_split",
            value=view.split,
            format_func=_SPLIT_NAMES.get,
            sets="split",
            help="These events are removed before anything is built, and the lists are tested on them.",
        )
        controlled(
            st.slider, "Share held out", 0.05, 0.5, key="lab_ratio", value=view.test_ratio, step=0.05,
            on_change=_set_ratio, format="percent", disabled=view.split == "last-n",
        )  # fmt: skip


def opened(view: View, engine: Engine) -> Opened | None:
    """Return the score cache of the view's split, ``None`` while there is none."""
    folder = state.folder(view.workspace)
    for record in score_caches_of(folder, str(engine.build)):
        if _is_of(view, record):
            return Opened(_open(str(folder), record.id, record), record)
    return None


def any_record(view: View, engine: Engine) -> ScoreCacheRecord | None:
    """Return the score cache of the view's split, else the newest one; ``None`` while there is none."""
    records = score_caches_of(state.folder(view.workspace), str(engine.build))
    return next((r for r in records if _is_of(view, r)), records[0] if records else None)


def any_opened(view: View, engine: Engine) -> Opened | None:
    """Return that score cache, open."""
    record = any_record(view, engine)
    folder = str(state.folder(view.workspace))
    return Opened(_open(folder, record.id, record), record) if record else None


def _is_of(view: View, record: ScoreCacheRecord) -> bool:
    split = record.split
    if view.split == "last-n":
        return bool(split["kind"] == view.split and split["count"] == 1)
    return bool(split["kind"] == view.split and abs(split["test_ratio"] - view.test_ratio) < 1e-9)


def offer(view: View) -> None:
    """Say that the score cache is missing and prepare it in the background."""
    folder = state.folder(view.workspace)
    wanted = command(view)
    running = jobs.running(folder, "panel")
    if running is not None:  # its progress stands above, as that of every job
        st.skeleton(height=420)
        return
    last = jobs.latest(folder, "panel")
    if last is None and allowed.may("measure and learn"):  # the first visit: this is what the page is for
        if problems.attempt(allowed.start, folder, wanted):
            st.rerun()
        problems.show()
    if last is not None and last.state == "failed" and last.commands[0] == tuple(wanted):
        problems.say(last.error, before="The test users could not be scored: ")
    with st.container(border=True):
        st.markdown("**This split has not been prepared yet.**")
        st.caption(
            "Everything is rebuilt without the held-out events and every test user is scored once, in the "
            "background; texts are not encoded again. After that, metrics follow the sliders."
        )
        if st.button(
            "Prepare this split",
            type="primary",
            icon=":material/play_arrow:",
            **allowed.control("measure and learn"),
        ):
            if problems.attempt(allowed.start, folder, wanted):
                st.rerun()
            problems.show()


def measured(opened: Opened, weights: Weights | Preset, k: int) -> Measured:
    """Return everybody's metrics under weights, kept for the last few weights."""
    values = weights.values if isinstance(weights, Weights) else weights.weights
    vector = tuple(round(float(values.get(g, 0.0)), 6) for g in opened.score_cache.granularities)
    return _measured(opened.record.id, vector, min(k, opened.record.n_items), opened.score_cache)


@st.cache_resource(max_entries=3, show_spinner="Opening the score cache …")
def _open(path: str, identity: str, _record: ScoreCacheRecord) -> ScoreCache:
    from pathlib import Path

    return open_score_cache(Path(path), _record)


@st.cache_data(max_entries=64, show_spinner=False)
def _measured(identity: str, vector: tuple[float, ...], k: int, _panel: ScoreCache) -> Measured:
    return _panel.measure(vector, k)


def command(view: View) -> list[str]:
    """Return the command that prepares the view's split."""
    return [
        "panel", "--workspace", str(state.folder(view.workspace)),
        "--split", view.split, "--test-ratio", f"{view.test_ratio:g}",
    ]  # fmt: skip


def _set_reference() -> None:
    view = state.editing()
    view.reference, view.reference_weights, view.reference_base = st.session_state["lab_reference"], {}, ""


def _set_ratio() -> None:
    state.editing().test_ratio = round(float(st.session_state["lab_ratio"]), 2)
