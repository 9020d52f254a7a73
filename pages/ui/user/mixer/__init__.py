"""The live mixer: faders and ranked list in one component that re-ranks in the browser.

While a fader is dragged the browser ranks the candidates it was given; on release it sends λ, the
page runs, and what the server ranks confirms the list. A thumb sends the list and λ of its moment.
The JavaScript beside this file has no build step: its files are read in order and joined.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.foundation.results import Preset, RankedList, Weights
from pages.ui.address.view import LAST, View
from pages.ui.session import lookups, state
from pages.ui.user import opened
from pages.ui.user.mixer import payload
from pages.ui.weights import in_force, learned, reference

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.model.fusion.candidates import Candidates

LIVE = True
"""False brings the plain sliders in the sidebar back everywhere."""

KEY = "mixer"
_FOLDER = Path(__file__).parent
SCRIPTS = ("ranking.js", "desk.js", "faders.js", "list.js", "mixer.js")
_component = st.components.v2.component(
    "mgrec_mixer",
    js="\n".join((_FOLDER / name).read_text("utf-8") for name in SCRIPTS),
    css=(_FOLDER / "mixer.css").read_text("utf-8"),
)


def is_live(view: View) -> bool:
    """Tell whether this view has the live mixer: late fusion, in a browser."""
    return LIVE and view.fusion == "score" and state.has_browser()


def show(
    view: View,
    engine: Engine,
    weights: Weights,
    found: RankedList,
    before: dict[str, int],
    compared: Preset,
    *,
    with_list: bool,
) -> None:
    """Draw the mixer.

    Parameters
    ----------
    found
        The engine's own list under ``weights``: it confirms what the browser shows.
    before
        Item id → rank under the reference, as far down as it is known.
    compared
        The reference.
    with_list
        Whether the list is drawn too, or the faders only.
    """
    present = list(engine.present)
    hidden = learned.hidden(view, engine)
    candidates, ids, titles = _candidates(view.workspace, str(engine.build), view.user, hidden, engine)
    listed = [item.item_id for item in found.items]
    if not set(listed) <= set(ids):
        candidates, ids, titles = _collect(view.user, engine, listed, hidden)
    where = {item: n for n, item in enumerate(ids)}
    message = payload.pack(
        candidates, ids, titles, before,
        user=view.user,
        granularities=payload.granularities(present),
        weights=[weights.values[g] for g in present],
        base=present.index(weights.base),
        preset=payload.preset_of(in_force.preset_of(view, engine), present),
        reference=reference.said(compared),
        # Under the last weights a move is compared with what stood there when the hand took hold.
        moving=view.reference == LAST,
        restored=st.session_state.get("restored", 0),
        k=view.k,
        open=view.item,
        confirmed=[where[i] for i in listed],
        number=st.session_state.get("mixer_number", 0),
        # A browser whose connection was lost meets a new session, which has confirmed nothing yet.
        session=st.session_state.setdefault("mixer_session", secrets.token_hex(4)),
        list=with_list,
        thumbs=learned.learner(view.workspace, engine).log.thumbs(view.user),
        thumbed=st.session_state.get("mixer_thumbed", 0),
    )  # fmt: skip
    _component(
        key=KEY,
        data=message,
        on_commit_change=lambda: _commit(engine),
        on_open_change=lambda: _open(engine),
        on_thumb_change=lambda: _thumb(engine),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _candidates(
    workspace: str, build: str, user: str, without: frozenset[str], _engine: Engine
) -> tuple[Candidates, list[str], list[str]]:
    return _collect(user, _engine, [], without)


def _collect(
    user: str, engine: Engine, include: list[str], without: frozenset[str]
) -> tuple[Candidates, list[str], list[str]]:
    found = engine.candidates(user, include=include, exclude=without)
    ids = [engine.item_ids[p] for p in found.positions]
    return found, ids, [engine.item_label(i) for i in ids]


def _commit(engine: Engine) -> None:
    view: View = st.session_state["view"]
    try:
        weights, number = payload.read_commit(_sent("commit"), engine.present)
    except ValueError:
        return
    state.touch()
    st.session_state["mixer_number"] = number
    in_force.take(view, engine, weights)


def _open(engine: Engine) -> None:
    item = _sent("open")
    if isinstance(item, str) and item in lookups.known_ids(engine)[1]:
        opened.open_item(item)


def _thumb(engine: Engine) -> None:
    said, newest = payload.read_thumbs(_sent("thumb"), st.session_state.get("mixer_thumbed", 0))
    st.session_state["mixer_thumbed"] = newest
    for row, kind in said:
        learned.press(engine, row, kind)


def _sent(event: str) -> Any:
    return (st.session_state.get(KEY) or {}).get(event)
