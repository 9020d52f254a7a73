"""The start of an import: into which workspace, with which model, added or instead."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.workspace import uploads
from pages.ui import text
from pages.ui.address.view import View, is_name
from pages.ui.imported import facts
from pages.ui.importing import options as import_options
from pages.ui.importing import presets, questions
from pages.ui.importing.chosen import Chosen
from pages.ui.session import allowed, models, state
from pages.ui.widgets import confirming, problems

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping


Look = Callable[[Chosen, "Mapping | None"], None]


def form(view: View, chosen: Chosen, mapping: Mapping | None, look_again: Look) -> None:
    """Ask for the workspace and start the job; ``look_again`` makes a preview that is out of date anew."""
    with st.form("import_start", border=True):
        left, right = st.columns(2)
        name = left.text_input(
            "Workspace",
            value=presets.workspace(view) or uploads.plain_name(chosen.name).replace(" ", "-"),
            help="A new name creates a workspace. The name of an existing one replaces its data once "
            "the import has succeeded.",
        ).strip()
        model = right.text_input("Language model", placeholder="chosen by the texts")
        keep = uploaded(chosen) and st.checkbox("Keep the uploaded files on this machine")
        append = st.checkbox(
            "Add to the workspace's data",
            key="import_append",
            help="The tables become those of one import of both; rows that are there already are "
            "counted as read before. The build is updated with its own model and options; texts "
            "that were encoded are not encoded again.",
        )
        replaced = not append and _holds_data(name)
        confirmed = _what_is_lost(name) if replaced else ""
        sent = st.form_submit_button("Import and build", type="primary", icon=":material/upload:")
    if (
        sent
        and _settled(chosen, mapping, look_again)
        and problems.attempt(
            _start, view, chosen, mapping, name, model.strip(), bool(keep), append, confirmed
        )
    ):
        st.session_state.pop("import_chosen", None)
        presets.forget(view)
        st.rerun()


def _settled(chosen: Chosen, mapping: Mapping | None, look_again: Look) -> bool:
    """Tell whether nothing is open that the import would be refused for."""
    if anew := chosen.preview is None:
        with contextlib.suppress(MgrecError):  # the import says what is wrong, if anything is
            look_again(chosen, mapping)
    settled = problems.attempt(questions.require_answers, chosen)
    if anew and not settled:
        st.rerun()  # the question stands above what is drawn already
    return settled


def uploaded(chosen: Chosen) -> bool:
    """Tell whether the data were uploaded."""
    return uploads.FOLDER in Path(chosen.source).parts


def _holds_data(name: str) -> bool:
    return is_name(name) and allowed.sees(name) and (state.folder(name) / "mgrec.duckdb").exists()


def _what_is_lost(name: str) -> str:
    """Say what the workspace holds and ask for its name; returns what was typed."""
    try:
        found = facts.read(state.folder(name))
        held = f"{text.count(found.events, 'event')} of {text.count(found.users, 'user')}"
    except (MgrecError, OSError):
        held = "data that cannot be counted"  # an import may be how somebody mends it
    st.warning(
        f"`{name}` already holds {held}. Once this import has succeeded, they and what was built from them "
        "are gone. Add to them, or take another name, to keep them.",
        icon=":material/warning:",
    )
    return confirming.ask(name, key="import_confirm")


def _start(
    view: View,
    chosen: Chosen,
    mapping: Mapping | None,
    name: str,
    model: str,
    keep: bool,
    append: bool,
    confirmed: str,
) -> None:
    from mgrec_core.data.importers.mapping.kept import keep as keep_mapping
    from mgrec_core.data.importers.sources.libpq import handed_on
    from mgrec_core.data.importers.sources.postgres import PostgresAddress
    from mgrec_core.data.importers.sources.reach import FILE
    from mgrec_core.workspace.folder import Workspace

    if not is_name(name) or name.lower() == FILE:  # a folder in that file's place would close every source
        raise InputError(
            f"“{name}” cannot name a workspace: use up to 64 letters, digits, dots, hyphens and underscores."
        )
    allowed.require("import", name, kept=False)
    models.check(model)
    folder = state.folder(name)
    where = ["--workspace", str(folder)]
    command = ["import", chosen.source, *where, *(["--append"] if append else [])]
    if append and not (folder / "mgrec.duckdb").exists():
        raise InputError(
            f"The workspace “{name}” is empty, so there is nothing to add to: import without adding first."
        )
    if not append and _holds_data(name):
        confirming.check(name, confirmed, "take another name")
    if mapping is None:
        command += ["--format", chosen.look.format]
    else:
        Workspace.create(folder)
        keep_mapping(folder, mapping)
        command += ["--mapping", mapping.name]
    command += import_options.words()
    if uploaded(chosen) and not keep:
        command.append("--remove-upload")
    steps = [command]
    if append and model:
        command.append("--no-build")  # the build that follows is with another model
    if not append or model or Workspace.open(folder).current_build is None:
        steps.append(["build", *where, "--no-map", *(["--model", model] if model else [])])
    place = chosen.place
    secret = handed_on(place, chosen.password) if isinstance(place, PostgresAddress) else None
    allowed.start(folder, *steps, environment=secret)
    view.workspace = name
