"""The frame around every page: which workspace, what went wrong, what is running."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from mgrec_core.foundation.errors import MgrecError
from mgrec_core.service import jobs
from mgrec_core.service.jobs import Job
from pages.ui import state, text
from pages.ui.controlled import controlled
from pages.ui.view import View

OVERVIEW, USER, MAP = "pages/overview.py", "pages/user.py", "pages/map.py"
ITEM, COMPARE, KNOWLEDGE = "pages/item.py", "pages/compare.py", "pages/knowledge.py"
IMPORT, QUALITY, SQL = "pages/importing.py", "pages/quality.py", "pages/sql.py"
LAB = "pages/lab.py"
_PAGES = {
    "": [
        (OVERVIEW, "Overview", "dashboard"),
        (USER, "User", "person_search"),
        (MAP, "Map", "scatter_plot"),
        (LAB, "Fusion lab", "science"),
    ],
    "Explore": [
        (ITEM, "Item", "inventory_2"),
        (COMPARE, "Compare", "compare_arrows"),
        ("pages/people.py", "People", "group"),
        ("pages/ads.py", "Advertisements", "sell"),
    ],
    "Data": [
        (IMPORT, "Import", "upload"),
        (QUALITY, "Data quality", "fact_check"),
        (KNOWLEDGE, "Knowledge graph", "hub"),
        (SQL, "SQL", "database"),
    ],
}
"""Section of the navigation → file, title and icon of its pages; the empty section is always in sight."""

FAVICON = Path(__file__).parent / "favicon.svg"
"""A file of our own: Streamlit would fetch an icon or emoji from the internet."""

_VERBS = {
    "import": "Importing",
    "build": "Building",
    "project": "Computing",
    "panel": "Scoring the test users of",
    "pareto": "Searching trade-offs of",
    "evaluate": "Evaluating",
    "tune": "Tuning",
    "forget": "Forgetting a user of",
    "feedback": "Learning again from the feedback of",
}


def configure() -> None:
    """Set the page's name, icon and width."""
    st.set_page_config(
        page_title="mgrec",
        page_icon=str(FAVICON),
        layout="wide",
        initial_sidebar_state="expanded",
        menu_items={"About": "mgrec: recommendations at several granularities, explained down to the data."},
    )


def navigation() -> Any:
    """Declare the pages and return the one to run."""
    return st.navigation(
        {
            section: [
                st.Page(
                    path,
                    title=title,
                    icon=f":material/{icon}:",
                    default=path == OVERVIEW,
                    **({} if path == OVERVIEW else {"url_path": Path(path).stem}),
                )
                for path, title, icon in pages
            ]
            for section, pages in _PAGES.items()
        },
        position="top",
    )


def run(page: Any) -> None:
    """Run a page, or the one that a click on it has asked for (``open_page``).

    What a person can cause and no page expected becomes a sentence with a way out.
    """
    if target := st.session_state.pop("open_page", ""):
        st.switch_page(target)
    if page.title != st.session_state.get("page_title"):
        st.session_state["page_turned"] = True
    st.session_state["page_title"] = page.title
    try:
        page.run()
    except MgrecError as error:
        st.error(text.md(error), icon=":material/error:")
        st.page_link(OVERVIEW, label="Go to the Overview", icon=":material/dashboard:")


def current_view() -> View:
    """Return the view the entry script has prepared.

    The first visit of a new server does not come through the entry script when it is a link
    to a page: until navigation has been declared once, Streamlit takes a folder called
    ``pages`` for scripts of their own. Declaring it and running again sets that right.
    """
    if "view" not in st.session_state:
        configure()
        navigation()
        st.rerun()
    view: View = st.session_state["view"]
    return view


def sidebar_workspace(view: View) -> None:
    """Show the choice of workspace, when there is one to make."""
    names = state.workspace_names()
    if not names:
        return
    controlled(
        st.sidebar.selectbox, "Workspace", names, key="workspace_choice", value=view.workspace,
        on_change=_switch_workspace,
    )  # fmt: skip


def show_problems() -> None:
    """Show once what was wrong with the link or the last action."""
    for sentence in st.session_state.pop("problems", []):
        st.warning(text.md(sentence), icon=":material/info:")


def heading(title: str, subtitle: str = "") -> None:
    """Show a page's title; both texts may come from data."""
    below = f'<p class="mg-sub">{text.html(subtitle)}</p>' if subtitle else ""
    st.html(f'<h1 class="mg-h1">{text.html(title)}</h1>{below}')


