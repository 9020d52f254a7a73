"""Which granularities earn their place: alone, dropped, and against a placebo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mgrec_core.evaluation.experiments import Experiment, ExperimentLog
from mgrec_core.figures import difference_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.lab.runs import evaluate_command, hits, offer_job
from pages.ui.session import state
from pages.ui.widgets import charts, problems, tables

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the newest certification of this build and offer another."""
    newest = _newest(engine)
    running = jobs.running(state.folder(view.workspace), "evaluate")
    offer_job(
        view,
        "Certify these weights",
        evaluate_command(view, weights, "--certify"),
        "Drops each granularity, uses it alone, and replaces it by a permutation control (a placebo:"
        " shuffled texts, a rewired graph, permuted ages …), on held-out events. About a minute on "
        "the sample.",
        primary=newest is None,
    )
    if newest is None:
        if running is None:
            st.info(
                "No evaluation of this build has permutation controls yet, so no granularity is shown"
                " to help.",
                icon=":material/info:",
            )
        return
    sources = newest.document["sources"]
    metric = f"nDCG @{newest.document['k']}"
    rows = []
    for g in ordered(sources):
        found = sources[g]
        gain = found["gain_over_placebo"]
        rows.append(
            {
                "granularity": name(g),
                "λ then": found["weight"],
                "verdict": "certified" if found["certified"] else "not shown to help",
                "alone": found["alone"],
                "without it": found["dropped"],
                "with control": found["placebo"],
                "gain": gain["mean"],
                "95 % interval": f"{gain['low']:+.4f} to {gain['high']:+.4f}",
                "p (Holm)": gain["p_holm"],
            }
        )
    numbers = {"alone": 66, "without it": 78, "with control": 92, "p (Holm)": 72}
    columns: dict[str, Any] = {
        key: st.column_config.NumberColumn(key.capitalize() if key[0] != "p" else key, format="%.4f", width=w)
        for key, w in numbers.items()
    }
    columns["granularity"] = st.column_config.TextColumn("Granularity", width=104)
    columns["gain"] = st.column_config.NumberColumn(
        "Gain",
        format="%+.4f",
        width=72,
        help="The fused list's metric minus the one with the permutation control",
    )
    columns["λ then"] = st.column_config.NumberColumn("λ then", format="%.2f", width=60)
    columns["verdict"] = st.column_config.TextColumn("Verdict", width=132)
    columns["95 % interval"] = st.column_config.TextColumn("95 % interval", width=136)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="lab_sources",
        column_config=tables.heads(rows[0], columns),
        alt=f"{len(rows)} granularities: alone, dropped, with a permutation control, and the verdict.",
    )
    controls = "; ".join(f"{name(g)}: {sources[g]['placebo_kind']}" for g in ordered(sources))
    st.caption(
        f"{metric}: of the granularity alone, of the fused list without it and with its permutation "
        f"control. Controls: {text.md(controls)}."
    )
    charts.draw(
        difference_bars(
            [
                {
                    "label": name(g),
                    "value": newest.document["models"]["fused"][f"ndcg@{newest.document['k']}"],
                    "reference": sources[g]["placebo"],
                    "difference": sources[g]["gain_over_placebo"]["mean"],
                    "low": sources[g]["gain_over_placebo"]["low"],
                    "high": sources[g]["gain_over_placebo"]["high"],
                    "good": _good(sources[g]["gain_over_placebo"]),
                }
                for g in ordered(sources)
            ],
            title="Gain of each granularity over its permutation control",
            subtitle=f"{metric}, {newest.document['n_users']:,} users, 95 % bootstrap interval.",
            dark=state.is_dark(),
        ),
        key="lab_placebos",
    )
    left_out = [name(g) for g in ordered(sources) if not sources[g]["certified"]]
    if left_out:
        st.caption(f"Not shown to help: {', '.join(left_out)}. “Learn the weights” leaves such sources at 0.")
    split = newest.document["split"]
    st.caption(
        text.md(
            f"Experiment {newest.id}, {newest.made}: split {split['kind']}, "
            f"{text.count(newest.document['n_users'], 'user')}, hits: {hits(newest.document)},"
            f" weights of that run. Certified: the gain over the "
            "control is beyond chance and dropping the source is no better on average."
        )
    )


def _good(gain: dict[str, Any]) -> bool | None:
    if not gain.get("significant", True):
        return None
    return True if gain["low"] > 0 else False if gain["high"] < 0 else None


def _newest(engine: Engine) -> Experiment | None:
    found = [e for e in ExperimentLog(engine.workspace.state).all() if e.document.get("sources")]
    of_build = [e for e in found if e.build == str(engine.build)]
    problems.show()
    return of_build[-1] if of_build else None
