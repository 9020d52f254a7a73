"""The Import page's parts: where the data are, what they are, a preview, and the start of the job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.foundation.errors import InputError
from mgrec_core.service import jobs, uploads
from pages.ui import import_options, layout, mapper, state, text
from pages.ui.view import View, is_name

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.importers.mapping.guess import Table
    from mgrec_core.data.importers.sources import Place
    from mgrec_core.data.preview import Preview
    from mgrec_core.data.receipt import Reason

_HERE, _UPLOAD, _SERVER = "A folder or file on this machine", "Upload files", "A PostgreSQL database"


@dataclass
class Chosen:
    """What was chosen to be imported, kept for the session.

    Attributes
    ----------
    source
        Path or address, without a password.
    password
        Given apart; it goes to the job through its environment and is written nowhere.
    format
        The known format, or empty: then the mapping says which column is what.
    tables
        Tables with samples, where a mapping is needed.
    mapping
        The guessed or kept mapping.
    kept
        Whether the mapping was kept from an import of files with the same columns.
    problem
        Why nothing could be guessed.
    preview
        What the beginning would become, once asked for.
    previewed
        The mapping that the preview shows; with another one it is out of date.
    """

    source: str
    name: str
    password: str = ""
    format: str = ""
    tables: tuple[Table, ...] = ()
    mapping: Mapping | None = None
    kept: bool = False
    problem: str = ""
    preview: Preview | None = None
    previewed: Mapping | None = None

    @property
    def place(self) -> Place:
        """The source, with the password where there is one."""
        from mgrec_core.data.importers.sources import as_place
        from mgrec_core.data.importers.sources.postgres import PostgresAddress

        place = as_place(self.source)
        return place.with_password(self.password) if isinstance(place, PostgresAddress) else place


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
                help="Used for this import only and stored nowhere; PGPASSWORD and ~/.pgpass work too.",
            )
        else:
            source = st.text_input(
                "Folder or file on this machine",
                placeholder="/data/my-shop",
                help="A folder of a known format, or any CSV, TSV, Parquet, JSON, JSON lines, Excel, DuckDB "
                "or SQLite file.",
            )
        sent = st.form_submit_button("Look at it", icon=":material/search:", type="primary")
    if sent:
        st.session_state.pop("import_chosen", None)
        layout.attempt(_look, source, password, files)


def _look(source: str, password: str, files: list[object]) -> None:
    from mgrec_core.data.importers import detect_format
    from mgrec_core.data.importers.sources import as_place, open_source
    from mgrec_core.data.importers.sources.postgres import PostgresAddress
    from mgrec_core.data.preview import propose, sample

    if files:
        first = str(files[0].name)  # type: ignore[attr-defined]
        name = Path(uploads.plain_name(first)).stem if len(files) == 1 else "upload"
        folder = uploads.take(state.root(), [(str(f.name), f) for f in files], name)  # type: ignore[attr-defined, misc]
        source = str(folder)
    source = source.strip()
    if not source:
        raise InputError("Name a folder or file, choose files to upload, or give a database's address.")
    place = as_place(source)
    if isinstance(place, PostgresAddress):
        source, inside = place.without_password()
        chosen = Chosen(source, place.database, password or inside)
    else:
        place = place.expanduser().resolve()
        if not place.exists():
            raise InputError(f"There is no folder or file {place} on this machine; check the path.")
        chosen = Chosen(str(place), place.stem if place.is_file() else place.name)
    try:
        chosen.format = detect_format(chosen.place)
    except InputError:
        chosen.format = ""
    if chosen.format == "database":
        source_ = open_source(chosen.place)
        names = [one.partition(" [")[2].rstrip("]").lower() for one in source_.tables()]
        source_.close()
        chosen.format = "database" if "interactions" in names else ""
    if not chosen.format:
        chosen.tables = tuple(sample(chosen.place))
        try:
            for folder in [state.root() / one for one in state.workspace_names()]:
                chosen.mapping, chosen.kept = propose(folder, list(chosen.tables), chosen.name)
                if chosen.kept:
                    break
            else:
                if chosen.mapping is None:
                    chosen.mapping, _ = propose(state.root(), list(chosen.tables), chosen.name)
        except InputError as error:
            chosen.problem = str(error)
    mapper.forget()
    st.session_state["import_chosen"] = chosen


def show(view: View) -> None:
    """Show what was chosen: its format or the mapping's editor, the preview, the button."""
    chosen: Chosen | None = st.session_state.get("import_chosen")
    if chosen is None:
        return
    mapping: Mapping | None = None
    if chosen.format:
        st.success(
            f"{text.md(chosen.name)} is of the known format {text.md(chosen.format)}: every column has its "
            "place already.",
            icon=":material/check_circle:",
        )
    else:
        if chosen.kept:
            st.info(
                "A mapping was kept from an import of files with the same columns.", icon=":material/history:"
            )
        elif chosen.problem:
            st.warning(text.md(chosen.problem[:1].upper() + chosen.problem[1:]), icon=":material/info:")
        mapping = mapper.edit(chosen.tables, chosen.mapping)
        if mapping is None:
            return
    import_options.show(chosen, mapping)
    if st.button("Preview", icon=":material/preview:", key="import_preview"):
        layout.attempt(_preview, chosen, mapping)
    if chosen.preview is not None and chosen.previewed == mapping:
        _show_preview(chosen.preview)
    _start_form(view, chosen, mapping)


