"""Everybody's metrics under the weights in force, against the reference, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mgrec_core.evaluation.tradeoffs import Change, changes
from mgrec_core.figures import difference_bars
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import definition
from mgrec_core.metrics.overlap import overlap, same_first
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.measured import strip
from pages.ui.measured.score_cache import Opened, measured, reference_of
from pages.ui.session import state
from pages.ui.widgets import charts, headings, tables

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_ACCURACY = ("ndcg", "recall", "precision", "map", "mrr", "hitrate")


def show(view: View, engine: Engine, weights: Weights, opened: Opened) -> None:
    """Draw the strip, the table of all metrics and the differences."""
    reference = reference_of(view, engine)
    now, before = measured(opened, weights, view.k), measured(opened, reference, view.k)
    found = changes(now, before)
    strip.show(found, reference.name)
    st.caption(
        text.md(
            f"{opened.said}. k = {view.k}. Differences against the preset “{reference.name}” with their 95 % "
            "interval, paired over users (mean ± 1.96 standard errors); coverage and Gini belong to all "
            "lists together and have none."
        )
    )
    # One line and the same figures whether there are differences or not: nothing moves with a slider.
    share = overlap(now.top, before.top)
    st.caption(
        f"Lists share {share.mean():.0%} of their items with the reference's on average; "
        f"{same_first(now.top, before.top):.0%} of users keep their first item."
        if any(c.difference for c in found.values())
        else text.md(
            f"These are the weights of “{reference.name}” itself: move a weight, or compare with another."
        )
    )
    _differences(view, found, reference.name, opened)
    headings.section("All metrics", f"k = {view.k}, means of {opened.record.n_users:,} test users.")
    frame = table(found)
    st.dataframe(
        frame,
        hide_index=True,
        column_order=[str(c) for c in frame if c != "formula"],
        key="lab_metrics",
        height="content",
        column_config=tables.heads(
            frame,
            {
                "metric": st.column_config.TextColumn(width=130),
                "now": st.column_config.NumberColumn(format="%.4f", width=75),
                "reference": st.column_config.NumberColumn(format="%.4f", width=75),
                "difference": st.column_config.NumberColumn(format="%+.4f", width=80),
                "95 % interval": st.column_config.TextColumn(width=130),
                "beyond chance": st.column_config.TextColumn(width=100),
                "wanted": st.column_config.TextColumn(width=65),
            },
        ),
        alt=f"{len(frame)} metrics now and under the reference, with differences.",
    )
    rows = zip(frame["metric"], frame["formula"], strict=True)
    with st.expander("Formulas"):
        cells = "".join(f"<tr><td>{text.html(m)}</td><td>{text.html(f)}</td></tr>" for m, f in rows)
        st.html(f'<table class="mg-table"><tbody>{cells}</tbody></table>')


def _differences(view: View, found: dict[str, Change], reference: str, opened: Opened) -> None:
    for column, (part, title) in zip(
        st.columns(2, gap="large"), ((True, "Accuracy"), (False, "Beyond accuracy")), strict=True
    ):
        with column:
            rows = [
                strip.row_of(c)
                for key, c in found.items()
                if _drawn(key, c) and (strip.plain(key) in _ACCURACY) == part
            ]
            charts.draw(
                difference_bars(
                    rows,
                    title=f"{title}: what changes against “{text.shorten(reference, 30)}”",
                    subtitle=f"Difference of means, {opened.record.n_users:,} users, with its 95 % interval;"
                    f" k = {view.k}." + ("" if part else " Each in its own unit."),
                    dark=state.is_dark(),
                ),
                key=f"lab_differences_{part}",
            )


def _drawn(key: str, change: Change) -> bool:
    """Popularity in users dwarfs the other figures; its lift says the same."""
    return change.low is not None and strip.plain(key) != "popularity"


def table(found: dict[str, Change]) -> pd.DataFrame:
    """Return all metrics as a table."""
    rows = []
    for key, change in found.items():
        known = definition(key)
        unit = f" ({known.unit})" if known.unit else ""
        rows.append(
            {
                "metric": f"{known.title}{unit}",
                "now": change.value,
                "reference": change.reference,
                "difference": change.difference,
                "95 % interval": "–" if change.low is None else f"{change.low:+.4f} to {change.high:+.4f}",
                "beyond chance": "yes" if change.significant else "–" if change.low is None else "no",
                "wanted": {"higher": "higher", "lower": "lower", "none": "–"}[known.better],
                "formula": known.formula,
            }
        )
    return pd.DataFrame(rows)
