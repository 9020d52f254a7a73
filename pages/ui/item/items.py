"""The parts of the Item page: choosing one, its facts, its neighbours, how well it is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.analysis.cold_start import FEW, ColdStart, cold_start
from mgrec_core.figures.items import neighbour_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from mgrec_core.model.granularities import is_prior
from mgrec_core.model.neighbours import FUSED
from pages.ui import text
from pages.ui.address.view import ITEM_TABS, K_CHOICES, View
from pages.ui.item import audience, surroundings
from pages.ui.session import lookups, state
from pages.ui.weights import in_force
from pages.ui.widgets import charts, exports, headings, problems, style, tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_TAB_NAMES = {"Cold or warm": "Cold start"}
"""Tabs whose names in links are older than their names on the page."""

_PARTS = {
    "head": "of the catalogue: the most used that hold half of all pairs",
    "tail": "of the catalogue: not among the most used that hold half of all pairs",
    "new": "in the catalogue: neither head nor tail",
}
_WARM = {"cold": "nobody has it", "hardly known": f"at most {FEW} users", "warm": f"more than {FEW} users"}
_WARMTH = {
    "cold": "Nobody has had it yet: only granularities that know its text, attributes or triples can "
    "recommend it.",
    "hardly known": "Few have had it: what histories say about it rests on a handful of users.",
    "warm": "Enough users have it for every granularity that learns from histories.",
}


def check(view: View, engine: Engine) -> None:
    """Choose the most popular item where the link names none; replace what this build does not have."""
    view.item = view.item or next(iter(lookups.item_labels(engine)), "")
    if view.near and (is_prior(view.near) or view.near not in engine.present):
        state.problem(f"{name(view.near)} has no neighbours here: another granularity is shown.")
        view.near = ""
    if view.groups not in audience.segments(view.workspace, engine):
        state.problem(f"There is no segment “{text.shorten(view.groups, 40)}”; activity is shown.")
        view.groups = "activity"
    problems.show()


def choose(view: View, engine: Engine, where: DeltaGenerator) -> None:
    """Let the analyst search an item, and say how long lists are."""
    labels = lookups.item_labels(engine)
    options = list(labels)
    if len(options) > lookups.MANY:
        typed = where.text_input("Search items", key="item_search", placeholder="part of a title").casefold()
        options = [i for i in options if typed in labels[i].casefold() or typed == i.casefold()]
        options = options[: lookups.MATCHES]
        where.caption(f"{len(labels):,} items; the first {lookups.MATCHES} matches are listed.")
    if view.item not in options:
        options = [view.item, *options]
    controlled(
        where.selectbox, "Item", options, key="item_page_choice", value=view.item, on_change=_chosen,
        format_func=lambda i: labels.get(i, i), filter_mode="contains",
        help=f"{len(labels):,} items, the most used first; type to search.",
    )  # fmt: skip
    controlled(
        where.selectbox, "Length k", sorted({*K_CHOICES, view.k}), key="item_k", value=view.k,
        sets="k", help="How many neighbours are shown, and how long everybody's lists are.",
    )  # fmt: skip


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw everything beside the sidebar."""
    found = _cold_start(str(engine.build), view.item, engine)
    _facts(view, engine, found)
    controlled(
        st.segmented_control, "Part of the page", ITEM_TABS, key="item_tab", value=view.look, required=True,
        label_visibility="collapsed", sets="look", format_func=lambda tab: _TAB_NAMES.get(tab, tab),
    )  # fmt: skip
    if view.look == "Neighbours":
        _neighbours(view, engine, weights)
    elif view.look == "Audience":
        audience.show(view, engine, weights)
    elif view.look == "Knowledge graph":
        surroundings.show(view, engine)
    else:
        _known(found)


def _facts(view: View, engine: Engine, found: ColdStart) -> None:
    title = engine.item_label(view.item)
    attributes = engine.item_attributes(view.item)
    said = [f"id {view.item}"] + [f"{k}: {text.shorten(v, 80)}" for k, v in list(attributes.items())[:10]]
    headings.heading(title, " · ".join(said))
    headings.kpis(
        [
            (f"{found.n_users:,}", "users have it"),
            (f"{found.rank:,}", f"popularity rank of {found.n_items:,}"),
            (found.part, _PARTS[found.part]),
            (found.warmth, _WARM[found.warmth]),
        ]
    )
    with st.expander("Its text, as the language model reads it"):
        read = engine.item_text(view.item)
        if read:
            # Not st.code: a closed expander would load 1.5 MB of highlighting all the same.
            st.html(f'<pre class="mg-text">{text.html(text.shorten(read, 4000))}</pre>')
        else:
            st.caption("None: the item has no title, description or attributes.")


