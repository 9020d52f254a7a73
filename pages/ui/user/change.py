"""What would have to change for the explained item to leave the list, or to enter it, with the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.analysis.counterfactual import BY, Counterfactual, counterfactual
from mgrec_core.foundation.results import Weights
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.session import state
from pages.ui.user import left_out, proof
from pages.ui.widgets import problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_NAMES = {"events": "History", "values": "Attribute values", "entities": "Entities", "friends": "Friends"}
_EFFORT = 600


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the question as a fold; nothing is searched before it is opened."""
    fold = st.expander("What would have to change?", key="change", on_change="rerun")
    if not fold.open:
        return
    with fold, problems.told(tone="info"):
        kinds = {g.kind for g in engine.model.granularities.values()}
        choices = [by for by, kind in BY.items() if kind in kinds]
        chosen = st.session_state.get("change_by")
        by = controlled(
            st.segmented_control, "Take away", choices, key="change_by", required=True,
            value=chosen if chosen in choices else choices[0], format_func=_NAMES.get,
        )  # fmt: skip
        with st.spinner("Lists are ranked anew …"):
            found = _found(
                view.workspace, str(engine.build), view.user, view.item, weights, view.k, by, engine
            )
        _answer(view, found)


def _answer(view: View, found: Counterfactual) -> None:
    for sentence in found.sentences[1:]:
        st.markdown(text.md(sentence))
    if everybody := _everybody(found):
        st.caption(everybody)
    if found.proof is None:
        return
    with st.container(horizontal=True, gap="small"):
        shown = controlled(
            st.toggle, "Show the proof", key="change_proof", value=bool(st.session_state.get("change_proof"))
        )
        if found.by == "events":
            st.button(
                "Try it in the history",
                icon=":material/history:",
                key="change_try",
                on_click=_try,
                args=(view.user, [piece.id for piece in found.remove]),
                help="Opens the history without these items.",
            )
    if shown:
        proof.changes(found.proof, view.item)


def _everybody(found: Counterfactual) -> str:
    """What the other weights would do to everybody's lists."""
    cost = found.cost
    if "change" not in cost:
        return text.md(f"Of the weights: {cost['note']}.") if cost else ""
    return (
        f"With these weights {cost['metric']} of all goes from {cost['before']:.4f} to {cost['after']:.4f} "
        f"({cost['change']:+.4f}, 95 % interval {cost['low']:+.4f} to {cost['high']:+.4f}; "
        f"{text.count(cost['n_users'], 'user')})."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _found(
    workspace: str, build: str, user: str, item: str, weights: Weights, k: int, by: str, _engine: Engine
) -> Counterfactual:
    return counterfactual(_engine, user, item, weights, k=k, by=by, effort=_EFFORT)


def _try(user: str, items: list[str]) -> None:
    left_out.put(user, items)
    st.session_state["user_tab"] = "History"
    state.editing().item = ""
