"""The start of an import: into which workspace, with which model, added or instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.foundation.errors import InputError
from mgrec_core.service import jobs
from mgrec_core.workspace import uploads
from pages.ui.address.view import View, is_name
from pages.ui.importing import options as import_options
from pages.ui.importing.chosen import Chosen
from pages.ui.session import state
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping


def form(view: View, chosen: Chosen, mapping: Mapping | None) -> None:
    """Ask for the workspace and start the job."""
    with st.form("import_start", border=True):
        left, right = st.columns(2)
        name = left.text_input(
            "Workspace",
            value=uploads.plain_name(chosen.name).replace(" ", "-"),
            help="A new name creates a workspace. The name of an existing one replaces its data once "
            "the import has succeeded.",
        )
        model = right.text_input("Language model", placeholder="embedded MiniLM")
        keep = uploaded(chosen) and st.checkbox("Keep the uploaded files on this machine")
        append = st.checkbox(
            "Add to the workspace's data",
            help="The tables become those of one import of both; rows that are there already are "
            "counted as read before. The build is updated with its own model and options; texts "
            "that were encoded are not encoded again.",
        )
        sent = st.form_submit_button("Import and build", type="primary", icon=":material/upload:")
    if sent and problems.attempt(
        _start, view, chosen, mapping, name.strip(), model.strip(), bool(keep), append
    ):
        st.session_state.pop("import_chosen", None)
        st.rerun()


def uploaded(chosen: Chosen) -> bool:
    """Tell whether the data were uploaded."""
    return uploads.FOLDER in Path(chosen.source).parts


def _start(
    view: View, chosen: Chosen, mapping: Mapping | None, name: str, model: str, keep: bool, append: bool
) -> None:
    from mgrec_core.data.importers.mapping.kept import keep as keep_mapping
    from mgrec_core.workspace.folder import Workspace

    if not is_name(name):
        raise InputError(
            f"“{name}” cannot name a workspace: use up to 64 letters, digits, dots, hyphens and underscores."
        )
    folder = state.folder(name)
    where = ["--workspace", str(folder)]
    command = ["import", chosen.source, *where, *(["--append"] if append else [])]
    if append and not (folder / "mgrec.duckdb").exists():
        raise InputError(
            f"The workspace “{name}” is empty, so there is nothing to add to: import without adding first."
        )
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
    secret = {"PGPASSWORD": chosen.password} if chosen.password else None
    jobs.start(folder, *steps, environment=secret)
    view.workspace = name
