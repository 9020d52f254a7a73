"""What a user's list is compared with: A are the weights in force, B the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.foundation.results import Preset, Weights
from pages.ui import text
from pages.ui.address.view import LAST, View
from pages.ui.session import state
from pages.ui.weights import in_force
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

LAST_NAME = "the last weights"
_HELP = """Ranks ▲▼, the strip of everybody's figures and the form “A / B” compare the weights in force (A)
with the reference (B):

- **the preset itself**: what your changes do;
- another **preset**;
- **the last weights**: what the newest change has done.

The button beside it swaps A and B (key X), with what was changed."""


def of(view: View, engine: Engine) -> Preset:
    """Return the reference: its λ, its base and what it is called."""
    if view.reference == LAST:
        return _last(view, engine)
    preset = engine.presets()[view.reference] if view.reference else in_force.preset_of(view, engine)
    return changed(preset, view.reference_weights, view.reference_base)


def said(reference: Preset) -> str:
    """Return what a reference is called within a sentence."""
    return reference.name if reference.name == LAST_NAME else f"the preset {reference.name}"


def changed(preset: Preset, weights: dict[str, float], base: str) -> Preset:
    """Return a preset with changes; its name says that there are some."""
    if not weights and not base:
        return preset
    values = dict(preset.weights) | {g: w for g, w in weights.items() if g in preset.weights}
    base = base if base in values else preset.base
    values[base] = 1.0
    return Preset(f"{preset.name}, changed", values, base, preset.origin)


def choose(view: View, engine: Engine, where: DeltaGenerator) -> None:
    """Draw the choice of the reference, and the button that swaps it with the weights in force."""
    presets = list(engine.presets())
    names = {"": "the preset itself", LAST: LAST_NAME}
    if view.reference_weights or view.reference_base:
        names[view.reference] = f"{of(view, engine).name}"
    with where.container(horizontal=True, vertical_alignment="bottom", gap="small", key="compare"):
        controlled(
            st.selectbox,
            "Compare with (B)",
            ["", LAST, *presets],
            key="reference",
            value=view.reference,
            format_func=lambda n: text.shorten(names.get(n, n), 40),
            on_change=_set,
            help=_HELP,
        )
        st.button(
            "Swap A and B",
            icon=":material/swap_vert:",
            key="swap",
            shortcut="X",
            on_click=_swap,
            args=(engine,),
            help="Rank with the reference, and compare with what ranks now",
        )


def _last(view: View, engine: Engine) -> Preset:
    """Return the weights this user's list had before the newest change of them."""
    now, presets = in_force.weights_of(view, engine), engine.presets()
    newer: tuple[object, ...] = ()
    for snapshot in reversed(state.history().past):
        was = View(**snapshot | {"user": view.user})  # another user's personal weights are no change of these
        mixed = (was.workspace, was.preset, was.weights, was.base, was.personal)
        if mixed == newer or was.workspace != view.workspace or (was.preset and was.preset not in presets):
            continue
        newer = mixed  # most steps change something else: they are passed without asking for weights
        weights = in_force.weights_of(was, engine)
        if (weights.values, weights.base) != (now.values, now.base):
            return Preset(LAST_NAME, dict(weights.values), weights.base, "saved")
    return in_force.preset_of(view, engine)


def _set() -> None:
    view = state.editing()
    view.reference, view.reference_weights, view.reference_base = st.session_state["reference"], {}, ""


def _swap(engine: Engine) -> None:
    state.touch()
    swap(st.session_state["view"], engine)


def swap(view: View, engine: Engine) -> None:
    """Exchange the weights in force and the reference, both as a preset and what differs from it."""
    presets, active = engine.presets(), engine.active_preset().name
    first, second = in_force.weights_of(view, engine), of(view, engine)
    own = in_force.preset_of(view, engine)
    named = presets.get(view.reference, own)
    view.personal = False
    view.preset = "" if named.name == active else named.name
    view.weights, view.base = _differences(second.as_weights(), named)
    view.reference = own.name
    view.reference_weights, view.reference_base = _differences(first, own)


def _differences(weights: Weights, preset: Preset) -> tuple[dict[str, float], str]:
    """Return the λ that differ from a preset's, and the base where it is another."""
    differing = {
        g: w
        for g, w in weights.values.items()
        if g != weights.base and w != (1.0 if g == preset.base else preset.weights.get(g, 0.0))
    }
    return differing, "" if weights.base == preset.base else weights.base