@st.cache_data(max_entries=64, show_spinner=False)
def _cold_start(build: str, item: str, _engine: Engine) -> ColdStart:
    return cold_start(_engine.model, _engine.item_position(item))


def _neighbours(view: View, engine: Engine, weights: Weights) -> None:
    found = engine.neighbours(view.item, min(view.k, 100), weights)
    if not found:
        st.info(
            "No granularity of this build can tell which items are near each other.", icon=":material/info:"
        )
        return
    choices = [g for g in found if g != FUSED]
    near = view.near or choices[0]
    controlled(
        st.segmented_control, "Compare fused neighbours with those by", choices, key="item_near", value=near,
        required=True, sets="near", format_func=name, wrap=True,
    )  # fmt: skip
    title, dark = engine.item_label(view.item), state.is_dark()
    for column, g in zip(st.columns(2, gap="large"), (FUSED, near), strict=True):
        with column:
            if g in found:
                figure = neighbour_bars(found[g], g, title, dark=dark)
                charts.clickable(figure, key=f"near_{g}", on_click=open_item)
            else:
                st.info(
                    "Only the prior has a weight above 0, so there is nothing to fuse.",
                    icon=":material/info:",
                )
    headings.section(
        "Nearest at every granularity",
        f"Cosines of the {min(view.k, 100)} nearest at each, – where an item is not among them; the prior "
        "popularity has no neighbours. Choose a row to go there.",
    )
    _side_by_side(found)
    rows = [
        {"granularity": g, "rank": n.rank, "item_id": n.item_id, "title": n.title, "cosine": n.cosine}
        for g, near in found.items()
        for n in near
    ]
    frame = pd.DataFrame(rows, columns=["granularity", "rank", "item_id", "title", "cosine"])
    about = exports.context(engine, view.workspace, in_force.preset_of(view, engine).name)
    about |= {"of_item_id": view.item, "k": min(view.k, 100)}
    about |= exports.alphas(weights.alpha or weights.shares)  # the fused vectors are weighed by α
    scored = replace(weights, fusion="score")  # neighbours are the same in every mode
    exports.pair(
        "Neighbours", {"neighbours": rows}, frame, about, f"neighbours_{view.item}", scored, ids=False
    )


def _side_by_side(found: dict[str, Any]) -> None:
    order = [*(g for g in (FUSED,) if g in found), *ordered(g for g in found if g != FUSED)]
    where: dict[str, dict[str, Any]] = {}
    for g in order:
        for n in found[g]:
            row = where.setdefault(n.item_id, {"title": n.title or n.item_id, "times": 0})
            row[g] = n.cosine
            row["times"] += g != FUSED
    best = {i: max(v for g, v in row.items() if g in order) for i, row in where.items()}
    ids = sorted(where, key=lambda i: (-where[i]["times"], -best[i], i))
    if not ids:
        st.caption("Nothing is near it at any granularity.")
        return
    frame = pd.DataFrame([where[i] for i in ids])

    def picked() -> None:
        if item := tables.picked("item_near_table", ids):
            open_item(item)

    st.dataframe(
        frame, hide_index=True, key="item_near_table", selection_mode="single-row", on_select=picked,
        height=min(38 + 35 * len(frame), 480), placeholder="–",
        column_config={
            "title": st.column_config.TextColumn("Item", width=260),
            "times": st.column_config.NumberColumn(
                "Lists", width=60, help="At how many granularities it is among the nearest"
            ),
        }
        | {
            g: st.column_config.NumberColumn("Fused" if g == FUSED else name(g), format="%.2f", width=95)
            for g in order
        },
        alt=f"{len(frame)} items near at some granularity, with their cosines.",
    )  # fmt: skip


def _known(found: ColdStart) -> None:
    headings.section(f"This item is {found.warmth}", _WARMTH[found.warmth])
    rows = "".join(
        f"<tr><td>{style.swatch(r.granularity)}{text.html(name(r.granularity))}</td>"
        f"<td>{'yes' if r.held else 'no'}</td><td>{text.html(r.meaning)}</td></tr>"
        for r in found.at
    )
    st.html(
        '<table class="mg-table"><thead><tr><th>Granularity</th><th>Can recommend it</th><th>Because</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def open_item(item: str) -> None:
    """Go on to another item (from a callback, before the page runs)."""
    state.editing().item = item


def _chosen() -> None:
    if chosen := st.session_state["item_page_choice"]:
        open_item(chosen)
