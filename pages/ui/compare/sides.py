"""The two sides of the Compare page: choosing them, and what they have in common and apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mgrec_core.analysis.comparison import Comparison, Side, compare, most_alike
from mgrec_core.export import Document
from mgrec_core.export.kinds.comparison import comparison_document, names_of
from mgrec_core.export.provenance import Origin
from mgrec_core.export.redaction import hide_comparison
from mgrec_core.figures import difference_items, share_dumbbells, slope_chart, theme_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import RankedList, Weights
from mgrec_core.model.granularities import is_prior
from pages.ui import text
from pages.ui.address.view import K_CHOICES, View
from pages.ui.frame import links
from pages.ui.session import lookups, state
from pages.ui.weights import in_force
from pages.ui.widgets import charts, exports, headings, problems, tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.workspace.pseudonyms import Pseudonyms

_IN_FORCE = "weights in force"
_VERSUS = {"users": "Two users", "presets": "Two presets"}
_SLOPE = 30
"""So many ranks a slope chart holds before its lines cannot be told apart."""


def check(view: View, engine: Engine) -> None:
    """Complete what the link leaves open; replace what this workspace does not have."""
    if view.second and view.second not in set(lookups.ordered_ids(engine)):
        state.problem(f"There is no user “{text.shorten(view.second, 40)}”; another one is used.")
        view.second = ""
    presets = engine.presets()
    for which in ("left", "right"):
        chosen: str = getattr(view, which)
        if chosen and chosen not in presets:
            state.problem(f"There is no preset “{text.shorten(chosen, 40)}”; another one is used.")
            setattr(view, which, "")
    if not view.second:
        view.second = most_alike(engine, view.user)
    if view.left == view.right == "":
        active = in_force.preset_of(view, engine).name
        view.right = next((n for n in presets if n != active), "")
    problems.show()


def choose(view: View, engine: Engine, where: DeltaGenerator) -> None:
    """Let the analyst choose both sides."""
    with where:
        controlled(
            st.segmented_control, "Compare", list(_VERSUS), key="compare_versus", value=view.versus,
            format_func=_VERSUS.get, required=True, sets="versus",
        )  # fmt: skip
        if view.versus == "users":
            _user(view, engine, "user", "User A")
            _user(view, engine, "second", "User B")
        else:
            _user(view, engine, "user", "User")
            presets = ["", *engine.presets()]
            for which, label in (("left", "A"), ("right", "B")):
                controlled(
                    st.selectbox, f"Preset {label}", presets, key=f"compare_{which}",
                    value=getattr(view, which), sets=which,
                    format_func=lambda n: n or _IN_FORCE,
                )  # fmt: skip
        st.button(
            "Swap A and B", icon=":material/swap_horiz:", key="compare_swap", on_click=_swap, width="stretch"
        )
        controlled(
            st.selectbox, "Length k", sorted({*K_CHOICES, view.k}), key="compare_k", value=view.k,
            sets="k", help="Length of both lists.",
        )  # fmt: skip


def _user(view: View, engine: Engine, which: str, label: str) -> None:
    ids = lookups.ordered_ids(engine)
    options = ids
    chosen: str = getattr(view, which)
    if len(ids) > lookups.MANY:
        typed = st.text_input(
            f"Search {label[:1].lower()}{label[1:]}", key=f"compare_search_{which}",
            placeholder="start of an id",
        )  # fmt: skip
        options = [i for i in ids if i.startswith(typed)][: lookups.MATCHES]
    if chosen not in options:
        options = [chosen, *options]
    controlled(
        st.selectbox, label, options, key=f"compare_{which}", value=chosen, sets=which,
        filter_mode="contains", help=f"{len(ids):,} users; type to search.",
    )  # fmt: skip


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the comparison."""
    a, b = _sides(view, engine, weights)
    by_users = view.versus == "users"
    if by_users:
        subtitle = f"{a.name.capitalize()} (A) and {b.name} (B), both under the weights in force. "
        subtitle += "Without a choice B is the user whose history is most like A's."
    else:
        subtitle = f"User {view.user} under “{a.name}” (A) and under “{b.name}” (B)."
    headings.heading("Compare", subtitle)
    if (a.user_id, a.name) == (b.user_id, b.name):
        what = "another user" if by_users else "another preset"
        st.info(f"Both sides are the same: choose {what} in the sidebar.", icon=":material/info:")
        return
    found = compare(engine, a, b, view.k)
    if not found.first.items and not found.second.items:
        st.info("There is no unseen item left to rank on either side.", icon=":material/info:")
        return
    _numbers(found, by_users)
    dark = state.is_dark()
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = f"Ranks: {text.shorten(a.name, 24)} and {text.shorten(b.name, 24)}"
        charts.draw(
            slope_chart(_cut(found.first), _cut(found.second), found.names, title=title, dark=dark),
            key="compare_slope",
        )
        if view.k > _SLOPE:
            st.caption(f"The first {_SLOPE} ranks of k = {view.k} are drawn; the tables show all of them.")
    with right:
        charts.draw(share_dumbbells(found.shares, found.names, k=view.k, dark=dark), key="compare_shares")
    charts.clickable(difference_items(found, dark=dark), key="compare_differences", on_click=_open_item)
    st.caption(
        "Contributions sum to scores, so their differences sum to the difference of the scores, exactly. "
        + (
            "Each user's scores are in units of that user's own spread. "
            if by_users
            else "Only the weights differ, so each difference is that granularity's. "
        )
        + "Click a bar to open the item."
    )
    _lists(found, by_users)
    if by_users:
        _interests(view, engine)
        _history(found)
    _files(view, engine, found, weights)


