"""Why an item has its score: contributions, evidence, and the proof that they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.export.kinds.item import item_document
from mgrec_core.export.provenance import Origin
from mgrec_core.figures.evidence import evidence_bars, waterfall
from mgrec_core.figures.palette import name, ordered
from mgrec_core.figures.text import signed
from mgrec_core.foundation.explanation import Explanation
from mgrec_core.foundation.results import Weights
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.serving import inline
from pages.ui.session import lookups, state
from pages.ui.user import change, tree
from pages.ui.widgets import charts, exports, headings, problems, style
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

TOLERANCE = 1e-5


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the explanation of the view's item."""
    with problems.told() as outcome:
        found = engine.explain(view.user, view.item, weights, ways=True)
    if outcome.failed:
        return
    with st.container(border=True, key="why"):
        left, right = st.columns([12, 1], vertical_alignment="top")
        with left:
            headings.section(found.title or found.item_id, _place(found))
            _attributes(view.item, engine)
            links.show("item", "Neighbours, audience and graph of this item")
        right.button(
            "Close the explanation",
            icon=":material/close:",
            key="close_why",
            on_click=_close,
            help="Close the explanation",
        )
        dark = state.is_dark()
        charts.draw(waterfall(found, dark=dark), key="waterfall")
        _evidence(found, dark)
        tree.show(found)
        _sums(found)
        change.show(view, engine, weights)
        _downloads(view, engine, weights)
    if st.session_state.pop("scroll_to_why", False):
        st.html(f"<script>{inline.SCROLL_TO_WHY}</script>", unsafe_allow_javascript=True)


def _place(found: Explanation) -> str:
    if found.seen:
        return f"score {signed(found.score)}. {found.note}"
    return f"rank {found.rank:,} of the unseen items, score {signed(found.score)}"


def _attributes(item: str, engine: Engine) -> None:
    frame = lookups.items_frame(engine)
    parts = [text.count(int(n), "user") for n in frame.loc[frame["item_id"] == item, "n_users"]]
    parts += [f"{k}: {text.shorten(v, 60)}" for k, v in list(engine.item_attributes(item).items())[:6]]
    st.html(f'<p class="mg-sub">{text.html(" · ".join(parts))}</p>')


def _evidence(found: Explanation, dark: bool) -> None:
    choices = ordered(found.contributions)
    strongest = max(choices, key=lambda g: abs(found.contributions[g]))
    chosen = st.session_state.get("evidence_of")
    chosen = controlled(
        st.segmented_control, "Evidence of", choices, key="evidence_of",
        value=chosen if chosen in choices else strongest, format_func=name, required=True, wrap=True,
        help="The strongest pieces of evidence have a bar each, the rest share one; with the baseline"
             " they sum to the contribution.",
    )  # fmt: skip
    charts.draw(evidence_bars(found, chosen or strongest, top=10, dark=dark), key="evidence")


def sums(found: Explanation) -> list[tuple[str, int, float, float, float]]:
    """Return (granularity, pieces of evidence, their sum, baseline, contribution), in order."""
    return [
        (
            g,
            len(found.evidence.get(g, ())),
            sum(e.value for e in found.evidence.get(g, ())),
            found.baseline.get(g, 0.0),
            c,
        )
        for g, c in ((g, found.contributions[g]) for g in ordered(found.contributions))
    ]


def _sums(found: Explanation) -> None:
    rows = sums(found)
    gap = max([abs(e + b - c) for _, _, e, b, c in rows] + [abs(sum(r[4] for r in rows) - found.score)])
    if gap <= TOLERANCE:
        title = "✓ The sums check: evidence + baseline = contribution, contributions = score"
    else:
        title = f"✗ The sums are off by {gap:.1e}: do not rely on this explanation, build again"
    with st.expander(title):
        body = "".join(
            f"<tr><td>{style.swatch(g)}{text.html(name(g))}</td>"
            f"{_cells(f'{n:,}', *(signed(v, 4) for v in (e, b, c)))}</tr>"
            for g, n, e, b, c in rows
        )
        heads = "".join(
            f'<th class="num">{h}</th>' for h in ("Pieces", "Evidence", "Baseline", "Contribution")
        )
        st.html(
            f'<table class="mg-table"><thead><tr><th>Granularity</th>{heads}</tr></thead><tbody>{body}'
            f"<tr><td><b>Score</b></td>{_cells('', '', '', signed(found.score, 4))}</tr></tbody></table>"
            f'<p class="mg-sub">Largest difference {gap:.1e}, allowed {TOLERANCE:.0e}.</p>'
        )


def _cells(*values: str) -> str:
    return "".join(f'<td class="num">{value}</td>' for value in values)


def _downloads(view: View, engine: Engine, weights: Weights) -> None:
    user, item = view.user, view.item
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        hide = exports.hide_toggle("why_hide")
        exports.documents(
            "Explanation", (("item", item), ("user", user), ("", view.workspace)),
            lambda origin: item_document(origin, user, item),
            lambda key: Origin.of(engine, weights, key=key), view.workspace, key="why", hide=hide,
        )  # fmt: skip


def _close() -> None:
    state.editing().item = ""
