"""What the knowledge graph says of the item, drawn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mgrec_core.analysis import graph as browse
from mgrec_core.figures.network import MOST_NODES, network
from mgrec_core.foundation.errors import NotFoundError
from pages.ui import charts, guard, layout, state, tables, text
from pages.ui.view import View


def show(view: View, engine: Any) -> None:
    """Draw the item's neighbourhood; a click on an item goes there, on anything else to the graph's page."""
    try:
        with browse.graph(engine.workspace) as connection:
            near = browse.neighbourhood(connection, view.item, limit=MOST_NODES)
    except NotFoundError:
        st.info(
            "The knowledge graph of this build has nothing on this item. The Knowledge graph page shows "
            "which rules could add triples.",
            icon=":material/info:",
        )
        st.page_link(layout.KNOWLEDGE, label="Knowledge graph", icon=":material/hub:")
        return
    items = guard.known_ids(engine)[1]
    figure = network(near.triples, near.id, near.label, total=near.total, dark=state.is_dark())
    charts.clickable(figure, key="item_network", on_click=lambda node: _go(node, items))
    st.caption(
        (
            f"The {MOST_NODES} surest of its {near.total:,} triples are drawn, and the surest among its "
            "neighbours. "
            if near.total > MOST_NODES
            else f"All {text.count(near.total, 'triple')} of the item, surest first. "
        )
        + "Click an item to go there, an entity to see it on the Knowledge graph page."
    )
    frame = near.triples[["head", "relation", "tail", "rule", "confidence"]]
    st.dataframe(
        frame, hide_index=True, width="stretch", height=min(420, 38 + 35 * len(frame)),
        key="item_triples", alt=f"{len(frame)} triples around the item.",
        column_config=tables.heads(
            frame,
            {
                "confidence": st.column_config.NumberColumn(
                    format="%.2f", help="How sure the rule is of the triple, in (0, 1]"
                )
            },
        ),
    )  # fmt: skip


def _go(node: str, items: frozenset[str]) -> None:
    state.touch()
    view: View = st.session_state["view"]
    if node in items:
        view.item = node
    else:
        view.entity = node
        st.session_state["open_page"] = layout.KNOWLEDGE
