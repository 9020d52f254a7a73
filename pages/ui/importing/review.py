"""The Import page's parts: where the data are, what they are, a preview, and the start of the job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.foundation.errors import InputError
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.importing import fields, mapper, previewed, questions, start
from pages.ui.importing import options as import_options
from pages.ui.importing.chosen import Chosen
from pages.ui.session import waiting
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping

_LEFT_OUT = 5  # tables named before the rest is only counted


def show(view: View) -> None:
    """Show what was chosen: its rows, its format or mapping, questions, the preview, the button."""
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
    previewed.source(look.rows)
    if not look.format:
        mapping = mapper.edit(look.tables, look.mapping)
        if mapping is None:
            return
    import_options.show(chosen, mapping)
    asked = st.button("Preview", icon=":material/preview:", key="import_preview")
    if asked or chosen.due:
        problems.attempt(_preview, chosen, mapping)
    if chosen.preview is not None and chosen.previewed != mapping:
        chosen.preview = None
    questions.show(chosen)
    if chosen.preview is not None:
        previewed.preview(chosen.preview)
    start.form(view, chosen, mapping, _preview)


def _preview(chosen: Chosen, mapping: Mapping | None) -> None:
    from mgrec_core.data.confined import previewing

    chosen.preview, chosen.previewed, chosen.due = None, mapping, False
    format = None if mapping else chosen.look.format
    try:
        with waiting.a_place():
            reading = previewing(chosen.place, mapping, format, options=import_options.chosen_options())
            chosen.preview = waiting.wait(reading, "Reading the first rows")
    except InputError as error:
        raise InputError(fields.named(str(error))) from None


def _left_out(sentences: Sequence[str]) -> str:
    """One warning for all tables that cannot be read, however many a database has."""
    lines = [f"Left out: {text.md(one)}." for one in sentences[:_LEFT_OUT]]
    if more := len(sentences[_LEFT_OUT:]):
        lines.append(f"{more:,} more left out for such reasons.")
    return "\n\n".join(lines)
