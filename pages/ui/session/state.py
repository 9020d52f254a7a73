"""Which workspace, which view, which engine: what a page has to know before it draws."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mgrec_core.foundation.errors import MgrecError
from pages.ui.address import view as views
from pages.ui.address.history import History
from pages.ui.address.page import own_keys
from pages.ui.address.view import View
from pages.ui.session import allowed
from pages.ui.session.folders import PROJECT as PROJECT
from pages.ui.session.folders import root as root

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

SAMPLES = {"movielens": "MovieLens ratings", "marketplace": "synthetic marketplace"}
"""Sample data that ship with the project: name of folder and workspace → what it is."""

FIRST = "movielens"
"""The sample a fresh machine starts with."""

_MOST_WRITTEN = 50
"""So many of its own addresses a session knows; a message that trails behind more is none."""


def folder(name: str) -> Path:
    """Return the folder of a workspace; the name has been checked to be no path."""
    return root() / name


def workspace_names() -> list[str]:
    """Return the names of the workspaces there are for whoever asks, in order."""
    return [name for name in _all_names() if allowed.sees(name)]


def _all_names() -> list[str]:
    try:
        found = [p.name for p in root().iterdir() if p.is_dir() and views.is_name(p.name)]
    except OSError:
        return []
    return sorted(
        name for name in found if any((folder(name) / x).exists() for x in ("mgrec.duckdb", "jobs"))
    )


def begin() -> View:
    """Return the session's view, read from the address when that came from outside.

    The address belongs to someone else when it is neither empty (a change of page) nor
    written by this session. One of ours is followed again only when the browser says that it
    went there (Back, Forward): else it trails behind what the analyst has just changed.
    """
    session = st.session_state
    view: View = session.setdefault("view", View())
    query = st.query_params.to_dict()
    touched = session.pop("touched", False)
    written: list[dict[str, str]] = session.setdefault("written", [])
    if query and not touched and (_went_there() or query not in written):
        session["problems"] = views.from_query(query, view, own_keys())
        written.append(query)
    _choose_workspace(view)
    history().record(view)
    return view


def write(view: View, keys: tuple[str, ...]) -> None:
    """Write the view into the address; this does not run the page again."""
    query = views.to_query(view, keys)
    if view is st.session_state.get("view"):
        history().settle(view)
    written: list[dict[str, str]] = st.session_state.setdefault("written", [])
    if query not in written[-1:]:
        st.session_state["written"] = [*written, query][-_MOST_WRITTEN:]
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def history() -> History:
    """Return the session's history of views."""
    found: History = st.session_state.setdefault("history", History())
    return found


def _went_there() -> bool:
    """Tell whether this run answers the browser's Back or Forward."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def touch() -> None:
    """Say that a control has just changed the view (every callback of a control calls this)."""
    st.session_state["touched"] = True


def editing() -> View:
    """Return the session's view to a callback that is about to change it."""
    touch()
    view: View = st.session_state["view"]
    return view


def problem(sentence: str) -> None:
    """Remember a sentence that the page shows once, above everything."""
    st.session_state.setdefault("problems", []).append(sentence)


def start_sample(name: str = FIRST) -> None:
    """Import and build sample data in the background.

    Raises
    ------
    MgrecError
        When a job is running there already, or the folder cannot be written.
    """
    target = folder(name)
    where = ["--workspace", str(target)]
    source = str(PROJECT / "sample_data" / name)
    allowed.start(target, ["import", source, *where, "--format", "canonical"], ["build", *where, "--no-map"])


def engine(name: str) -> Engine:
    """Return the engine of a workspace, opened once a state of its build for all sessions.

    Raises
    ------
    MgrecError
        When the workspace is missing, not built or broken.
    """
    from mgrec_core.workspace.folder import Workspace

    allowed.check_seen(name)
    workspace = Workspace(folder(name))
    # the stamps: a build whose files were changed under the server is opened, and checked, again
    return _open(str(workspace.path), workspace.current_build or "", workspace.build_stamps())


@st.cache_resource(max_entries=3, show_spinner="Opening the build …")
def _open(path: str, build: str, stamps: tuple[object, ...]) -> Engine:
    from mgrec_core.engine.engine import Engine

    return Engine.open(path)


class Status(Protocol):
    """Where a workspace stands."""

    @property
    def imported(self) -> bool:
        """Whether there are tables."""

    @property
    def built(self) -> bool:
        """Whether there is a build."""

    @property
    def stale(self) -> bool:
        """Whether the tables hold other data than the build was made from."""

    @property
    def problem(self) -> str | None:
        """One sentence when something is broken."""

    @property
    def mends(self) -> bool:
        """Whether importing or building again mends it."""


@dataclass(frozen=True)
class Nothing:
    """The status of a workspace into which nothing has been imported."""

    imported: bool = False
    built: bool = False
    stale: bool = False
    problem: str | None = None
    mends: bool = False


def status(name: str) -> Status:
    """Return the workspace's status: imported, built, stale, problem."""
    if not allowed.sees(name) or not (folder(name) / "mgrec.duckdb").exists():
        # Without asking the engine: the first page of a new server shows before that is imported.
        return Nothing()
    from mgrec_core.workspace.folder import Workspace

    workspace = Workspace(folder(name))
    database = workspace.database.stat()
    key = (database.st_mtime_ns, database.st_size), workspace.build_stamps()
    return _status(str(workspace.path), workspace.current_build, key)


@st.cache_data(max_entries=16, show_spinner=False)
def _status(path: str, build: str | None, key: tuple[object, ...]) -> Status:
    from mgrec_core.workspace.folder import Workspace

    return Workspace(path).status()


def is_dark() -> bool:
    """Tell whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def has_browser() -> bool:
    """Tell whether a browser shows the page: a script run on its own has nobody to run JavaScript."""
    return st.context.url is not None


def _choose_workspace(view: View) -> None:
    names = workspace_names()
    if view.workspace in names:
        return
    if view.workspace:
        problem(f"There is no workspace “{view.workspace}” in {root().name}; another one is shown.")
        view.workspace = ""
    if not _all_names() and allowed.may("import", FIRST) and allowed.may("build", FIRST):
        try:
            start_sample()
        except MgrecError as error:
            problem(str(error))
        names = workspace_names()
    view.workspace = FIRST if FIRST in names else names[0] if names else ""
