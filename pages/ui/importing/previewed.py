"""Rows before and after: what the source holds, and what each table would become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import text
from pages.ui.importing import fields
from pages.ui.widgets import headings

if TYPE_CHECKING:
    import pandas as pd

    from mgrec_core.data.preview import Preview
    from mgrec_core.data.receipt import Reason, Rows

_TABS = 12
_HIDDEN = {"events": ("event_id",), "users": ()}
"""Columns that say nothing to a person."""


def source(files: Sequence[Rows]) -> None:
    """Show the first rows of each file as they are read, before anything is done with them."""
    import pandas as pd

    if not files:
        return
    headings.section(
        "The first rows", "As they stand in the source; e-mail addresses and the like are hidden."
    )
    for tab, one in zip(_tabs([one.file for one in files]), files, strict=False):
        frame = pd.DataFrame(list(one.rows), columns=_distinct(one.columns))
        _table(tab, frame)
        if one.n_columns > len(one.columns):
            tab.caption(f"The first {len(one.columns)} of {one.n_columns:,} columns.")
    if len(files) > _TABS:
        st.caption(f"The first {_TABS} of {len(files):,} tables.")


def preview(found: Preview) -> None:
    """Show what the beginning would become: each table's first rows, then what was done and why."""
    from mgrec_core.data.receipt import ordered

    files = found.report.files
    headings.section(
        "Preview",
        f"What the first {found.rows:,} rows of each file would become: {sum(f.read for f in files):,} read, "
        f"{sum(f.repaired for f in files):,} repaired, {sum(f.rejected for f in files):,} rejected.",
    )
    counts = found.report.counts
    titles = [
        name.replace("_", " ") + (f" · {counts[name]:,}" if name in counts else "") for name in found.frames
    ]
    for tab, (name, frame) in zip(st.tabs([text.md(t) for t in titles]), found.frames.items(), strict=True):
        empty = [column for column in frame if frame[column].isna().all()]
        _table(tab, frame.drop(columns=[*empty, *_HIDDEN.get(name, ())], errors="ignore"))
        if name == "events":
            tab.caption(
                "Role: something done, an opinion, or only shown. Signal: what the event says, from −1 "
                "(against the item) to 1 (for it)."
            )
    whole = '<td style="white-space:nowrap">'  # words, not letters a line
    rows = "".join(
        f"<tr><td>{text.html(r.file)}</td>{whole}{text.html(r.said)}</td>{whole}{text.html(r.rule)}</td>"
        f'<td class="num">{_count(r)}</td><td>{text.html(fields.named(r.explanation))}</td></tr>'
        for r in ordered(found.report.reasons)
    )
    if rows:
        heads = '<th>File</th><th>What</th><th>Rule</th><th class="num">Rows</th><th>Why</th>'
        st.html(f'<table class="mg-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')


def _table(where: st.delta_generator.DeltaGenerator, frame: pd.DataFrame) -> None:
    where.dataframe(frame, hide_index=True, height="content")


def _tabs(names: Sequence[str]) -> Sequence[st.delta_generator.DeltaGenerator]:
    return st.tabs([text.md(text.shorten(name, 40)) for name in names[:_TABS]])


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of columns; a table can show one only once."""
    found: list[str] = []
    for name in names:
        found.append(name if name not in found else f"{name} ({len(found) + 1})")
    return found


def _count(reason: Reason) -> str:
    return "–" if reason.action == "switched off" else f"{reason.count:,}"
