"""Where the data are: a folder, files to upload, a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace import uploads
from pages.ui import text
from pages.ui.importing import mapper
from pages.ui.importing.chosen import Chosen, place_of
from pages.ui.serving.address import beyond_loopback
from pages.ui.session import allowed, state, waiting
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


_HERE = "A folder or file on this machine"
_UPLOAD = "Upload files"
_SERVER = "A PostgreSQL database"


def choose() -> None:
    """Ask where the data are; the answer is looked at once and kept for the session."""
    uploads.forget_stale(state.root())
    where = st.segmented_control(
        "Where are the data?", [_HERE, _UPLOAD, _SERVER], default=_HERE, key="import_where", required=True
    )
    with st.form("import_source", border=True):
        files, password = [], ""
        if where == _UPLOAD:
            files = st.file_uploader(
                "Files",
                accept_multiple_files=True,
                help="CSV, TSV, Parquet, JSON, JSON lines, workbooks, DuckDB or SQLite files, also in a zip "
                "file. They are removed after a successful import.",
            )
            source = ""
        elif where == _SERVER:
            source = st.text_input("Address", placeholder="postgres://reader@localhost:5432/shop")
            password = st.text_input(
                "Password",
                type="password",
                help="Used for this import only, sent to this host only and stored nowhere; ~/.pgpass works "
                "with the host's name.",
            )
        else:
            source = st.text_input(
                "Folder or file on this machine",
                placeholder="/data/my-shop",
                help="A folder of a known format, or any CSV, TSV, Parquet, JSON, JSON lines, Excel, DuckDB "
                "or SQLite file.",
            )
        sent = st.form_submit_button("Inspect", icon=":material/search:", type="primary")
    if sent:
        st.session_state.pop("import_chosen", None)
        if problems.attempt(_look, source, password, files):
            st.rerun()  # what comes of it may be waited for too, and a run shows one waiting


def _look(source: str, password: str, files: list[UploadedFile]) -> None:
    from mgrec_core.data.confined import looking
    from mgrec_core.data.importers.sources import as_place
    from mgrec_core.data.importers.sources.postgres import PostgresAddress
    from mgrec_core.data.importers.sources.reach import Reach

    allowed.require("import", "", detail="look at a source")
    if files:
        first = files[0].name
        name = Path(uploads.plain_name(first)).stem if len(files) == 1 else "upload"
        source = str(uploads.receive(state.root(), [(f.name, f) for f in files], name))
    source = text.visible(source)
    if not source:
        raise InputError("Name a folder or file, choose files to upload, or give a database's address.")
    try:
        reach = Reach.of(state.root(), beyond_loopback())
        place = reach.check(as_place(source), uploads=state.root() / uploads.FOLDER)
        if isinstance(place, PostgresAddress):
            source, inside = place.without_password()
            name, password = place.database, password or inside
        elif not place.exists():
            raise InputError(f"There is no folder or file {place} on this machine; check the path.")
        else:
            source, name, password = str(place), place.stem if place.is_file() else place.name, ""
        workspaces = [state.folder(one) for one in state.workspace_names()]
        with waiting.a_place():
            reading = looking(place_of(source, password), name, workspaces, unpack=bool(files))
            found = waiting.wait(reading, "Reading the first rows")
    except BaseException:
        if files:
            uploads.remove(state.root(), Path(source))
        raise
    mapper.forget()
    st.session_state["import_chosen"] = Chosen(source, name, found, password, due=not found.problem)
