"""Feedback on the User page: thumbs where the live mixer is not, what was said, what was learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mgrec_core.feedback.history import EVERYBODY, PRESET, Step
from mgrec_core.feedback.learning import FeedbackLearner
from mgrec_core.feedback.log import Feedback
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import RankedList
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.session import allowed, state
from pages.ui.weights import in_force, learned
from pages.ui.widgets import headings, problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_MOST = 20
"""So many items of a list have thumbs below it; the live mixer has them on every row."""


def thumbs(view: View, engine: Engine, found: RankedList) -> None:
    """Offer thumbs for the items of a list that has none on its rows."""
    with st.expander(
        "Feedback on these items", icon=":material/thumbs_up_down:", on_change="rerun", key="thumbs_below"
    ) as below:
        if not below.open:
            return
        st.caption(
            f"What user {text.md(view.user)} thinks of them: it moves the learned weights, not this list. "
            "Press a thumb again to take it back."
        )
        said = learned.learner(view.workspace, engine).log.thumbs(view.user)
        for item in found.items[:_MOST]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                key = f"thumb_{view.user}_{item.item_id}"
                thumb = {"like": 1, "dislike": 0}.get(said.get(item.item_id, ""))
                controlled(
                    st.feedback, "thumbs", key=key, value=thumb, on_change=_pressed,
                    args=(key, engine, found, item.rank), disabled=not allowed.may("give feedback"),
                )  # fmt: skip
                st.markdown(text.md(f"{item.rank}. {item.title or item.item_id}"))


def _pressed(key: str, engine: Engine, found: RankedList, rank: int) -> None:
    kind = {1: "like", 0: "dislike"}.get(st.session_state[key])
    shown = tuple(item.item_id for item in found.items)
    row = Feedback(found.user_id, shown[rank - 1], kind or "", rank, shown, dict(found.weights), found.base)
    learned.press(engine, row, kind)


def panel(view: View, engine: Engine) -> None:
    """Show a user's feedback, the weights learned from it and their history."""
    store = learned.learner(view.workspace, engine)
    with problems.told() as outcome:
        rows, everybody = store.log.of_user(view.user), store.history(EVERYBODY)
    if outcome.failed:
        return
    problems.show()
    left, right = st.columns(2, gap="large")
    with left:
        _said(view, engine, store, rows)
    with right:
        _weights(view, engine, store)
    _learn(view, store)
    _history(f"History of user {view.user}'s weights", store, store.history(view.user), view.user)
    _history("History of everybody's weights", store, everybody, EVERYBODY)


def _said(view: View, engine: Engine, store: FeedbackLearner, rows: list[Feedback]) -> None:
    headings.section(
        f"Feedback of user {view.user}",
        f"{text.count(len(rows), 'piece')} so far. Feedback moves learned weights; disliked and dismissed "
        "items stay in the list unless it hides them.",
    )
    if not rows:
        st.info(
            "This user has given no feedback yet. Press a thumb beside an item of the ranked list, or read a "
            "file on the command line: feedback import FILE.",
            icon=":material/thumbs_up_down:",
        )
        return
    shown = list(reversed(rows))
    labels = [engine.item_label(r.item_id) if engine.knows_item(r.item_id) else r.item_id for r in shown]
    frame = pd.DataFrame(
        {
            "made": [r.made for r in shown],
            "kind": [r.kind for r in shown],
            "title": labels,
            "rank": pd.array([r.rank for r in shown], dtype="Int64"),
            "origin": [r.origin for r in shown],
        }
    )
    st.dataframe(
        frame,
        column_config={
            "made": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm", width=130),
            "kind": st.column_config.TextColumn("Kind", width=90),
            "title": st.column_config.TextColumn("Item"),
            "rank": st.column_config.NumberColumn("Rank", width=60, help="Place in the list that was shown"),
            "origin": st.column_config.TextColumn("From", width=70),
        },
        hide_index=True,
        height=min(38 + 35 * len(frame), 320),
        key="feedback_rows",
        selection_mode="multi-row",
        on_select="rerun",
        placeholder="–",
        alt=f"The {len(frame)} pieces of feedback of user {view.user}, newest first.",
    )
    chosen = st.session_state["feedback_rows"].get("selection", {}).get("rows", [])
    numbers = [shown[n].id for n in chosen if n < len(shown)]
    st.button(
        "Take back the selected rows",
        icon=":material/undo:",
        key="take_back",
        on_click=_take_back,
        args=(store, numbers),
        **allowed.control(
            "give feedback",
            disabled=not numbers,
            help="Select rows of the table first. What the weights learned from them is taken back too.",
        ),
    )


