"""What the knowledge graph says of the item, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.analysis import graph as browse
from mgrec_core.figures.network import MOST_NODES, network
from mgrec_core.foundation.errors import NotFoundError
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.session import lookups, state
from pages.ui.widgets import charts, tables

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def show(view: View, engine: Engine) -> None:
    """Draw the item's neighbourhood; a click on an item goes there, on anything else to the graph's page."""
    try:
        with browse.graph(engine.workspace) as connection:
            near = browse.neighbourhood(connection, view.item, limit=MOST_NODES)
    except NotFoundError:
        st.info(
            "The knowledge graph of this build says nothing about this item. The Knowledge graph page"
            " shows which rules could add triples.",
            icon=":material/info:",
        )
        links.show("knowledge", "Knowledge graph")
        return
    items = lookups.known_ids(engine)[1]
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
    view = state.editing()
    if node in items:
        view.item = node
    else:
        view.entity = node
        links.go_next("knowledge")
