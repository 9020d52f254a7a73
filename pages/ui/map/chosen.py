"""What is chosen on the map: a selection of this session or a saved cohort, with a way back.

Keys ``users:ID`` and ``items:ID`` live in the session, not in the figure: a chart whose content
changes is a new chart to Streamlit and has no lasso. So the figure stays the same while somebody
draws on it (the browser greys the rest); what was drawn goes into the next figure that has to
differ anyway. :func:`turn` makes it differ where the browser's own selection has to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mgrec_core.cohorts import CohortStore
from pages.ui import guard, state
from pages.ui.map import points
from pages.ui.view import View

_MOST_STEPS = 20


@dataclass(frozen=True)
class Chosen:
    """Points that stand out: of a saved cohort, or (with no name) of a selection.

    ``missing`` counts those that this build lacks: ``keys`` are without them.
    """

    keys: tuple[str, ...] = ()
    name: str = ""
    missing: int = 0

    def ids(self, kind: str) -> list[str]:
        """Ids of one kind in order."""
        return [identity for k, identity in map(points.split_key, self.keys) if k == kind]

    @property
    def kinds(self) -> list[str]:
        """Kinds that occur."""
        return [kind for kind in ("users", "items") if any(k.startswith(kind + ":") for k in self.keys)]


def active(view: View, engine: Any) -> Chosen:
    """Return what stands out on this map; empty when nothing does."""
    if view.cohort:
        cohort = CohortStore(engine.workspace.state).get(view.cohort)
        return _known(engine, [f"{cohort.of}:{i}" for i in cohort.ids], cohort.name)
    held = st.session_state.get("map_pick")
    if held and held[0] == _place(view):
        return _known(engine, held[1])
    return Chosen()


def _known(engine: Any, keys: Sequence[str], name: str = "") -> Chosen:
    users, items = guard.known_ids(engine)
    known = {"users": users, "items": items}
    kept = tuple(k for k in keys if points.split_key(k)[1] in known[points.split_key(k)[0]])
    return Chosen(kept, name, len(keys) - len(kept))


def pick(keys: tuple[str, ...]) -> None:
    """Choose the points that were drawn around; none lets go of them."""
    view = _view()
    before = _now(view)
    if before == (keys, ""):
        return
    _remember(before)
    st.session_state["map_pick"] = (_place(view), keys)
    had_cohort, view.cohort = bool(view.cohort), ""
    if had_cohort or not keys:
        turn()


def show_saved(name: str) -> None:
    """Choose a saved cohort; an empty name lets go."""
    view = _view()
    _remember(_now(view))
    st.session_state.pop("map_pick", None)
    view.cohort = name
    turn()


def clear() -> None:
    """Let go of what is chosen."""
    pick(())


def undo() -> None:
    """Choose again what was chosen before."""
    view = _view()
    steps: list[Any] = st.session_state.get("map_steps", [])
    while steps:
        place, keys, name = steps.pop()
        if place == _place(view):
            st.session_state["map_pick"] = (place, keys)
            view.cohort = name
            break
    turn()


def can_undo(view: View) -> bool:
    """Tell whether something was chosen before on this map."""
    return any(step[0] == _place(view) for step in st.session_state.get("map_steps", []))


def turn() -> None:
    """Make the next figure a new one, without the browser's own selection."""
    st.session_state["map_turn"] = st.session_state.get("map_turn", 0) + 1


def _view() -> View:
    state.touch()
    view: View = st.session_state["view"]
    return view


def _place(view: View) -> tuple[str, str]:
    return view.workspace, view.of


def _now(view: View) -> tuple[tuple[str, ...], str]:
    held = st.session_state.get("map_pick")
    keys = held[1] if held and held[0] == _place(view) and not view.cohort else ()
    return keys, view.cohort


def _remember(before: tuple[tuple[str, ...], str]) -> None:
    steps = st.session_state.setdefault("map_steps", [])
    steps.append((_place(st.session_state["view"]), *before))
    del steps[:-_MOST_STEPS]
