"""Who is served how well under the weights in force: a metric by groups, and the gap between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from mgrec_core.evaluation.segments import BUILT_IN, cohort, segment
from mgrec_core.export.cells import safe_csv
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights
from mgrec_core.workspace.cohorts import PREFIX, CohortStore
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.measured.score_cache import Opened, measured, reference_of
from pages.ui.session import lookups
from pages.ui.widgets import exports, problems, tables

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_SAMPLES = 2_000


def show(view: View, engine: Engine, weights: Weights, opened: Opened) -> None:
    """Draw the table of one segment."""
    people = lookups.attributes_of(view.workspace, engine)
    cohorts = [PREFIX + c.name for c in CohortStore(engine.workspace.state).all() if c.of == "users"]
    chosen = st.selectbox(
        "Groups of users or items",
        [*BUILT_IN, *sorted(people), *cohorts],
        key="lab_segment",
        help="activity: terciles of history length; taste: share of head items; cold-users: at most five "
        "training items; items: held-out items in the head, tail or new; or any user attribute or cohort.",
    )
    metric = f"ndcg@{min(view.k, opened.record.n_items)}"
    if chosen.startswith(PREFIX):
        people = people | {chosen: cohort(engine.workspace.state, chosen)}
    reference = reference_of(view, engine)
    now, before = (measured(opened, w, view.k).top for w in (weights, reference))
    with problems.told(InputError, tone="info") as outcome:
        parts = [
            segment(chosen, metric, top, opened.score_cache.histories, opened.score_cache.test_users, people)
            for top in (now, before)
        ]
    if outcome.failed:
        return
    found, old = (part.to_dict(samples=_SAMPLES) for part in parts)
    rows = [
        {
            "group": row["group"],
            "users": row["n"],
            f"nDCG @{view.k}": row.get("mean"),
            "95 % interval": _interval(row),
            "reference": other.get("mean"),
            "difference": None if row.get("mean") is None else row["mean"] - (other.get("mean") or 0.0),
            "note": row.get("suppressed", ""),
        }
        for row, other in zip(found["groups"], old["groups"], strict=True)
    ]
    frame = pd.DataFrame(rows)
    if not frame["note"].astype(bool).any():
        frame = frame.drop(columns="note")
    number = st.column_config.NumberColumn(format="%.4f")
    st.dataframe(
        frame,
        hide_index=True,
        key="lab_segments",
        column_config=tables.heads(
            frame,
            {
                f"nDCG @{view.k}": number,
                "reference": number,
                "difference": st.column_config.NumberColumn(format="%+.4f"),
            },
        ),
        alt=f"nDCG of {len(frame)} groups with intervals.",
    )
    _gap(found)
    st.caption(
        text.md(
            f"{opened.said}. Intervals: {_SAMPLES:,} bootstrap samples of users. Reference: the preset "
            f"“{reference.name}”. Groups of fewer than five users are not shown."
        )
    )
    exports.download(
        "CSV", safe_csv(frame), f"segments-{chosen.replace(':', '-')}.csv", key="segments_csv", ids=False
    )


def _gap(found: dict[str, Any]) -> None:
    gap = found.get("gap")
    if not gap:
        return
    verdict = "beyond chance" if gap["significant"] else "within chance"
    st.markdown(
        f"Gap between **{text.md(gap['best'])}** and **{text.md(gap['worst'])}**: {gap['mean']:.4f} "
        f"\\[{gap['low']:.4f}, {gap['high']:.4f}\\], {verdict}."
    )


def _interval(row: dict[str, Any]) -> str:
    low, high = row.get("low"), row.get("high")
    if low is None or high is None or not np.isfinite([low, high]).all():
        return "–"
    return f"{low:.4f} to {high:.4f}"
