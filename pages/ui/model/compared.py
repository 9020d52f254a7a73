"""Two models side by side: which items' texts are nearest to one item's, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.engine.model_choice import ModelChoice, choices, label
from mgrec_core.engine.text_neighbours import TextNeighbours, text_neighbours
from mgrec_core.figures.model import text_neighbour_bars
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.model import rooms
from pages.ui.session import lookups, state
from pages.ui.widgets import charts, headings, problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_K = 10


def show(view: View, engine: Engine) -> None:
    """Draw the choice of two models and an item, and its neighbours to each."""
    headings.section(
        "Nearest texts, before and after",
        "Cosine of the items' text vectors as each model gives them. Only vectors that are kept are "
        "compared: nothing is encoded here.",
    )
    with problems.told():
        found = choices(engine.workspace)
        names = [one.name for one in found]
        first, second = _pair(view, found)
        labels = lookups.item_labels(engine)
        item = view.item or next(iter(labels), "")
        if not item:
            st.info("There is no item to look at.", icon=":material/info:")
            return
        left, right = st.columns(2)
        for where, key, said, value in ((left, "one", "Before", first), (right, "two", "After", second)):
            controlled(
                where.selectbox, said, names, key=f"model_compare_{key}", value=value, format_func=label,
                on_change=rooms.take, args=(key, f"model_compare_{key}"),
            )  # fmt: skip
        _item(item, labels)
        shown: list[TextNeighbours] = []
        columns = st.container(key="distributions_neighbours").columns(2, gap="medium")
        for n, (column, name) in enumerate(zip(columns, (first, second), strict=True)):
            with column, problems.told(tone="info"):
                near = _near(str(engine.build), item, name, engine)
                others = {one.item_id for one in shown[0].neighbours} if shown else None
                figure = text_neighbour_bars(
                    near.neighbours, label(name), labels[item], others=others, dark=state.is_dark()
                )
                charts.clickable(figure, key=f"model_near_{n}", on_click=_go)
                if near.n_unread:
                    left_out = text.count(near.n_unread, "item")
                    st.caption(f"{left_out} left out: this model has not read their texts yet.")
                shown.append(near)
        if len(shown) == 2:
            one, two = ({near.item_id for near in each.neighbours} for each in shown)
            st.caption(
                f"{len(one & two)} of the {len(two)} nearest are the same to both; "
                f"{text.count(shown[1].n_items, 'item')} compared."
            )
    links.show(
        "map",
        "The map of items by behaviour, of the build in use",
        query={"workspace": view.workspace, "of": "items", "space": "behaviour"},
    )


@st.cache_data(max_entries=64, ttl=300, show_spinner=False)
def _near(build: str, item: str, model: str, _engine: Engine) -> TextNeighbours:
    return text_neighbours(_engine, item, model, _K)


def _pair(view: View, found: list[ModelChoice]) -> tuple[str, str]:
    """Return the two models: as the address says, else what the newest was made from, and it."""
    names = [one.name for one in found]
    for key in ("one", "two"):
        if view.own.get(key) and view.own[key] not in names:
            said = text.shorten(view.own[key], 60)
            problems.say(f"There is no model “{said}” here; another one is shown.", tone="info")
            view.own[key] = ""
    made = next((one for one in found if one.in_use and one.record), None)
    made = made or next((one for one in found if one.record), None)
    base = made.record.base if made and made.record and made.record.base in names else names[0]
    return view.own.get("one") or base, view.own.get("two") or (made.name if made else names[-1])


def _item(item: str, labels: dict[str, str]) -> None:
    options = list(labels)
    if len(options) > lookups.MANY:
        typed = st.text_input("Search items", key="model_item_search", placeholder="part of a title")
        sought = typed.casefold()
        options = [one for one in options if sought in labels[one].casefold()][: lookups.MATCHES]
        options = options if item in options else [item, *options]
    controlled(
        st.selectbox, "Item", options, key="model_item", value=item,
        format_func=lambda one: labels.get(one, one), on_change=_take_item, filter_mode="contains",
    )  # fmt: skip


def _take_item() -> None:
    if chosen := st.session_state["model_item"]:
        _go(chosen)


def _go(item: str) -> None:
    state.editing().item = item