def _sides(view: View, engine: Engine, weights: Weights) -> tuple[Side, Side]:
    if view.versus == "users":
        first, second = (Side(u, weights, f"user {u}") for u in (view.user, view.second))
        return first, second
    presets = engine.presets()
    made = []
    for which in (view.left, view.right):
        preset = presets.get(which)
        # The same fusion mode and α; λ and the base are the preset's.
        asked = replace(weights, values={}, base="", preset=which) if preset else weights
        chosen = engine.resolve(asked)
        made.append(Side(view.user, chosen, which or _IN_FORCE))
    return made[0], made[1]


def _numbers(found: Comparison, by_users: bool) -> None:
    same = bool(found.first.items and found.second.items) and (
        found.first.items[0].item_id == found.second.items[0].item_id
    )
    k = found.first.k
    numbers = [
        (f"{len(found.shared)} of {k}", f"items in both lists ({found.overlap:.0%})"),
        (f"{found.rbo:.3f}", f"rank-biased overlap @{k} (p = 0.9; 1 = the same list)"),
        ("yes" if same else "no", "same first item"),
    ]
    if by_users:
        union = found.history[0] + found.history[1] - len(found.common)
        share = len(found.common) / max(union, 1)
        numbers.append(
            (
                f"{len(found.common):,}",
                f"items in both histories (of {found.history[0]:,} and {found.history[1]:,}; {share:.0%})",
            )
        )
    headings.kpis(numbers)


def _cut(found: RankedList) -> RankedList:
    return replace(found, items=found.items[:_SLOPE])


def _lists(found: Comparison, by_users: bool) -> None:
    headings.section(
        "Both lists", "✓ marks items that are in both; the last column is the other side's rank."
    )
    places = {d.item_id: (d.rank_a, d.rank_b) for d in found.differences}
    shared = set(found.shared)
    for column, side in zip(st.columns(2, gap="large"), (0, 1), strict=True):
        ranked = (found.first, found.second)[side]
        ids = [item.item_id for item in ranked.items]
        frame = pd.DataFrame(
            {
                "rank": [item.rank for item in ranked.items],
                "title": [item.title or item.item_id for item in ranked.items],
                "score": [item.score for item in ranked.items],
                "other": [_place(places[i][1 - side], i in shared) for i in ids],
            }
        )
        with column:
            st.markdown(f"**{'AB'[side]}: {text.md(found.names[side])}**")
            st.dataframe(
                frame, hide_index=True, key=f"compare_list_{side}", selection_mode="single-row",
                on_select=lambda key=f"compare_list_{side}", ids=ids: _picked(key, ids),
                height=min(38 + 35 * max(len(frame), 1), 460),
                column_config={
                    "rank": st.column_config.NumberColumn("Rank", width=46),
                    "title": st.column_config.TextColumn("Item", width=178),
                    "score": st.column_config.NumberColumn("Score", format="%.3f", width=58),
                    "other": st.column_config.TextColumn(
                        f"In {'BA'[side]}", width=70,
                        help="Rank among all unseen items of the other side; ✓ where it is in that list"
                        + (", “has it” where that user has it already" if by_users else ""),
                    ),
                },
                alt=f"The {len(frame)} best items of {found.names[side]}; the other side's rank beside.",
            )  # fmt: skip


