"""Choices about an import: cleaning rules to switch off, and what is done with personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import text
from pages.ui.importing import meaning, presets

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.options import ImportOptions
    from pages.ui.importing.chosen import Chosen

_HANDLING = {
    "drop": "Leave such columns out; ids that are e-mail addresses and the like become pseudonyms",
    "hash": "Keep such columns as pseudonyms",
    "keep": "Keep everything as it is",
}
_DONE = {"hash": "hashed", "keep": "kept"}


def chosen_options() -> ImportOptions:
    """Return what was chosen in :func:`show`.

    Raises
    ------
    InputError
        When something that was typed is wrong.
    """
    from mgrec_core.data.options import ImportOptions

    handling = st.session_state.get("import_identifiers", "drop")
    off = st.session_state.get("import_without", [])
    lines = str(st.session_state.get("import_drop") or "").splitlines()
    left_out = [name.strip() for name in lines if name.strip()]
    said = meaning.said() | {"drop_columns": left_out}
    return ImportOptions.of(off, None if handling == "drop" else handling, **said)


def words() -> list[str]:
    """Return the options as words of the command line; none for the defaults."""
    options = chosen_options()
    rules = ["--without", ",".join(sorted(options.without))] if options.without else []
    personal = ["--identifiers", options.identifiers] if options.identifiers else []
    left_out = [f"--drop-column={name}" for name in sorted(options.columns)]
    return [*rules, *personal, *left_out, *meaning.words(options)]


def show(chosen: Chosen, mapping: Mapping | None) -> None:
    """Draw the choices, folded away; a change makes the preview out of date."""
    from mgrec_core.data.rules import list_rules

    rules = {rule.name: rule for rule in list_rules() if rule.switchable}

    def outdated() -> None:
        chosen.preview = None

    meaning.show(outdated)
    with st.expander(
        "Cleaning rules and personal data",
        presets.opens("import_rules"),
        key="import_rules",
        icon=":material/tune:",
        on_change="rerun",
    ):
        off = st.multiselect(
            "Rules to switch off",
            list(rules),
            format_func=lambda name: name.replace("_", " "),
            key="import_without",
            on_change=outdated,
            placeholder="None: every rule applies",
            help="`python -m mgrec_core rules` lists what each rule does.",
        )
        for name in off:
            rule = rules[name]
            st.caption(
                f"**{text.md(name.replace('_', ' '))}** ({rule.action}): {text.md(rule.explanation)}. "
                f"Switched off, {text.md(rule.instead or '')}."
            )
        st.text_area(
            "Columns to leave out",
            key="import_drop",
            placeholder="None; else one name a line",
            on_change=outdated,
            height=68,
        )
        st.radio(
            "Personal data (e-mail addresses, phone numbers, names, addresses, IP and card numbers)",
            list(_HANDLING),
            format_func=_HANDLING.__getitem__,
            key="import_identifiers",
            on_change=outdated,
        )
        _found(chosen)


def _found(chosen: Chosen) -> None:
    """Name the columns that hold personal data, as far as the first rows tell."""
    from mgrec_core.data.preview import SAMPLED

    found = chosen.look.personal
    if not found:
        st.caption(f"None was recognised in the first {SAMPLED} rows of each file.")
        return
    st.caption(f"In the first {SAMPLED} rows of each file:")
    way = st.session_state.get("import_identifiers", "drop")
    lines = "".join(
        f"<li>{text.html(file)}: {text.html(what)} and would be {_DONE.get(way, done)}</li>"
        for file, what, done in found
    )
    st.html(f"<ul>{lines}</ul>")
