"""The ranked list: signed contribution bars or a table, with what changed against the preset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.export.kinds.user import user_document
from mgrec_core.export.provenance import Origin
from mgrec_core.figures.contributions import contribution_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Preset, RankedItem, RankedList, Weights
from pages.ui import text
from pages.ui.address.view import FORMS, K_CHOICES, View
from pages.ui.session import lookups, state
from pages.ui.user import feedback, guardrails, mixer, opened, sidebyside
from pages.ui.weights import in_force, learned, reference
from pages.ui.widgets import charts, exports, problems, tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

KNOWN = 200
"""How deep the reference's list is looked at to say where an item came from."""

_FORM_NAMES = {"bars": "Bars", "table": "Table", "ab": "A / B"}


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the list with its controls; choosing a row opens the item's explanation."""
    _toolbar(view, engine)
    compared = reference.of(view, engine)
    everybody = guardrails.place(view, engine)  # filled last: the list must not wait for it
    with problems.told() as outcome:
        found = rank(view, engine, weights, view.k)
        other = _other(view, engine, compared)
    if outcome.failed:
        return
    if not found.items:
        st.info("There is no unseen item left to rank for this user.", icon=":material/info:")
        return
    before = {item.item_id: item.rank for item in other.items}
    changes = {item.item_id: change(item, before, view.k) for item in found.items}
    is_live = mixer.is_live(view)
    if is_live:
        mixer.show(view, engine, weights, found, before, compared, with_list=view.form == "bars")
    if view.form == "ab":
        sidebyside.show(view, engine, weights, compared, (found, first(other, view.k)))
    elif view.form == "table":
        _summary(found, changes, reference.said(compared))
        _table(view, found, changes)
    elif not is_live:
        _summary(found, changes, reference.said(compared))
        marked = replace(
            found,
            items=tuple(
                _marked(item, changes[item.item_id], item.item_id == view.item) for item in found.items
            ),
        )
        charts.clickable(
            contribution_bars(marked, dark=state.is_dark()), key="ranked_bars", on_click=opened.open_item
        )
        st.caption("Click a bar or a diamond to see why the item is there.")
    if not (is_live and view.form == "bars"):
        feedback.thumbs(view, engine, found)
    _downloads(view, engine, weights)
    with everybody:
        guardrails.show(view, engine, weights, compared)


def rank(view: View, engine: Engine, weights: Weights, k: int) -> RankedList:
    """Return the list under the weights in force."""
    return engine.rank(view.user, k, weights, exclude=learned.hidden(view, engine))


def change(item: RankedItem, before: dict[str, int], k: int) -> str:
    """Return how an item's rank differs from the reference's: ▲n, ▼n, = or new.

    Parameters
    ----------
    before
        Item id → rank under the reference, as far down as it is known.
    k
        Length of the list; what was below it is new.
    """
    was = before.get(item.item_id)
    if was is None:
        return "new"
    if was > k:
        return f"new ▲{was - item.rank}"
    step = was - item.rank
    return "=" if step == 0 else f"▲{step}" if step > 0 else f"▼{-step}"


def first(found: RankedList, k: int) -> RankedList:
    """Return the beginning of a longer list."""
    return replace(found, items=found.items[:k], k=k)