def _preview(chosen: Chosen, mapping: Mapping | None) -> None:
    from mgrec_core.data.preview import preview

    chosen.preview, chosen.previewed = None, mapping
    with st.spinner("Reading the first rows …"):
        chosen.preview = preview(
            chosen.place, mapping, None if mapping else chosen.format, options=import_options.chosen_options()
        )


def _show_preview(found: Preview) -> None:
    files = found.report.files
    layout.section(
        "Preview",
        f"What the first {found.rows:,} rows of each file would become: {sum(f.read for f in files):,} read, "
        f"{sum(f.repaired for f in files):,} repaired, {sum(f.rejected for f in files):,} rejected.",
    )
    for tab, frame in zip(
        st.tabs([text.md(name) for name in found.frames]), found.frames.values(), strict=True
    ):
        tab.dataframe(frame, hide_index=True, height=min(38 + 35 * len(frame), 260))
    rows = "".join(
        f"<tr><td>{text.html(r.file)}</td><td>{text.html(r.action)}</td><td>{text.html(r.rule)}</td>"
        f'<td class="num">{_count(r)}</td><td>{text.html(r.explanation)}</td></tr>'
        for r in found.report.reasons
    )
    if rows:
        heads = '<th>File</th><th>What</th><th>Rule</th><th class="num">Rows</th><th>Why</th>'
        st.html(f'<table class="mg-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')


def _count(reason: Reason) -> str:
    return "–" if reason.action == "switched off" else f"{reason.count:,}"


def _start_form(view: View, chosen: Chosen, mapping: Mapping | None) -> None:
    with st.form("import_start", border=True):
        left, right = st.columns(2)
        name = left.text_input(
            "Workspace",
            value=uploads.plain_name(chosen.name).replace(" ", "-"),
            help="A new name makes a workspace. The name of an existing one replaces its data, once the "
            "import has succeeded.",
        )
        model = right.text_input("Language model", placeholder="embedded MiniLM")
        keep = _uploaded(chosen) and st.checkbox("Keep the uploaded files on this machine")
        append = st.checkbox(
            "Add to what the workspace holds",
            help="The tables are then those of one import of both; what is there already is counted as read "
            "before. The build is updated with its own model and options; texts that were encoded are not "
            "encoded again.",
        )
        sent = st.form_submit_button("Import and build", type="primary", icon=":material/upload:")
    if sent and layout.attempt(
        _start, view, chosen, mapping, name.strip(), model.strip(), bool(keep), append
    ):
        st.session_state.pop("import_chosen", None)
        st.rerun()


def _uploaded(chosen: Chosen) -> bool:
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
        raise InputError(f"The workspace “{name}” holds nothing to add to: import without adding first.")
    if mapping is None:
        command += ["--format", chosen.format]
    else:
        Workspace.create(folder)
        keep_mapping(folder, mapping)
        command += ["--mapping", mapping.name]
    command += import_options.words()
    if _uploaded(chosen) and not keep:
        command.append("--remove-upload")
    steps = [command]
    if append and model:
        command.append("--no-build")  # the build that follows is with another model
    if not append or model or Workspace.open(folder).current_build is None:
        steps.append(["build", *where, "--no-map", *(["--model", model] if model else [])])
    secret = {"PGPASSWORD": chosen.password} if chosen.password else None
    jobs.start(folder, *steps, environment=secret)
    view.workspace = name
