"""Import a folder, build, take sample data, make another workspace: the forms of the Overview page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mgrec_core import jobs
from mgrec_core.errors import InputError
from mgrec_core.jobs import Job
from pages.ui import layout, state, text
from pages.ui.view import View, is_name

_DETECT = "Detect"


def manage(view: View) -> None:
    """Show the forms; closed while something runs, since there is then nothing to do here."""
    busy = bool(view.workspace) and jobs.running(state.folder(view.workspace)) is not None
    with st.expander(
        "Data and builds: import a folder, build again, sample data",
        expanded=not busy,
        icon=":material/database:",
        on_change="rerun",
        key=f"manage_{'busy' if busy else 'idle'}",
    ) as forms:
        if not forms.open:
            return
        st.caption("Everything runs in the background; the other pages stay usable meanwhile.")
        folder_tab, build_tab, sample_tab = st.tabs(["Import a folder", "Build again", "Sample data"])
        with folder_tab:
            _import_form(view)
        with build_tab:
            _build_form(view)
        with sample_tab:
            _samples(view)


def again(view: View, job: Job) -> None:
    """Run the commands of a job that failed or was cancelled once more."""
    jobs.start(state.folder(view.workspace), *job.commands)


def _import_form(view: View) -> None:
    from mgrec_core.data.importers import FORMATS

    with st.form("import_form", border=False):
        source = st.text_input(
            "Folder on this machine",
            placeholder="/data/my-shop",
            help="A folder with interactions.csv (user_id, item_id; further columns and files are optional), "
            "or a folder of one of the known formats.",
        )
        left, right = st.columns(2)
        kind = left.selectbox("Format", [_DETECT, *FORMATS], help="“Detect” looks at the names of the files.")
        name = right.text_input(
            "Workspace",
            placeholder="the folder's name",
            help="A new name makes a workspace. The name of an existing one replaces its data, once the "
            "import has succeeded.",
        )
        model = st.text_input("Language model", placeholder="embedded MiniLM", help=_MODEL_HELP)
        sent = st.form_submit_button("Import and build", type="primary", icon=":material/upload:")
    if sent and layout.attempt(_import, view, source, None if kind == _DETECT else kind, name, model):
        st.rerun()
    layout.show_problems()


def _import(view: View, source: str, kind: str | None, name: str, model: str) -> None:
    from mgrec_core.data.importers import detect_format

    source = source.strip()
    if not source:
        raise InputError("Name the folder to import, such as /data/my-shop.")
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} on this machine; check the path.")
    kind = kind or detect_format(folder)
    name = name.strip() or folder.resolve().name
    if not is_name(name):
        raise InputError(
            f"“{name}” cannot name a workspace: use up to 64 letters, digits, dots, hyphens and underscores."
        )
    where = ["--workspace", str(state.folder(name))]
    jobs.start(
        state.folder(name),
        ["import", str(folder.resolve()), *where, "--format", kind],
        ["build", *where, "--no-map", *_model(model)],
    )
    view.workspace = name


def _build_form(view: View) -> None:
    from mgrec_core.workspace import Workspace

    if not view.workspace or not Workspace(state.folder(view.workspace)).is_imported:
        st.caption("Import data first; then they can be built again with another language model.")
        return
    with st.form("build_form", border=False):
        model = st.text_input("Language model", placeholder="embedded MiniLM", help=_MODEL_HELP)
        sent = st.form_submit_button("Build", type="primary", icon=":material/build:")
    st.caption(
        "The present build stays in use until the new one is complete. Unchanged data and model take seconds."
    )
    if sent and layout.attempt(build, view, model):
        st.rerun()
    layout.show_problems()


def build(view: View, model: str = "") -> None:
    """Build the workspace in the background, with another language model when one is named.

    Raises
    ------
    MgrecError
        When a job is running there already.
    """
    folder = state.folder(view.workspace)
    jobs.start(folder, ["build", "--workspace", str(folder), "--no-map", *_model(model)])


def _samples(view: View) -> None:
    for name, what in state.SAMPLES.items():
        if not (state.PROJECT / "sample_data" / name).is_dir():
            continue
        left, right = st.columns([1, 3], vertical_alignment="center")
        if left.button(f"Import {what}", key=f"sample_{name}", icon=":material/database:", width="stretch"):
            if layout.attempt(state.start_sample, name):
                view.workspace = name
            st.rerun()
        right.caption(_SAMPLE_TEXT[name])


def _model(text_input: str) -> list[str]:
    return ["--model", text_input.strip()] if text_input.strip() else []


_MODEL_HELP = (
    "A Hugging Face encoder or decoder: a folder on this machine, or a name where this machine can fetch it. "
    "Empty: the embedded all-MiniLM-L6-v2."
)
_SAMPLE_TEXT = {
    "movielens": "100,004 ratings of 9,066 films by 671 people (GroupLens; no commercial use). "
    f"Goes into the workspace {text.md('movielens')}.",
    "marketplace": "A small synthetic shop with every source: events, texts, prices, a knowledge graph, "
    f"friends. Goes into the workspace {text.md('marketplace')}.",
}
