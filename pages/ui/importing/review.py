"""The Import page's parts: where the data are, what they are, a preview, and the start of the job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import text
from pages.ui.address.view import View
from pages.ui.importing import mapper, start
from pages.ui.importing import options as import_options
from pages.ui.importing.chosen import Chosen
from pages.ui.session import waiting
from pages.ui.widgets import headings, problems

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.preview import Preview
    from mgrec_core.data.receipt import Reason

_LEFT_OUT = 5  # tables named before the rest is only counted


def show(view: View) -> None:
    """Show what was chosen: its format or the mapping's editor, the preview, the button."""
    chosen: Chosen | None = st.session_state.get("import_chosen")
    if chosen is None:
        return
    mapping: Mapping | None = None
    look = chosen.look
    if look.format and look.problem:
        st.warning(
            f"{text.md(chosen.name)} has the known format {text.md(look.format)}, but its first rows cannot "
            f"be read: {text.md(look.problem)}.",
            icon=":material/warning:",
        )
    elif look.format:
        st.success(
            f"{text.md(chosen.name)} has the known format {text.md(look.format)}: every column is "
            "mapped already.",
            icon=":material/check_circle:",
        )
    else:
        if look.kept:
            st.info(
                "This mapping was saved with an earlier import of files with the same columns.",
                icon=":material/history:",
            )
        elif look.problem:
            st.warning(text.md(look.problem[:1].upper() + look.problem[1:]), icon=":material/info:")
        if look.unread:
            st.warning(_left_out(look.unread), icon=":material/block:")
        mapping = mapper.edit(look.tables, look.mapping)
        if mapping is None:
            return
    import_options.show(chosen, mapping)
    if st.button("Preview", icon=":material/preview:", key="import_preview"):
        problems.attempt(_preview, chosen, mapping)
    if chosen.preview is not None and chosen.previewed == mapping:
        _show_preview(chosen.preview)
    start.form(view, chosen, mapping)


def _preview(chosen: Chosen, mapping: Mapping | None) -> None:
    from mgrec_core.data.confined import previewing

    chosen.preview, chosen.previewed = None, mapping
    format = None if mapping else chosen.look.format
    with waiting.a_place():
        reading = previewing(chosen.place, mapping, format, options=import_options.chosen_options())
        chosen.preview = waiting.wait(reading, "Reading the first rows")


def _show_preview(found: Preview) -> None:
    from mgrec_core.data.receipt import ordered

    files = found.report.files
    headings.section(
        "Preview",
        f"What the first {found.rows:,} rows of each file would become: {sum(f.read for f in files):,} read, "
        f"{sum(f.repaired for f in files):,} repaired, {sum(f.rejected for f in files):,} rejected.",
    )
    for tab, frame in zip(
        st.tabs([text.md(name) for name in found.frames]), found.frames.values(), strict=True
    ):
        tab.dataframe(frame, hide_index=True, height=min(38 + 35 * len(frame), 260))
    whole = '<td style="white-space:nowrap">'  # words, not letters a line
    rows = "".join(
        f"<tr><td>{text.html(r.file)}</td>{whole}{text.html(r.action)}</td>{whole}{text.html(r.rule)}</td>"
        f'<td class="num">{_count(r)}</td><td>{text.html(r.explanation)}</td></tr>'
        for r in ordered(found.report.reasons)
    )
    if rows:
        heads = '<th>File</th><th>What</th><th>Rule</th><th class="num">Rows</th><th>Why</th>'
        st.html(f'<table class="mg-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')


def _count(reason: Reason) -> str:
    return "–" if reason.action == "switched off" else f"{reason.count:,}"


def _left_out(sentences: Sequence[str]) -> str:
    """One warning for all tables that cannot be read, however many a database has."""
    lines = [f"Left out: {text.md(one)}." for one in sentences[:_LEFT_OUT]]
    if more := len(sentences[_LEFT_OUT:]):
        lines.append(f"{more:,} more left out for such reasons.")
    return "\n\n".join(lines)
