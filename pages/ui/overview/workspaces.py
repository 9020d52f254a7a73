"""Build again, take sample data, go to the import: the forms of the Overview page."""

from __future__ import annotations

import streamlit as st

from mgrec_core.service import jobs
from mgrec_core.service.jobs import Job
from mgrec_core.workspace.folder import Workspace
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.session import allowed, building, state
from pages.ui.widgets import problems


def manage(view: View) -> None:
    """Show the forms; closed while something runs, since there is then nothing to do here."""
    busy = bool(view.workspace) and jobs.running(state.folder(view.workspace)) is not None
    with st.expander(
        "Data and builds: import, build again, sample data",
        expanded=not busy,
        icon=":material/database:",
        on_change="rerun",
        key=f"manage_{'busy' if busy else 'idle'}",
    ) as forms:
        if not forms.open:
            return
        st.caption("Everything runs in the background; the other pages stay usable meanwhile.")
        if allowed.may("page importing"):
            links.show("importing", "Import your own data")
        build_tab, sample_tab = st.tabs(["Build again", "Sample data"])
        with build_tab:
            _build_form(view)
        with sample_tab:
            _samples(view)


def again(view: View, job: Job) -> None:
    """Run the commands of a job that failed or was cancelled once more."""
    allowed.start(state.folder(view.workspace), *job.commands)


def _build_form(view: View) -> None:
    if not view.workspace or not Workspace(state.folder(view.workspace)).is_imported:
        st.caption("Import data first; then they can be built again with another language model.")
        return
    with st.form("build_form", border=False):
        model = st.text_input("Language model", placeholder="chosen by the texts", help=_MODEL_HELP)
        sent = st.form_submit_button(
            "Build", type="primary", icon=":material/build:", **allowed.control("build")
        )
    st.caption(
        "The current build stays in use until the new one is complete. Unchanged data and model take seconds."
    )
    if sent and problems.attempt(build, view, model):
        st.rerun()
    problems.show()


def build(view: View, model: str = "") -> None:
    """Build the workspace in the background, with the options of its build, and another model when named.

    Raises
    ------
    MgrecError
        When a job is running there already, or the model may not be named.
    """
    options = building.options(Workspace(state.folder(view.workspace)))
    building.start(view, model.strip() or None, options)


def _samples(view: View) -> None:
    for name, what in state.SAMPLES.items():
        if not (state.PROJECT / "sample_data" / name).is_dir():
            continue
        left, right = st.columns([1, 3], vertical_alignment="center")
        if left.button(
            f"Import {what}",
            key=f"sample_{name}",
            icon=":material/database:",
            width="stretch",
            **allowed.control("import", name),
        ):
            if problems.attempt(state.start_sample, name):
                view.workspace = name
            st.rerun()
        right.caption(_SAMPLE_TEXT[name])


_MODEL_HELP = (
    "A Hugging Face encoder or decoder: a folder on this machine, or a name where this machine can fetch it. "
    "Or the address of one behind an OpenAI-compatible server, https://HOST/v1#MODEL, which may be sent the "
    "texts only after `build --send-texts` on the command line, unless it runs on this machine. "
    "Empty: the embedded model that reads the texts, all-MiniLM-L6-v2 for English ones."
)
_SAMPLE_TEXT = {
    "movielens": "100,004 ratings of 9,066 films by 671 people (GroupLens; no commercial use). "
    f"Goes into the workspace {text.md('movielens')}.",
    "marketplace": "A small synthetic shop with every source: events, texts, prices, a knowledge graph, "
    f"friends. Goes into the workspace {text.md('marketplace')}.",
}
