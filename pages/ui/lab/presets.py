"""Presets: learned beside current, two of them compared, learned, deleted, exported and imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mgrec_core.engine.preset_files import write_presets
from mgrec_core.evaluation.tradeoffs import changes
from mgrec_core.figures import difference_bars, slope_chart, weight_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.metrics.overlap import overlap, same_first
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.lab.runs import offer_job, split_arguments
from pages.ui.measured import strip
from pages.ui.measured.score_cache import measured, opened
from pages.ui.session import allowed, lookups, state
from pages.ui.weights.presets import BUILT_IN, bring_back, remove, take_in
from pages.ui.widgets import charts, exports, headings, problems, tables

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw all presets, the comparison of two, and what can be done with them."""
    presets: dict[str, Preset] = engine.presets()
    charts.draw(
        weight_bars(
            {"in force now": weights.values} | {n: dict(p.weights) for n, p in presets.items()},
            title="The weights in force beside every preset",
            dark=state.is_dark(),
        ),
        key="lab_weights",
    )
    rows = [
        {"preset": n, "origin": p.origin, "base": name(p.base)}
        | {name(g): p.weights.get(g, 0.0) for g in ordered(engine.present)}
        for n, p in presets.items()
    ]
    number = {name(g): st.column_config.NumberColumn(f"λ {name(g)}", format="%.2f") for g in engine.present}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="lab_presets",
        height="content",
        column_config=tables.heads(rows[0], number),
        alt=f"{len(rows)} presets with origin, base and weights.",
    )
    offer_job(
        view,
        "Learn the weights",
        ["tune", "--workspace", str(state.folder(view.workspace)), *split_arguments(view)],
        "Learns λ on events held out of the training part, certifies each source, and saves the preset "
        "“learned”, which then is the active one.",
        primary="learned" not in presets,
    )
    headings.section("Two presets side by side")
    _compare(view, engine, weights, presets)
    headings.section("Files")
    _files(engine, presets)
    _delete(engine, presets)


def _compare(view: View, engine: Engine, weights: Weights, presets: dict[str, Preset]) -> None:
    choices = ["in force now", *presets]
    left, right, who = st.columns(3)
    first = left.selectbox("A", choices, key="lab_a", index=0)
    second = right.selectbox("B", choices, key="lab_b", index=min(1, len(choices) - 1))
    if first == second:
        st.info("Choose two different presets.", icon=":material/info:")
        return
    chosen = [
        Weights(weights.values, weights.base) if n == "in force now" else presets[n].as_weights()
        for n in (first, second)
    ]
    found = opened(view, engine)
    if found is not None:
        a, b = (measured(found, w, view.k) for w in chosen)
        shared = overlap(a.top, b.top)
        users = len(found.score_cache.users)
        headings.kpis(
            [
                (f"{shared.mean():.0%}", f"of the {view.k} items shared, mean of {users:,} users"),
                (f"{same_first(a.top, b.top):.0%}", "of users with the same first item"),
                (f"{(shared == 0).mean():.0%}", "of users with nothing in common"),
            ]
        )
        charts.draw(
            difference_bars(
                [
                    strip.row_of(c)
                    for key, c in changes(a, b).items()
                    if c.low is not None
                    and key.partition("@")[0] in ("ndcg", "recall", "novelty", "diversity")
                ],
                title=f"{text.shorten(first, 24)} minus {text.shorten(second, 24)}",
                subtitle=f"{users:,} test users, k = {view.k}, 95 % interval.",
                dark=state.is_dark(),
            ),
            key="lab_ab",
        )
    else:
        st.caption(
            "The tab “Everybody” scores the test users; after that both presets are measured here as well."
        )
    sample = lookups.ordered_ids(engine)[:50]
    if view.user and view.user not in sample:
        sample = [view.user, *sample]
    if not sample:
        return
    user = who.selectbox("Sample user", sample, key="lab_sample")
    k = min(view.k, 20)
    lists = [engine.rank(user, k, w) for w in chosen]
    charts.draw(slope_chart(lists[0], lists[1], (first, second), dark=state.is_dark()), key="lab_slope")


def _files(engine: Engine, presets: dict[str, Preset]) -> None:
    saved = [p for n, p in presets.items() if n not in BUILT_IN]
    left, right = st.columns(2, gap="large")
    exports.download(
        "Export presets (JSON)", write_presets(saved or presets.values()), "presets.json", key="lab_export",
        where=left, ids=False,
    )  # fmt: skip
    left.caption("Saved and learned ones; the built-in ones where nothing was saved.")
    given = right.file_uploader("Import presets (JSON)", type="json", key="lab_import")
    if given is not None and right.button(
        "Import", key="lab_import_run", icon=":material/upload:", **allowed.control("save presets")
    ):
        with problems.told(where=right):
            allowed.require("save presets", detail="import a file")
            names = take_in(engine, given.getvalue())
            state.problem(f"Imported: {', '.join(names)}.")
            st.rerun()


def _delete(engine: Engine, presets: dict[str, Preset]) -> None:
    mine = [n for n in presets if n not in BUILT_IN]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if mine:
            chosen = st.selectbox("Delete a preset", mine, key="lab_delete")
            st.button(
                "Delete",
                icon=":material/delete:",
                on_click=remove,
                args=(engine, presets[chosen]),
                key="lab_gone",
                **allowed.control("delete"),
            )
        bring_back(engine, "lab_back")
