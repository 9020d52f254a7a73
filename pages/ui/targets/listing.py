"""What the pages of people and of advertisements share: a ranked list, and why one row is in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.export.redaction import hide_ranked
from mgrec_core.figures.contributions import contribution_bars
from mgrec_core.figures.evidence import evidence_bars, waterfall
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.errors import InputError
from pages.ui import text
from pages.ui.address.view import K_CHOICES, View
from pages.ui.frame import guard, user_choice
from pages.ui.session import lookups, state
from pages.ui.targets import parts
from pages.ui.widgets import charts, exports, headings, problems, tables
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.foundation.results import RankedList, Weights
    from mgrec_core.targets.ranker import Ranker


_DAYS = ("starts", "ends")


@dataclass(frozen=True)
class Kind:
    """The words of one page."""

    target: str
    noun: str
    among: str
    title: str
    subtitle: str
    way_out: str


PEOPLE = Kind(
    target="users",
    noun="person",
    among="people who are not friends yet",
    title="People for user",
    subtitle="Ranked by shared friends and similar interests; current friends are left out.",
    way_out=(
        "Import a social file (user_id, friend_id), or events in which users have items in common, and "
        "build again."
    ),
)
ADS = Kind(
    target="ads",
    noun="ad",
    among="advertisements the user may still take up",
    title="Advertisements for user",
    subtitle="Ranked by their products, their own attributes and who took them up.",
    way_out=(
        "Import a folder with ads (ad_id, title, starts, ends), ad_items (ad_id, item_id) and ad_events "
        "(user_id, ad_id, kind), and build again."
    ),
)


def show(view: View, keys: tuple[str, ...], kind: Kind) -> None:
    """Draw the page; ``keys`` are what its address keeps."""
    engine = guard.require_engine(view)
    guard.check(view, engine)
    view.user = view.user or lookups.typical(engine) or next(iter(engine.user_ids), "")
    if not view.user:
        st.info("This workspace has no users, so there is nobody to rank for.", icon=":material/info:")
        return
    ranker = _ranker(kind.target, str(engine.build), engine)
    if not ranker.parts or len(ranker.target_ids) < 2:
        headings.heading(kind.title.removesuffix(" for user"), kind.subtitle)
        why = ranker.why_not()
        st.info(text.md(f"{why[:1].upper()}{why[1:]}. {kind.way_out}"), icon=":material/info:")
        return
    user_choice.choose(view, engine, st.sidebar)
    _length(view)
    from mgrec_core.targets.ads import Ads

    if isinstance(ranker, Ads):
        ranker = parts.day(view, ranker)
    weights = parts.sliders(view, ranker)
    if view.other and view.other not in ranker.target_ids:
        state.problem(f"There is no {kind.noun} “{text.shorten(view.other, 40)}” in this workspace.")
        view.other = ""
    state.write(view, keys)
    problems.show()
    headings.heading(f"{kind.title} {view.user}", kind.subtitle)
    found = ranker.rank(view.user, view.k, weights)
    if not found.items:
        when = f" on {view.on}: choose another day or none" if kind.target == "ads" and view.on else ""
        st.info(f"There is no {kind.noun} left to rank for this user{when}.", icon=":material/info:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        figure = contribution_bars(_weighed(found), dark=state.is_dark(), noun=kind.noun, among=kind.among)
        charts.clickable(figure, key=f"{kind.target}_bars", on_click=_chosen)
        _table(found, kind)
        _downloads(found, view, engine)
    with right:
        _why(view.other or found.items[0].item_id, view, ranker, weights, kind)
    reasons: dict[str, list[str]] = {}
    for part, why in ranker.absent.items():
        reasons.setdefault(why, []).append(name(part))
    for why, names in reasons.items():
        st.caption(f"Absent: {', '.join(names)}; {text.md(why)}.")


@st.cache_resource(max_entries=4, show_spinner="Comparing users …")
def _ranker(target: str, build: str, _engine: Engine) -> Ranker:
    from mgrec_core.targets.registry import open_ranker

    return open_ranker(_engine, target)


def _length(view: View) -> None:
    choices = sorted({*K_CHOICES, view.k})
    controlled(
        st.sidebar.selectbox, "Length of the list (k)", choices, key="target_k", value=view.k,
        sets="k",
    )  # fmt: skip


def _chosen(target: str) -> None:
    state.editing().other = target


def _table(found: RankedList, kind: Kind) -> None:
    rows = [
        {"rank": r.rank, kind.noun: r.title, "score": r.score}
        | {key.replace("_", " "): _shown(key, value) for key, value in r.about.items()}
        for r in found.items
    ]

    def picked() -> None:
        if target := tables.picked(f"{kind.target}_table", [r.item_id for r in found.items]):
            _chosen(target)

    st.dataframe(
        rows,
        hide_index=True,
        key=f"{kind.target}_table",
        on_select=picked,
        selection_mode="single-row",
        column_config=tables.heads(
            rows[0],
            {"score": st.column_config.NumberColumn(format="%.3f")}
            | {key: st.column_config.DateColumn(format="D MMM YYYY") for key in _DAYS},
        ),
        placeholder="–",
        alt=f"The {len(rows)} best for user {found.user_id}; a click on a row explains it.",
    )


def _shown(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value).date() if key in _DAYS and value else value


def _downloads(found: RankedList, view: View, engine: Engine) -> None:
    about = exports.context(engine, view.workspace, "")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        hide = exports.hide_toggle(f"{found.target}_hide")
        found = exports.hidden(hide_ranked, found, view.workspace, hide=hide)
        exports.buttons(
            "", exports.as_json(found.to_dict(), about), exports.ranked_csv(found, about),
            f"{found.target}-for-{found.user_id}_{view.workspace}", key=found.target, hide=hide,
        )  # fmt: skip


def _why(target: str, view: View, ranker: Ranker, weights: Weights, kind: Kind) -> None:
    """Explain one row: how the parts add up, one part down to its evidence, an ad's products."""
    with problems.told(InputError, tone="info") as outcome:
        why = ranker.explain(view.user, target, weights)
    if outcome.failed:
        return
    shown = {p: v for p, v in why.contributions.items() if why.weights[p] > 0}
    dark = state.is_dark()
    charts.draw(waterfall(replace(why, contributions=shown), dark=dark), key=f"{kind.target}_waterfall")
    choices = ordered(shown)
    strongest = max(choices, key=lambda p: abs(shown[p]))
    part = st.selectbox(
        "Evidence of",
        choices,
        index=choices.index(strongest),
        format_func=name,
        key=f"{kind.target}_part_{view.user}_{target}",
    )
    charts.draw(evidence_bars(why, part, top=8, dark=dark), key=f"{kind.target}_evidence")
    from mgrec_core.targets.ads import Ads

    if not isinstance(ranker, Ads):
        return
    if products := ranker.products(view.user, target, weights):
        headings.section("Products of the ad", "What each adds to the score, best first.")
        rows = [{"product": p["title"], "adds": p["value"], "item id": p["item_id"]} for p in products[:200]]
        st.dataframe(
            rows,
            hide_index=True,
            height=min(38 + 35 * len(rows), 260),
            column_config=tables.heads(rows[0], {"adds": st.column_config.NumberColumn(format="%.4f")}),
            alt=f"{len(rows)} products of the ad and what each adds to the score.",
            key="ad_products",
        )


def _weighed(found: RankedList) -> RankedList:
    """The list without the parts of weight 0: there are many, and a figure shows each."""
    shown = {p: w for p, w in found.weights.items() if w > 0}
    rows = (replace(r, contributions={p: r.contributions[p] for p in shown}) for r in found.items)
    return replace(found, weights=shown, items=tuple(rows))
