"""The mixer: preset, λ of each granularity, base, fusion mode, α.

The view is the truth; widgets only show it (:mod:`pages.ui.controlled`), and their callbacks
write the analyst's value back into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from mgrec_core.model.fusion.weights import FUSION_MODES
from mgrec_core.model.granularities import is_prior
from pages.ui.address.view import View
from pages.ui.frame import guard
from pages.ui.session import state
from pages.ui.weights import in_force, learned, presets
from pages.ui.widgets import style
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_FUSION_NAMES = {"score": "Scores", "vector": "Fused vector", "concat": "Concatenation"}
_FUSION_HELP = """How the granularities are combined:

- **Scores** (default): r = Σ λ · c · (s − m). Each granularity scores every item in its own
  space; the scaled scores are added.
- **Fused vector**: z = Σ α · z_k in the shared language space; items are ranked by z · a.
  Granularities blend before they meet an item.
- **Concatenation**: z = [α · z_k]; vectors stand side by side, so that each granularity keeps
  its own space.

Every mode splits exactly over granularities and evidence."""


def mixer(
    view: View,
    engine: Engine,
    where: DeltaGenerator,
    *,
    sliders: bool = True,
    compared: Callable[[], None] | None = None,
) -> Weights:
    """Draw the mixer into a container and return the weights in force.

    Parameters
    ----------
    sliders
        Whether λ have their sliders here; the live mixer has faders of its own beside the list.
    compared
        Draws what the weights are compared with, below the preset.
    """
    style.mark_sliders()
    with where:
        st.html(f'<h2 class="mg-h2">{"Weights λ" if sliders else "Preset and fusion"}</h2>')
        _presets(view, engine, with_reset=sliders)
        if compared:
            compared()
        _personal(view, engine)
        weights = in_force.weights_of(view, engine)
        for g in ordered(weights.values) if sliders else ():
            slider(
                f"lambda_{g}",
                name(g),
                weights.values[g],
                is_base=g == weights.base,
                on_change=_set_weight,
                of=g,
            )
        for remark in guard.remarks(engine):
            st.caption(remark)
        _base(view, engine, weights)
        _fusion(view)
        _alpha(view, weights)
        presets.manage(view, engine, weights)
    return weights


def _presets(view: View, engine: Engine, *, with_reset: bool) -> None:
    names = list(engine.presets())
    active = engine.active_preset().name
    current = view.preset or active
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    controlled(
        row.selectbox,
        "Preset",
        names,
        key="preset",
        value=current,
        format_func=lambda n: f"{n} (active)" if n == active else n,
        on_change=_set_preset,
        help="Named weights. “learned” appears once weights have been tuned; the active preset is what the "
        "command line uses too, and what rank changes are counted against unless you choose another.",
    )
    if not with_reset:
        return
    row.button(
        "Reset weights",
        icon=":material/restart_alt:",
        key="reset",
        on_click=_reset,
        disabled=not (view.weights or view.base or view.personal or view.alpha is not None),
        help="Back to the preset's weights",
    )


def _personal(view: View, engine: Engine) -> None:
    """Offer a user's learned weights where there are some."""
    if not view.user:
        return
    found = learned.learner(view.workspace, engine).personal(view.user)
    if not (found.own or view.personal):
        return
    controlled(
        st.toggle,
        "Personal weights",
        key="personal",
        value=view.personal,
        on_change=_set_personal,
        help="Start from the weights learned from this user's feedback, drawn towards everybody's. "
        "Rank changes are still counted against the preset.",
    )
    if view.personal and not found.own:
        st.caption("This user has given no feedback: everybody's weights are applied.")


def slider(
    key: str, label: str, value: float, *, is_base: bool, on_change: Callable[[str], None], of: str
) -> None:
    """Draw the slider of one weight in [0, 1]; the base's stands still."""
    if is_base:
        label = f"{label} · base, fixed at 1"
    controlled(
        st.slider, label, 0.0, 1.0, key=key, value=round(float(value), 4), step=0.01, on_change=on_change,
        args=(of,), disabled=is_base,
    )  # fmt: skip


def _base(view: View, engine: Engine, weights: Weights) -> None:
    choices = [g for g in engine.present if not is_prior(g)] or list(engine.present)
    if weights.base not in choices:
        choices.append(weights.base)
    controlled(
        st.selectbox,
        "Base (λ = 1)",
        choices,
        key="base",
        value=weights.base,
        format_func=name,
        on_change=_set_base,
        help="The granularity the others are weighed against. Another base gets λ = 1; the other weights "
        "stay.",
    )


def _fusion(view: View) -> None:
    controlled(
        st.selectbox,
        "Fusion",
        FUSION_MODES,
        key="fusion",
        value=view.fusion,
        format_func=_FUSION_NAMES.get,
        sets="fusion",
        help=_FUSION_HELP,
    )


def _alpha(view: View, weights: Weights) -> None:
    apart = view.alpha is not None
    controlled(
        st.toggle,
        "Set α apart from λ",
        key="alpha_apart",
        value=apart,
        on_change=_set_alpha_apart,
        args=(weights.shares,),
        help="α weighs the vectors in the fused vector: for the map, and for ranking with Fused vector or "
        "Concatenation. It follows λ (normalised to sum 1) unless set apart.",
    )
    if not apart:
        return
    if view.fusion == "score":
        st.caption("α moves the list only with Fused vector or Concatenation.")
    alpha = weights.alpha or {}
    for g in ordered(alpha):
        slider(f"alpha_{g}", f"α {name(g)}", alpha[g], is_base=False, on_change=_set_alpha, of=g)


def _set_preset() -> None:
    view = state.editing()
    view.preset, view.weights, view.base, view.alpha = st.session_state["preset"], {}, "", None
    view.personal = False


def _reset() -> None:
    view = state.editing()
    view.personal = False
    view.weights, view.base, view.alpha = {}, "", None


def _set_personal() -> None:
    view = state.editing()
    view.weights, view.base, view.personal = {}, "", bool(st.session_state["personal"])


def _set_weight(granularity: str) -> None:
    state.editing().weights[granularity] = float(st.session_state[f"lambda_{granularity}"])


def _set_base() -> None:
    view = state.editing()
    view.base = st.session_state["base"]
    view.weights.pop(view.base, None)


def _set_alpha_apart(following: dict[str, float]) -> None:
    state.editing().alpha = dict(following) if st.session_state["alpha_apart"] else None


def _set_alpha(granularity: str) -> None:
    view = state.editing()
    view.alpha = (view.alpha or {}) | {granularity: float(st.session_state[f"alpha_{granularity}"])}
