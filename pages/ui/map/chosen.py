"""What is chosen on the map: what was drawn around, or a saved cohort.

Both are in the view and so in the history: undo brings back what was chosen before.
A chart whose content changes is a new chart to Streamlit and has no lasso. So the figure stays the
same while somebody draws on it (the browser greys the rest); what was drawn goes into the next figure
that has to differ anyway. :func:`turned` makes it differ where the browser does not show what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import streamlit as st

from mgrec_core.workspace.cohorts import CohortStore, Of
from pages.ui.address.view import View
from pages.ui.map import points
from pages.ui.session import lookups, state

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


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
    def kinds(self) -> list[Of]:
        """Kinds that occur."""
        return [kind for kind in get_args(Of) if any(k.startswith(kind + ":") for k in self.keys)]


def active(view: View, engine: Engine) -> Chosen:
    """Return what stands out on this map; empty when nothing does."""
    if view.cohort:
        cohort = CohortStore(engine.workspace.state).get(view.cohort)
        return _known(engine, [f"{cohort.of}:{i}" for i in cohort.ids], cohort.name)
    return _known(engine, view.picked)


def _known(engine: Engine, keys: Sequence[str], name: str = "") -> Chosen:
    users, items = lookups.known_ids(engine)
    known = {"users": users, "items": items}
    kept = tuple(k for k in keys if points.split_key(k)[1] in known[points.split_key(k)[0]])
    return Chosen(kept, name, len(keys) - len(kept))


def draw(keys: tuple[str, ...]) -> None:
    """Choose the points that somebody drew around in the browser; none lets go of them."""
    view = state.editing()
    if (view.picked, view.cohort) == (keys, ""):
        return
    if keys and not view.cohort:
        st.session_state["map_shown"] = keys  # the browser greys the rest already
    view.picked, view.cohort = keys, ""


def show_saved(name: str) -> None:
    """Choose a saved cohort; an empty name lets go."""
    view = state.editing()
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
