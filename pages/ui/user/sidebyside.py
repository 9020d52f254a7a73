"""A / B: one user's list under the weights in force and under the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.figures import slope_chart
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.foundation.results import Preset, RankedList, Weights
from mgrec_core.metrics.overlap import overlap, same_first
from pages.ui.address.view import View
from pages.ui.measured import score_cache
from pages.ui.session import state
from pages.ui.user.guardrails import K
from pages.ui.weights import in_force
from pages.ui.widgets import charts, headings

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_MOST = 50
"""So many ranks a slope chart can show legibly."""


def show(
    view: View, engine: Engine, weights: Weights, reference: Preset, lists: tuple[RankedList, RankedList]
) -> None:
    """Draw where items go between both lists, and how much the lists share."""
    first, second = (_cut(found) for found in lists)
    shared = len({i.item_id for i in first.items} & {i.item_id for i in second.items})
    kept = [a.item_id for a in first.items[:1]] == [b.item_id for b in second.items[:1]]
    numbers = [
        (f"{shared} of {max(len(first.items), len(second.items))}", "items in both lists"),
        ("kept" if kept else "another", "first item"),
    ]
    headings.kpis(numbers + _everybody(view, engine, weights, reference))
    own = in_force.preset_of(view, engine)
    edited = weights.base != own.base or any(
        w != own.weights.get(g, 0.0) for g, w in weights.values.items() if g != weights.base
    )
    names = ("A: in force now" if edited else f"A: {own.name}", f"B: {reference.name}")
    charts.draw(slope_chart(first, second, names, dark=state.is_dark()), key="ab_slope")
    if len(lists[0].items) > _MOST:
        st.caption(f"The first {_MOST} of both lists are drawn.")


def _everybody(view: View, engine: Engine, weights: Weights, reference: Preset) -> list[tuple[str, str]]:
    """Return the same two figures for all test users, where they have been scored."""
    try:
        opened = score_cache.any_opened(view, engine) if view.fusion == "score" else None
        if opened is None:
            return []
        a, b = score_cache.measured(opened, weights, K), score_cache.measured(opened, reference, K)
    except MgrecError:
        return []  # the strip above says it
    return [
        (f"{overlap(a.top, b.top).mean():.0%}", f"shared by everybody's lists on average (k = {K})"),
        (f"{same_first(a.top, b.top):.0%}", "of users keep their first item"),
    ]


def _cut(found: RankedList) -> RankedList:
    from dataclasses import replace

    if len(found.items) <= _MOST:
        return found
    return replace(found, items=found.items[:_MOST], k=_MOST)
