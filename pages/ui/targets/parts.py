"""The weights λ of the parts of people's and of advertisements' scores, and the day of the ads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from pages.ui.address.view import View
from pages.ui.session import state
from pages.ui.weights import controls
from pages.ui.widgets import style
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.targets.ads import Ads
    from mgrec_core.targets.ranker import Ranker

FIELDS = {"users": "people", "ads": "ads"}
"""Target → the field of the view that has its weights; its base is in the field ``…_base``."""


def weights_of(view: View, ranker: Ranker) -> Weights:
    """Return the λ in force; what the link says of parts that are absent here is left out."""
    where = FIELDS[ranker.target]
    chosen: dict[str, float] = getattr(view, where)
    base: str = getattr(view, f"{where}_base")
    strange = {p for p in (*chosen, base) if p and p not in ranker.parts}
    if strange:
        state.problem(f"Left out: {', '.join(map(name, ordered(strange)))}; absent in this workspace.")
        setattr(view, where, {p: w for p, w in chosen.items() if p not in strange})
        setattr(view, f"{where}_base", "" if base in strange else base)
    return ranker.resolve(Weights(getattr(view, where), getattr(view, f"{where}_base")))


def sliders(view: View, ranker: Ranker) -> Weights:
    """Draw λ of every part into the sidebar and return those in force."""
    weights = weights_of(view, ranker)
    where = FIELDS[ranker.target]
    style.mark_sliders()
    with st.sidebar:
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        row.html('<h2 class="mg-h2">Weights λ</h2>')
        row.button(
            "Reset weights",
            icon=":material/restart_alt:",
            key="reset",
            on_click=_reset,
            args=(where,),
            disabled=not (getattr(view, where) or getattr(view, f"{where}_base")),
            help="Back to the learned weights, or the defaults where none were learned",
        )
        for part in ordered(weights.values):
            controls.slider(
                f"lambda_{part}",
                name(part),
                weights.values[part],
                is_base=part == weights.base,
                on_change=_set,
                of=f"{where}:{part}",
            )
        controlled(
            st.selectbox,
            "Base (λ = 1)",
            ordered(weights.values),
            key="part_base",
            value=weights.base,
            format_func=name,
            on_change=_set_base,
            args=(where,),
            help="The part the others are weighed against. Another base gets λ = 1; the other weights stay.",
        )
    return weights


def day(view: View, ranker: Ads) -> Ads:
    """Offer a day on which the ads are to run, where any has a period; return the ranker for it."""
    import numpy as np

    if np.isnat(ranker.ads.starts).all() and np.isnat(ranker.ads.ends).all():
        view.on = ""
        return ranker
    controlled(
        st.sidebar.date_input,
        "Running on",
        key="ads_on",
        value=date.fromisoformat(view.on) if view.on else None,
        min_value=date(1970, 1, 1),
        max_value=date(2100, 12, 31),
        on_change=_set_day,
        format="YYYY-MM-DD",
        help="Only advertisements whose period has this day in it (UTC); empty: all of them.",
    )
    return ranker.at(np.datetime64(f"{view.on}T12:00")) if view.on else ranker


def _set(which: str) -> None:
    where, _, part = which.partition(":")
    getattr(state.editing(), where)[part] = round(float(st.session_state[f"lambda_{part}"]), 4)


def _set_base(where: str) -> None:
    view, base = state.editing(), st.session_state["part_base"]
    setattr(view, f"{where}_base", base)
    getattr(view, where).pop(base, None)


def _set_day() -> None:
    chosen = st.session_state["ads_on"]
    state.editing().on = chosen.isoformat() if chosen else ""


def _reset(where: str) -> None:
    view = state.editing()
    setattr(view, where, {})
    setattr(view, f"{where}_base", "")
