"""Which users are measured: the split, the reference, and the panel that must be prepared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from mgrec_core.evaluation.score_cache import Measured, Panel
from mgrec_core.evaluation.score_cache_files import PanelRecord, open_panel, panels_of
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.service import jobs
from pages.ui import layout, reference, state, text
from pages.ui.controlled import controlled
from pages.ui.view import LAST, SPLITS, View

FIRST_REFERENCE = "default"
_SPLIT_NAMES = {
    "last": "Last share of each user's items",
    "random": "Random share of each user's items",
    "time": "Everything after one moment",
}


@dataclass(frozen=True)
class Opened:
    """A panel that is open, and what it describes."""

    panel: Panel
    record: PanelRecord

    @property
    def said(self) -> str:
        """One line for captions: split, users, items."""
        split, record = self.record.split, self.record
        users = f"{record.n_users:,} users"
        if record.n_users < record.n_test_users:
            users += f" (an even sample of {record.n_test_users:,})"
        return (
            f"Split {split['kind']}, {split['test_ratio']:.0%} held out: {users}, {split['n_pairs']:,} pairs;"
            f" full ranking of {record.n_items:,} items, seen ones excluded"
        )


def reference_of(view: View, engine: Any) -> Preset:
    """Return the preset that differences are taken against."""
    found: Preset = engine.presets()[_name(view)]
    return reference.changed(found, view.reference_weights, view.reference_base)


def _name(view: View) -> str:
    return FIRST_REFERENCE if view.reference in ("", LAST) else view.reference


def parameters(view: View, engine: Any, where: Any) -> None:
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
            on_change=_set_split,
            help="These events are taken away before anything is built, and the lists are tested on them.",
        )
        controlled(
            st.slider, "Share held out", 0.05, 0.5, key="lab_ratio", value=view.test_ratio, step=0.05,
            on_change=_set_ratio, format="percent",
        )  # fmt: skip


def opened(view: View, engine: Any) -> Opened | None:
    """Return the panel of the view's split, ``None`` while there is none."""
    folder = state.folder(view.workspace)
    for record in panels_of(folder, str(engine.build)):
        if _is_of(view, record):
            return Opened(_open(str(folder), record.id, record), record)
    return None


def any_record(view: View, engine: Any) -> PanelRecord | None:
    """Return the panel of the view's split, else the newest one; ``None`` while there is none."""
    records = panels_of(state.folder(view.workspace), str(engine.build))
    return next((r for r in records if _is_of(view, r)), records[0] if records else None)


def any_opened(view: View, engine: Any) -> Opened | None:
    """Return that panel, open."""
    record = any_record(view, engine)
    folder = str(state.folder(view.workspace))
    return Opened(_open(folder, record.id, record), record) if record else None


def _is_of(view: View, record: PanelRecord) -> bool:
    split = record.split
    return split["kind"] == view.split and abs(split.get("test_ratio", -1) - view.test_ratio) < 1e-9


def offer(view: View) -> None:
    """Say that the panel is missing and prepare it in the background."""
    folder = state.folder(view.workspace)
    wanted = command(view)
    running = jobs.running(folder, "panel")
    if running is not None:  # its progress stands above, as that of every job
        st.skeleton(height=420)
        return
    last = jobs.latest(folder, "panel")
    if last is None:  # the first visit: this is what the page is for
        if layout.attempt(jobs.start, folder, wanted):
            st.rerun()
        layout.show_problems()
    if last is not None and last.state == "failed" and last.commands[0] == tuple(wanted):
        st.error(f"The test users could not be scored: {text.md(last.error)}", icon=":material/error:")
    with st.container(border=True):
        st.markdown("**This split has not been prepared yet.**")
        st.caption(
            "Everything is rebuilt without the held-out events and every test user is scored once, in the "
            "background; texts are not encoded again. After that, metrics follow the sliders."
        )
        if st.button("Prepare this split", type="primary", icon=":material/play_arrow:"):
            if layout.attempt(jobs.start, folder, wanted):
                st.rerun()
            layout.show_problems()


def measured(opened: Opened, weights: Weights | Preset, k: int) -> Measured:
    """Return everybody's metrics under weights, kept for the last few weights."""
    values = weights.values if isinstance(weights, Weights) else weights.weights
    vector = tuple(round(float(values.get(g, 0.0)), 6) for g in opened.panel.granularities)
    return _measured(opened.record.id, vector, min(k, opened.record.n_items), opened.panel)


@st.cache_resource(max_entries=3, show_spinner="Opening the test users …")
def _open(path: str, identity: str, _record: PanelRecord) -> Panel:
    from pathlib import Path

    return open_panel(Path(path), _record)


@st.cache_data(max_entries=64, show_spinner=False)
def _measured(identity: str, vector: tuple[float, ...], k: int, _panel: Panel) -> Measured:
    return _panel.measure(vector, k)


def command(view: View) -> list[str]:
    """Return the command that prepares the view's split."""
    return [
        "panel", "--workspace", str(state.folder(view.workspace)),
        "--split", view.split, "--test-ratio", f"{view.test_ratio:g}",
    ]  # fmt: skip


def _set_reference() -> None:
    view = _view()
    view.reference, view.reference_weights, view.reference_base = st.session_state["lab_reference"], {}, ""


def _set_split() -> None:
    _view().split = st.session_state["lab_split"]


def _set_ratio() -> None:
    _view().test_ratio = round(float(st.session_state["lab_ratio"]), 2)


def _view() -> View:
    state.touch()
    view: View = st.session_state["view"]
    return view