def _place(rank: int | None, shared: bool) -> str:
    if rank is None:
        return "has it"
    return f"✓ {rank:,}" if shared else f"{rank:,}"


def _interests(view: View, engine: Engine) -> None:
    headings.section("Interests of both", "Themes at one granularity; the weights do not change them.")
    choices = [g for g in ordered(engine.present) if not is_prior(g)]
    if not choices:
        st.caption("This build has no granularity that shows interests.")
        return
    chosen = view.near if view.near in choices else choices[0]
    controlled(
        st.segmented_control, "Interests by", choices, key="compare_near", value=chosen, format_func=name,
        required=True, wrap=True, label_visibility="collapsed", sets="near",
    )  # fmt: skip
    for column, user, side in zip(st.columns(2, gap="large"), (view.user, view.second), "AB", strict=True):
        with column:
            st.markdown(f"**{side}: user {text.md(user)}**")
            themes = engine.themes(user, granularity=chosen).granularities[chosen]
            bars = theme_bars(themes, chosen, state.is_dark())
            charts.draw(bars, key=f"compare_interests_{side}")


def _history(found: Comparison) -> None:
    headings.section("Shared history")
    if not found.common:
        st.info("The two users share no item.", icon=":material/info:")
        return
    ids = [i for i, _ in found.common]
    st.dataframe(
        pd.DataFrame(found.common, columns=["item_id", "title"]),
        hide_index=True, key="compare_common", selection_mode="single-row",
        on_select=lambda: _picked("compare_common", ids),
        height=min(38 + 35 * len(ids), 320), column_order=["title", "item_id"],
        column_config={"title": st.column_config.TextColumn("Item"), "item_id": "Item id"},
        alt=f"{len(ids)} items that both users have.",
    )  # fmt: skip


def _files(view: View, engine: Engine, found: Comparison, weights: Weights) -> None:
    hide = exports.hide_toggle("compare_hide")
    mine = _sides(view, engine, weights)[0].weights
    first, second = found.first.user_id, found.second.user_id
    asked = {"user": first, "k": str(view.k)}
    again: dict[str, str] | None = None  # what is in force here and no preset cannot be named to a command
    if first != second:
        again = {**asked, "with-user": second}
    elif found.names[1] in engine.presets():
        again = {**asked, "with-preset": found.names[1]}

    def make(origin: Origin) -> Document:
        shown = found if origin.key is None else hide_comparison(found, origin.key)
        told = again if again is None or origin.key is None else _hidden(again, origin.key)
        return comparison_document(origin, shown, told)

    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        exports.documents(
            "Comparison", names_of(found, view.workspace), make,
            lambda key: Origin.of(engine, mine, key=key), view.workspace, key="comparison", hide=hide,
        )  # fmt: skip


def _hidden(options: dict[str, str], key: Pseudonyms) -> dict[str, str]:
    people = ("user", "with-user")
    return {name: key.pseudonym(one) if name in people else key.text(one) for name, one in options.items()}


def _picked(key: str, ids: list[str]) -> None:
    if item := tables.picked(key, ids):
        _open_item(item)


def _open_item(item: str) -> None:
    state.editing().item = item
    links.go_next("item")


def _swap() -> None:
    view = state.editing()
    if view.versus == "users":
        view.user, view.second = view.second, view.user
    else:
        view.left, view.right = view.right, view.left
