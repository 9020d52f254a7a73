"""The four figures of everybody that stand on several pages, and one row of a figure of differences."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mgrec_core.evaluation.tradeoffs import Change
from mgrec_core.metrics import definition
from pages.ui import text

_FIRST = ("ndcg", "coverage", "novelty", "popularity_lift")


def show(found: dict[str, Change], reference: str) -> None:
    """Show the four guardrails: accuracy, reach, surprise, popularity bias."""
    chosen = [key for name in _FIRST for key in found if plain(key) == name]
    for column, key in zip(st.columns(len(chosen)), chosen, strict=True):
        change, known = found[key], definition(key)
        told = change.difference and (change.significant or change.low is None)
        unit = f" {known.unit}" if known.unit else ""
        column.metric(
            f"{known.title} @{key.partition('@')[2]}" if "@" in key else known.title,
            f"{change.value:.4f}{unit}",
            delta=f"{change.difference:+.4f}" if change.difference else "0",
            delta_color="off" if not told else "inverse" if known.better == "lower" else "normal",
            help=f"{known.formula}. {interval(change)} Reference: {text.md(reference)}.",
            border=True,
        )


def row_of(change: Change) -> dict[str, Any]:
    """Return a change as a row of the figure."""
    known = definition(change.metric)
    good = None
    if change.significant and known.better != "none":
        good = (change.difference > 0) == (known.better == "higher")
    name, _, k = change.metric.partition("@")
    return {
        "label": f"{known.title} @{k}" if k else definition(name).title,
        "value": change.value,
        "reference": change.reference,
        "difference": change.difference,
        "low": change.low,
        "high": change.high,
        "good": good,
    }


def plain(key: str) -> str:
    """Return a metric's key without its k."""
    return key.partition("@")[0]


def interval(change: Change) -> str:
    """Return the interval in words."""
    if change.low is None or change.high is None:
        return "Belongs to all lists together: no interval."
    held = "excludes 0" if change.significant else "includes 0: within chance"
    return f"95 % interval of the difference {change.low:+.4f} to {change.high:+.4f}, {held}."
