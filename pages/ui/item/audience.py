"""Who gets to see the item under the weights in force: users, segments, and at which granularity."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.analysis.audience import MOST, Audience, Lists
from mgrec_core.analysis.item import audience_of, lists_of, segment_of
from mgrec_core.export.redaction import hide_audience
from mgrec_core.figures.items import audience_bars, segment_shares
from mgrec_core.figures.palette import name
from mgrec_core.foundation.progress import Progress
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.small_groups import MIN_GROUP
from mgrec_core.workspace.cohorts import PREFIX, CohortStore
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import gate, links
from pages.ui.item import reach
from pages.ui.session import lookups, state
from pages.ui.weights import in_force, learned
from pages.ui.widgets import charts, exports, headings, problems, tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_SEGMENTS = ("activity", "taste", "cold-users")


def segments(workspace: str, engine: Engine) -> list[str]:
    """Return what the audience can be divided by: built-in groups, users' attributes, cohorts."""
    own = sorted(set(lookups.attributes_of(workspace, engine)) - {*_SEGMENTS})
    mine = [PREFIX + c.name for c in CohortStore(engine.workspace.state).all() if c.of == "users"]
    return [*_SEGMENTS, *own, *mine]


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the audience, or how far it is."""
    k = min(view.k, MOST)
    factors = tuple(weights.factors)
    key = (view.workspace, str(engine.build), tuple(weights.values.items()), weights.fusion, factors, k)

    def make(progress: Progress) -> Lists:
        return lists_of(engine, weights, k, progress)

    found = reach.run(key, make)
    if found.error is not None:
        problems.say(found.error)
        return
    if found.lists is None:
        _wait(found, key, make)
        return
    seen = audience_of(engine, found.lists, view.item)
    _draw(view, engine, weights, found.lists, seen)


def _wait(found: reach.Run, key: object, make: Callable[[Progress], Lists]) -> None:
    if found.cancelled and found.by_person:
        st.info("Ranking everybody was cancelled.", icon=":material/stop_circle:")
        if st.button("Rank everybody", icon=":material/play_arrow:", key="reach_again"):
            reach.run(key, make, again=True)
            st.rerun()
        return

    @st.fragment(run_every=0.7)
    def panel() -> None:
        gate.hold()
        run = reach.run(key, make)
        if run.ended.is_set():
            st.rerun()
        with st.container(border=True):
            left, right = st.columns([6, 1], vertical_alignment="center")
            done = f"{run.done:,} of {run.total:,} users" if run.total else "starting"
            left.progress(
                run.done / run.total if run.total else 0.0,
                text=f"Ranking everybody under these weights · {done}",
            )
            right.button(
                "Cancel", key="reach_cancel", icon=":material/stop_circle:", width="stretch",
                on_click=reach.stop, args=(run,),
            )  # fmt: skip
        st.skeleton(height=320)

    panel()


def _draw(view: View, engine: Engine, weights: Weights, lists: Lists, seen: Audience) -> None:
    share = len(seen.rows) / max(seen.n_users, 1)
    headings.kpis(
        [
            (f"{len(seen.rows):,}", f"of {seen.n_users:,} users see it in their top {seen.k}"),
            (f"{share:.1%}", "of users"),
            (f"{seen.n_having:,}", "already have it, so it is in none of their lists"),
            (f"{seen.more:.1%}", "of the other items are seen by fewer users"),
        ]
    )
    st.caption(
        f"Exact: everybody with a history was ranked under the weights in force (fusion by {view.fusion}, "
        f"k = {seen.k}{f', the longest there is here; k is {view.k}' if view.k > MOST else ''})."
    )
    if unwilling := _unwilling(view, engine, seen):
        st.caption(
            f"{text.count(unwilling, 'user')} of them disliked or dismissed it: it is in their lists unless "
            "*Hide disliked* is on."
        )
    left, right = st.columns(2, gap="large")
    dark = state.is_dark()
    with left:
        charts.draw(
            audience_bars(seen.by_granularity(), n_users=seen.n_users, k=seen.k, dark=dark),
            key="audience_granularities",
        )
        _users(seen)
    with right:
        controlled(
            st.selectbox, "Groups of users", segments(view.workspace, engine),
            key="item_groups", value=view.groups, sets="groups",
            help="activity: terciles of history length; taste: share of head items; cold-users: at most five "
            "items; or any user attribute or cohort.",
        )  # fmt: skip
        groups = None
        with problems.told(tone="info"):
            groups = segment_of(engine, lists, view.item, view.groups)
        if groups is not None:
            charts.draw(
                segment_shares(groups, segment=view.groups, overall=share, k=seen.k, dark=dark),
                key="audience_segments",
            )
            if groups["share"].isna().any():
                st.caption(
                    f"Groups of fewer than {MIN_GROUP} users are hidden, and so is what would reveal them."
                )
    about = exports.context(engine, view.workspace, in_force.preset_of(view, engine).name)
    about |= {"item_id": view.item, "k": seen.k}
    if weights.fusion != "score":
        about |= exports.alphas(weights.alpha or weights.shares)
    hide = exports.hide_toggle("audience_hide")
    seen = exports.hidden(hide_audience, seen, view.workspace, hide=hide)
    document = seen.to_dict()
    if groups is not None:
        document |= {
            "segment": view.groups,
            "groups": groups.astype(object).where(groups.notna(), None).to_dict("records"),
        }
    # The groups, and the item's id with which the file is named, may name a user too.
    document, about = (
        exports.hidden(lambda one, key: key.hide(one), one, view.workspace, hide=hide)
        for one in (document, about)
    )
    exports.pair("Audience", document, seen.rows, about, f"audience_{about['item_id']}", weights, hide=hide)


def _unwilling(view: View, engine: Engine, seen: Audience) -> int:
    """Return how many of those who see the item have said that they do not want it."""
    learner = learned.learner(view.workspace, engine)
    return sum(view.item in learner.unwanted(user) for user in learner.users() & set(seen.rows["user_id"]))


def _users(seen: Audience) -> None:
    if seen.rows.empty:
        return
    frame = seen.rows.assign(granularity=[name(g) for g in seen.rows["granularity"]])
    ids = list(frame["user_id"])

    def picked() -> None:
        if user := tables.picked("audience_users", ids):
            state.editing().user = user
            links.go_next("user")

    st.dataframe(
        frame, hide_index=True, key="audience_users", selection_mode="single-row", on_select=picked,
        height=min(38 + 35 * len(frame), 320),
        column_config={
            "user_id": st.column_config.TextColumn("User"),
            "rank": st.column_config.NumberColumn("Rank", help="Place in that user's list"),
            "granularity": st.column_config.TextColumn("Contributes most"),
        },
        alt=f"The {len(frame)} users who see the item, with its rank and strongest granularity.",
    )  # fmt: skip
    st.caption("Choose a row to open that user with this item explained.")
