"""Which weights are in force: where the view starts, and what the analyst has changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mgrec_core.foundation.results import Preset, Weights
from pages.ui.address.view import View
from pages.ui.weights import learned

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def preset_of(view: View, engine: Engine) -> Preset:
    """Return the preset the view starts from: the named one, else the active one."""
    return engine.presets()[view.preset] if view.preset else engine.active_preset()


def weights_of(view: View, engine: Engine) -> Weights:
    """Return what is in force: where the view starts, with the analyst's changes, the base at 1."""
    start = start_of(view, engine)
    chosen, base = {**start.values, **view.weights}, view.base or start.base
    values = {g: 1.0 if g == base else chosen.get(g, 0.0) for g in engine.present}
    return fused(view, Weights(values, base))


def start_of(view: View, engine: Engine) -> Weights:
    """Return the λ that changes are counted from: the preset's, or the user's personal ones."""
    if view.personal and view.user:
        return learned.learner(view.workspace, engine).personal(view.user).weights
    return preset_of(view, engine).as_weights()


def fused(view: View, weights: Weights) -> Weights:
    """Return λ fused as the view says: in its mode, with its α where they were set apart from λ."""
    if view.alpha is None:
        return replace(weights, fusion=view.fusion)
    alpha = weights.shares | {g: a for g, a in view.alpha.items() if g in weights.values}
    return replace(weights, fusion=view.fusion, alpha=alpha)


def take(view: View, engine: Engine, weights: Weights) -> None:
    """Write λ into the view: only what differs from where it starts, so that links stay short."""
    preset = preset_of(view, engine)
    same = weights.base == preset.base and all(
        w == preset.weights.get(g, 0.0) for g, w in weights.values.items() if g != weights.base
    )
    view.personal = view.personal and not same  # back to the preset: personal weights are off
    start = start_of(view, engine)
    view.base = "" if weights.base == start.base else weights.base
    view.weights = {
        g: w for g, w in weights.values.items() if g != weights.base and w != start.values.get(g, 0.0)
    }
