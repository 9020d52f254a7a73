"""What a link to the Import page presets: a finding of Data quality leads to the option that mends it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mgrec_core.foundation.errors import InputError
from pages.ui import text
from pages.ui.address.view import View

KEYS = ("option", "value")
"""Keys of the page's address."""

_FIELDS = {
    "without": ("import_without", "import_rules", "Rules to switch off"),
    "drop": ("import_drop", "import_rules", "Columns to leave out"),
    "time_form": ("import_time_form", "import_meaning", "Form of times"),
    "join_ids": ("import_join_ids", "import_meaning", "Ids of events and catalogue differ by"),
    "strengths": ("import_strengths", "import_meaning", "How much kinds of events say"),
    "append": ("import_append", "", "Add to the workspace's data"),
    "mapping": ("", "", ""),
}
"""Option → key of its field, key of the part that holds it, and what the field is called."""
_PARTS = {"import_rules": "Cleaning rules and personal data", "import_meaning": "What values mean"}


def show(view: View) -> None:
    """Say what the link asks for, and set it once.

    Raises
    ------
    InputError
        There is no such option, or it cannot have that value.
    """
    option, value = (view.own.get(key, "") for key in KEYS)
    if not option:
        return
    if option not in _FIELDS:
        raise InputError(f"The link presets “{option[:40]}”, which is none of {', '.join(_FIELDS)}.")
    key, part, name = _FIELDS[option]
    preset = _checked(option, value)
    if st.session_state.get("import_preset") != (option, value):
        st.session_state["import_preset"] = (option, value)
        if preset is not None:
            st.session_state[key] = preset
        if (chosen := st.session_state.get("import_chosen")) is not None:
            chosen.preview, chosen.due = None, not chosen.look.problem
    st.info(_said(option, value, name, _PARTS.get(part, ""), view.workspace), icon=":material/build:")


def opens(part: str) -> bool:
    """Tell whether a folded part holds what the link presets."""
    option = (st.session_state.get("import_preset") or ("", ""))[0]
    return option in _FIELDS and _FIELDS[option][1] == part


def workspace(view: View) -> str:
    """Return the workspace whose data are to be mended; empty where the link asks for nothing."""
    return view.workspace if view.own.get("option") else ""


def forget(view: View) -> None:
    """Forget the link's wish, once it is followed."""
    for key in KEYS:
        view.own.pop(key, None)
    st.session_state.pop("import_preset", None)


def _checked(option: str, value: str) -> Any:
    """Return what the field holds; None where the link only leads to it."""
    from mgrec_core.data.options import ImportOptions

    if option == "append":
        return True
    if not value:
        return None
    if option == "without":
        return sorted(ImportOptions.of([value]).without)
    if option == "join_ids":
        return list(ImportOptions.of(join_ids=[value]).join_ids)
    if option == "time_form":
        return ImportOptions.of(time_form=value).time_form
    return value if option == "drop" else None


def _said(option: str, value: str, name: str, part: str, workspace: str) -> str:
    into = f" into {text.md(workspace)}" if workspace else ""
    start = f"Inspect the source{into} again: "
    if option == "append":
        return f"Inspect the source that is to be added{into}: “{name}” is ticked already."
    if option == "mapping":
        return f"{start}what each table becomes and which column is what can be changed below it."
    if value:
        shown = text.md(value.replace("_", " ") if option == "without" else value)
        return f"{start}“{name}” is set to {shown} already, under “{part}”."
    return f"{start}“{name}” is under “{part}”."