def _weights(view: View, engine: Engine, store: FeedbackLearner) -> None:

    found, preset = store.personal(view.user), in_force.preset_of(view, engine)
    learned = bool(store.history(EVERYBODY))
    headings.section(
        "Learned weights λ",
        f"Personal = {found.trust:.0%} from {text.count(found.n, 'piece')} of this user's feedback, the rest "
        "everybody's. Nothing here changes a list until it is applied.",
    )
    columns: dict[str, Mapping[str, float]] = {f"Preset {preset.name}": preset.weights}
    columns |= {"Everybody": found.everybody.values, "Personal": found.weights.values}
    order = ordered(engine.present)
    frame = pd.DataFrame(
        {"Granularity": [name(g) for g in order]}
        | {title: [values.get(g, 0.0) for g in order] for title, values in columns.items()}
    )
    bar = {
        title: st.column_config.ProgressColumn(title, min_value=0.0, max_value=1.0, format="%.2f", width=105)
        for title in columns
    }
    st.dataframe(
        frame,
        column_config=bar,
        hide_index=True,
        key="learned_weights",
        alt="Weight of each granularity: of the preset, learned from everybody, and learned from this user.",
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Apply personal weights", icon=":material/person_check:", key="apply_personal",
            disabled=not found.own or view.personal, on_click=_apply_personal,
            help="Rank this page's list with them; the toggle in the sidebar turns them off.",
        )  # fmt: skip
        st.button(
            "Apply everybody's", icon=":material/groups:", key="apply_everybody",
            disabled=not learned or view.preset == PRESET, on_click=_apply_everybody,
            help="Choose the preset “feedback”, which holds them.",
        )  # fmt: skip


def _learn(view: View, store: FeedbackLearner) -> None:
    """Offer to go through all feedback again: after an import of data that has feedback, or other options."""
    folder = state.folder(view.workspace)
    if (running := jobs.running(folder, "feedback")) is not None:
        st.caption(f"All feedback is being processed again ({text.duration(running.elapsed)}).")
        return
    last = jobs.latest(folder, "feedback")
    if last is not None and last.state == "failed":
        problems.say(last.error, before="Learning again failed: ")
    if st.button(
        "Learn again from all feedback",
        icon=":material/model_training:",
        key="learn_again",
        **allowed.control(
            "measure and learn",
            help="Processes all feedback from the beginning, imported feedback too, in the background; it"
            " adds one step to the histories.",
        ),
    ) and problems.attempt(allowed.start, folder, ["feedback", "learn", "--workspace", str(folder)]):
        st.rerun()


def _history(title: str, store: FeedbackLearner, steps: Sequence[Step], user: str) -> None:
    headings.section(title, "Newest first; each step says what moved the weights.")
    if not steps:
        st.caption("No steps yet.")
        return
    shown = list(reversed(steps))
    frame = pd.DataFrame(
        [
            {"made": s.made, "reason": s.reason}
            | {name(g): s.weights.values[g] for g in ordered(s.weights.values)}
            for s in shown
        ]
    )
    st.dataframe(
        frame,
        column_config={
            "made": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm", width=130),
            "reason": st.column_config.TextColumn("Why", width=190),
        }
        | {c: st.column_config.NumberColumn(c, format="%.2f", width=76) for c in frame.columns[2:]},
        hide_index=True,
        height=min(38 + 35 * len(frame), 260),
        key=f"history_{'user' if user else 'everybody'}",
        alt=f"{title}: {len(frame)} steps.",
    )
    st.button(
        "Undo the newest step",
        icon=":material/undo:",
        key=f"undo_{'user' if user else 'everybody'}",
        on_click=_undo,
        args=(store, user),
        **allowed.control(
            "give feedback", disabled=len(steps) < 2, help="The weights go back; the feedback stays."
        ),
    )


def _take_back(store: FeedbackLearner, numbers: list[int]) -> None:
    state.touch()
    if problems.attempt(allowed.require, "give feedback", detail="take back"):
        for number in numbers:
            problems.attempt(store.take_back, number)


def _undo(store: FeedbackLearner, user: str) -> None:
    state.touch()
    if problems.attempt(allowed.require, "give feedback", detail="undo") and problems.attempt(
        store.undo, user
    ):
        view: View = st.session_state["view"]
        if not user and view.preset == PRESET and not store.history(EVERYBODY):
            view.preset = ""  # the last step is gone, and its preset with it


def _apply_personal() -> None:
    view = state.editing()
    view.personal, view.weights, view.base = True, {}, ""


def _apply_everybody() -> None:
    view = state.editing()
    view.preset, view.personal, view.weights, view.base, view.alpha = PRESET, False, {}, "", None