def _other(view: View, engine: Engine, compared: Preset) -> RankedList:
    """Return the list under the reference, deeper than the one that is shown."""
    return _ranked(
        view.workspace,
        str(engine.build),
        view.user,
        in_force.fused(view, compared.as_weights()),
        max(KNOWN, view.k),
        learned.hidden(view, engine),
        engine,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _ranked(
    workspace: str,
    build: str,
    user: str,
    weights: Weights,
    k: int,
    without: frozenset[str],
    _engine: Engine,
) -> RankedList:
    """The first k under the reference's own weights; slider steps do not change it."""
    return _engine.rank(user, k, weights, exclude=without)


def _toolbar(view: View, engine: Engine) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        controlled(
            st.segmented_control, "Show as", FORMS, key="list_form", value=view.form, required=True,
            format_func=_FORM_NAMES.get, sets="form",
        )  # fmt: skip
        choices = sorted({*K_CHOICES, view.k})
        controlled(st.selectbox, "Length k", choices, key="k_choice", value=view.k, sets="k", width=110)
        labels = lookups.item_labels(engine)
        controlled(
            st.selectbox,
            "Explain any item",
            list(labels),
            format_func=labels.get,
            key="item_choice",
            value=view.item or None,
            on_change=_set_item,
            placeholder="Search by title",
            filter_mode="contains",
            width=300,
        )
        controlled(
            st.toggle,
            "Hide disliked",
            key="hide_unwanted",
            value=view.hide,
            sets="hide",
            help="Leaves out what this user disliked or dismissed; the list still has k items.",
        )


def _summary(found: RankedList, changes: dict[str, str], compared: str) -> None:
    moved = sum(c != "=" for c in changes.values())
    fresh = sum(c.startswith("new") for c in changes.values())
    same = "the same as under" if not moved else f"{moved} of {len(changes)} ranks differ from"
    tail = f", {text.count(fresh, 'item')} new in the top {found.k}" if fresh else ""
    st.caption(
        f"Top {len(found.items)} of {found.n_candidates:,} unseen items: {same} "
        f"{text.md(compared)}{tail}. ▲▼ count ranks against it."
    )


def _marked(item: RankedItem, changed: str, is_open: bool) -> RankedItem:
    label = item.title or item.item_id
    label = label if changed == "=" else f"{changed} · {label}"
    return replace(item, title=f"▸ {label}" if is_open else label)


def _table(view: View, found: RankedList, changes: dict[str, str]) -> None:
    frame = found.to_frame()
    frame.insert(1, "change", [changes[i] for i in frame["item_id"]])
    columns: dict[str, Any] = {
        "rank": st.column_config.NumberColumn("Rank", width=60),
        "change": st.column_config.TextColumn(
            "Change", width=80, help="Against the reference: ▲ up, ▼ down, = same, new in the list"
        ),
        "title": st.column_config.TextColumn("Title", width=260),
        "score": st.column_config.NumberColumn("Score", format="%.3f", width=80),
        "item_id": st.column_config.TextColumn("Item id", width=90),
    }
    shares = [f"contribution_{g}" for g in ordered(found.weights)]
    columns |= {
        f"contribution_{g}": st.column_config.NumberColumn(
            name(g), format="%+.3f", help=f"Contribution of {name(g)} to the score"
        )
        for g in ordered(found.weights)
    }
    frame["title"] = [t or i for t, i in zip(frame["title"], frame["item_id"], strict=True)]
    ids = list(frame["item_id"])
    st.dataframe(
        frame,
        column_config=columns,
        column_order=["rank", "change", "title", "score", *shares, "item_id"],
        hide_index=True,
        height=min(38 + 35 * len(frame), 740),
        key="ranked_table",
        selection_mode="single-row",
        on_select=lambda: _picked(ids),
        alt=f"The {len(frame)} best unseen items of user {found.user_id} with score and contributions.",
    )
    st.caption("Choose a row to see why the item is there. Contributions sum to the score.")


def _downloads(view: View, engine: Engine, weights: Weights) -> None:
    user, k, hidden = view.user, view.k, tuple(learned.hidden(view, engine))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        hide = exports.hide_toggle("list_hide")
        exports.documents(
            "List", (("user", user), ("", view.workspace)),
            lambda origin: user_document(origin, user, k, exclude=hidden),
            lambda key: Origin.of(engine, weights, key=key), view.workspace, key="list", hide=hide,
        )  # fmt: skip


def _picked(ids: list[str]) -> None:
    if item := tables.picked("ranked_table", ids):
        opened.open_item(item)


def _set_item() -> None:
    state.editing().item = st.session_state["item_choice"] or ""
    st.session_state["scroll_to_why"] = True
