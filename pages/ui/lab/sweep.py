"""One weight from 0 to 1 while the others stay."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.evaluation.tradeoffs import sweep
from mgrec_core.figures import sweep_lines
from mgrec_core.figures.palette import name, ordered
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import METRICS, definition
from pages.ui.address.view import View
from pages.ui.measured.score_cache import Opened
from pages.ui.session import state
from pages.ui.widgets import charts, problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_METRICS = {m for m, d in METRICS.items() if d.headline}
_POINTS = 21


def show(view: View, engine: Engine, weights: Weights, opened: Opened) -> None:
    """Draw the sweep of a chosen granularity."""
    movable = [g for g in ordered(opened.score_cache.granularities) if g != weights.base]
    if not movable:
        st.info("The build has only one granularity, so there is no weight to vary.", icon=":material/info:")
        return
    chosen = st.segmented_control(
        "Granularity whose weight varies",
        movable,
        format_func=name,
        key="lab_sweep",
        default=movable[0],
        required=True,
    )
    values = tuple(sorted(weights.values.items()))
    k = min(view.k, opened.record.n_items)
    points = _sweep(opened.record.id, values, chosen, k, opened.score_cache)
    metrics = [
        (key, f"{definition(key).title} @{key.partition('@')[2]}")
        for key in points[0]
        if key.partition("@")[0] in _METRICS
    ]
    charts.draw(
        sweep_lines(
            points, metrics, chosen, current=weights.values[chosen], n_users=opened.record.n_users,
            dark=state.is_dark(),
        ),
        key="lab_sweep_lines",
    )  # fmt: skip
    best = max(points, key=lambda point: point[f"ndcg@{k}"]["value"])
    left, right = st.columns([3, 1], vertical_alignment="center")
    gain = best[f"ndcg@{k}"]
    left.caption(
        f"nDCG is highest at λ = {best['weight']:.2f}: {gain['value']:.4f}, {gain['difference']:+.4f} "
        f"against the weight in force [{gain['low']:+.4f}, {gain['high']:+.4f}]."
    )
    if right.button(f"Set λ to {best['weight']:.2f}", key="lab_sweep_take", width="stretch"):
        view.weights[chosen] = float(best["weight"])
        state.touch()
        st.rerun()
    problems.show()


@st.cache_data(max_entries=32, show_spinner="Varying the weight …")
def _sweep(
    identity: str, weights: tuple[tuple[str, float], ...], granularity: str, k: int, _panel: ScoreCache
) -> list[dict[str, Any]]:
    rows = sweep(_panel, dict(weights), granularity, k=k, points=_POINTS)
    return [{key: v if key == "weight" else asdict(v) for key, v in row.items()} for row in rows]
