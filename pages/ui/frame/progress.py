"""What is running: progress, rate and a way to stop, while the page stays usable."""

from __future__ import annotations

import time

import streamlit as st

from mgrec_core.service import jobs
from mgrec_core.service.jobs import Job
from mgrec_core.service.rights import KINDS
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import gate, links
from pages.ui.session import allowed, state
from pages.ui.widgets import problems

_VERBS = {
    "import": "Importing",
    "build": "Building",
    "project": "Computing",
    "panel": "Scoring the test users of",
    "pareto": "Searching trade-offs of",
    "evaluate": "Evaluating",
    "tune": "Tuning",
    "adapt": "Teaching the language model of",
    "compress": "Making smaller models of",
    "forget": "Forgetting a user of",
    "feedback": "Learning again from the feedback of",
}


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
        gate.hold()
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
                on_click=_cancel,
                args=(job, what),
                **allowed.control(KINDS.get(job.kind, job.kind)),
            )
            progress = job.progress or {"stage": "Starting", "done": 0, "total": 0, "detail": ""}
            done, total = _number(progress.get("done")), _number(progress.get("total"))
            share = min(1.0, done / total) if total > 0 else 0.0
            st.progress(share, text=text.md(_line(job, progress, done, total)))

    panel()


def _cancel(job: Job, workspace: str) -> None:
    problems.attempt(allowed.cancel, job, workspace)


def _ended(job: Job, then_user: bool) -> None:
    if then_user and job.state == "done" and "build" in job.kinds:
        links.go("user")
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
