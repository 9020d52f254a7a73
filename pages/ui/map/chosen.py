"""What is chosen on the map: what was drawn around, or a saved cohort.

Both are in the view and so in the history: undo brings back what was chosen before.
A chart whose content changes is a new chart to Streamlit and has no lasso. So the figure stays the
same while somebody draws on it (the browser greys the rest); what was drawn goes into the next figure
that has to differ anyway. :func:`turned` makes it differ where the browser does not show what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mgrec_core.workspace.cohorts import CohortStore
from pages.ui import guard, state
from pages.ui.map import points
from pages.ui.view import View


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
    return _known(engine, view.picked)


def _known(engine: Any, keys: Sequence[str], name: str = "") -> Chosen:
    users, items = guard.known_ids(engine)
    known = {"users": users, "items": items}
    kept = tuple(k for k in keys if points.split_key(k)[1] in known[points.split_key(k)[0]])
    return Chosen(kept, name, len(keys) - len(kept))


def draw(keys: tuple[str, ...]) -> None:
    """Choose the points that somebody drew around in the browser; none lets go of them."""
    view = _view()
    if (view.picked, view.cohort) == (keys, ""):
        return
    if keys and not view.cohort:
        st.session_state["map_shown"] = keys  # the browser greys the rest already
    view.picked, view.cohort = keys, ""


def show_saved(name: str) -> None:
    """Choose a saved cohort; an empty name lets go."""
    view = _view()
    view.picked, view.cohort = (), name


def clear() -> None:
    """Let go of what is chosen."""
    show_saved("")


def turned(now: Chosen) -> int:
    """Return a number that is another one whenever the figure has to say anew what is chosen."""
    if st.session_state.get("map_shown", ()) != now.keys:
        st.session_state["map_shown"] = now.keys
        st.session_state["map_turn"] = st.session_state.get("map_turn", 0) + 1
    turn: int = st.session_state.get("map_turn", 0)
    return turn


def _view() -> View:
    state.touch()
    view: View = st.session_state["view"]
    return view
