"""A list before and after, as a table: what moved by how much."""

from __future__ import annotations

import streamlit as st

from mgrec_core.analysis.counterfactual import Recomputed
from pages.ui import text


def changes(found: Recomputed, marked: str = "") -> None:
    """Draw both lists as one table, in the order of the list after.

    Parameters
    ----------
    marked
        Id of the item in question.
    """
    k = found.after.k
    moved = sum(m.before != m.after for m in found.moves if m.after <= k)
    fresh = [m for m in found.moves if m.after <= k < m.before]
    out = [m for m in found.moves if m.before <= k < m.after]
    st.caption(
        f"{moved} of the first {k} places change; {text.count(len(fresh), 'item')} new, "
        f"{text.count(len(out), 'item')} out of the list."
    )
    rows = "".join(_row(m.item_id == marked, m.title or m.item_id, m.before, m.after, k) for m in found.moves)
    heads = '<th class="num">After</th><th class="num">Before</th><th>Change</th><th>Item</th>'
    st.html(f'<table class="mg-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')


def _row(is_marked: bool, title: str, before: int, after: int, k: int) -> str:
    step = before - after
    change = "=" if step == 0 else f"▲{step:,}" if step > 0 else f"▼{-step:,}"
    if after <= k < before:
        change = f"new {change}"
    elif before <= k < after:
        change = f"out {change}"
    shown = text.html(text.shorten(title, 70))
    shown = f"<b>▸ {shown}</b>" if is_marked else shown
    faded = ' class="mg-muted"' if after > k else ""
    return (
        f'<tr{faded}><td class="num">{after:,}</td><td class="num">{before:,}</td>'
        f"<td>{change}</td><td>{shown}</td></tr>"
    )