def section(title: str, subtitle: str = "") -> None:
    """Show a section's title; both texts may come from data."""
    below = f'<p class="mg-sub">{text.html(subtitle)}</p>' if subtitle else ""
    st.html(f'<h2 class="mg-h2">{text.html(title)}</h2>{below}')


def kpis(values: Sequence[tuple[str, str]]) -> None:
    """Show numbers with their units side by side; they wrap when there is no room."""
    cells = "".join(
        f'<div class="mg-kpi"><b>{text.html(value)}</b><span>{text.html(unit)}</span></div>'
        for value, unit in values
    )
    st.html(f'<div class="mg-kpis">{cells}</div>')


def running_jobs(view: View, *, then_user: bool = False) -> None:
    """Show the workspace's running jobs with progress, rate and a way to stop; the page stays usable.

    Parameters
    ----------
    then_user
        Go on to the User page when a build is done.
    """
    for job in jobs.jobs_of(state.folder(view.workspace)) if view.workspace else []:
        if job.state == "running" and job.kind != "project":
            watch(job, view.workspace, then_user=then_user)


def last_failure(view: View, kind: str) -> str:
    """Return why the newest job of a kind did not end well; empty when it did or there is none."""
    job = jobs.latest(state.folder(view.workspace), kind)
    if job is None:
        return ""
    if job.state == "cancelled":
        return "The last job was cancelled; everything is as it was before."
    return job.error if job.state == "failed" else ""


def watch(job: Job, what: str, *, then_user: bool = False) -> None:
    """Show one running job, refreshed on its own; the page runs again when it has ended."""

    @st.fragment(run_every=0.6)
    def panel() -> None:
        if job.state != "running":
            _ended(job, then_user)
        with st.container(border=True, key=f"job_{job.kind}"):
            left, right = st.columns([6, 1], vertical_alignment="center")
            left.html(f"<b>{text.html(_title(job, what))}</b> {_steps(job)}")
            right.button(
                "Cancel",
                key=f"cancel_{job.id}",
                icon=":material/stop_circle:",
                width="stretch",
                on_click=job.cancel,
            )
            progress = job.progress or {"stage": "Starting", "done": 0, "total": 0, "detail": ""}
            done, total = _number(progress.get("done")), _number(progress.get("total"))
            share = min(1.0, done / total) if total > 0 else 0.0
            st.progress(share, text=text.md(_line(job, progress, done, total)))

    panel()


def _ended(job: Job, then_user: bool) -> None:
    if then_user and job.state == "done" and "build" in job.kinds:
        st.switch_page(USER)
    st.rerun()


def _line(job: Job, progress: dict[str, object], done: float, total: float) -> str:
    stage = str(progress.get("stage") or "Working")
    parts = [stage[:1].upper() + stage[1:]]
    if detail := str(progress.get("detail") or ""):
        parts.append(text.shorten(detail, 60))
    if total > 1:
        parts.append(f"{done:,.0f} of {total:,.0f}")
        if (rate := _rate(job, stage, done)) >= 1:  # a few large steps have no speed worth a word
            parts.append(f"{rate:,.0f} per second")
    parts.append(f"{text.duration(job.elapsed)} elapsed")
    return " · ".join(parts)


def _rate(job: Job, stage: str, done: float) -> float:
    """Return progress per second since this session first saw the stage, 0 while unknown."""
    seen = st.session_state.get("stage_seen")
    now = time.monotonic()
    if seen is None or seen[0] != (job.id, stage):
        st.session_state["stage_seen"] = ((job.id, stage), now, done)
        return 0.0
    _, since, first = seen
    return (done - first) / (now - since) if now - since > 1 and done > first else 0.0


def _title(job: Job, what: str) -> str:
    return f"{_VERBS.get(job.commands[job.step][0], 'Working on')} {what}"


def _steps(job: Job) -> str:
    many = len(job.commands)
    return f'<span class="mg-muted">step {job.step + 1} of {many}</span>' if many > 1 else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _switch_workspace() -> None:
    view: View = st.session_state["view"]
    fresh = View(workspace=st.session_state["workspace_choice"], k=view.k)
    st.session_state["view"] = fresh
    state.touch()


def attempt(action: object, *arguments: object) -> bool:
    """Call something a person asked for; a failure becomes a sentence on the page."""
    try:
        action(*arguments)  # type: ignore[operator]
    except MgrecError as error:
        state.problem(str(error))
        return False
    return True
