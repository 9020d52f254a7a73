"""Jobs of a workspace as they are on disk: what was started, where it stands, how to stop it.

A job is a folder ``<workspace>/jobs/<id>/``::

    job.json        what was started and when
    progress.json   {"stage", "done", "total", "detail"}, written by the running command
    step            number of the command that is running (a job may run several in turn)
    outcome         exit code, written when the last command has ended
    cancelled       exists when a person asked the job to stop
    stderr.log      what the commands said; its last line is the error sentence
    lock            held by every process of the job for as long as it lives

Whether a job runs is decided by the lock, not by its process id: the operating system
drops the lock when the last process of the job ends, however it ends, and a recycled
process id never holds it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mgrec_core.foundation import log

State = Literal["running", "done", "failed", "cancelled"]

_LOG = log.get("jobs")
_CLOCKS_APART = 60.0  # seconds

GRACE_SECONDS = 3.0
"""How long a cancelled job may tidy up before it is killed."""


@dataclass(frozen=True)
class Job:
    """One long command, or several run in turn, of a workspace.

    Attributes
    ----------
    folder
        Where its files are; the folder's name is the job's id.
    commands
        Arguments of ``python -m mgrec_core``, one tuple a command.
    started
        Seconds since the epoch.
    pid
        Process id and process group of the job.
    """

    folder: Path
    commands: tuple[tuple[str, ...], ...]
    started: float
    pid: int

    @property
    def id(self) -> str:
        """Return the job's id, which sorts by time of start."""
        return self.folder.name

    @property
    def kind(self) -> str:
        """Return the name of the first command, such as ``import``."""
        return self.commands[0][0]

    @property
    def kinds(self) -> frozenset[str]:
        """Return the names of all its commands."""
        return frozenset(command[0] for command in self.commands)

    @property
    def step(self) -> int:
        """Return the index of the command that runs or ran last."""
        text = _read(self.folder / "step").strip()
        return min(int(text), len(self.commands) - 1) if text.isdigit() else 0

    @property
    def state(self) -> State:
        """Return ``running``, ``done``, ``failed`` or ``cancelled``."""
        if _held(self.folder / "lock"):
            return "running"
        outcome = _read(self.folder / "outcome").strip()
        if outcome == "0":
            return "done"
        return "cancelled" if (self.folder / "cancelled").exists() else "failed"

    @property
    def progress(self) -> dict[str, Any] | None:
        """Return the last ``{"stage", "done", "total", "detail"}``, ``None`` before the first."""
        try:
            found = json.loads(_read(self.folder / "progress.json"))
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def error(self) -> str:
        """Return the last line the job wrote to stderr, its log apart; empty unless it failed."""
        if self.state != "failed":
            return ""
        said = (line.strip() for line in _read(self.folder / "stderr.log").splitlines())
        lines = [line for line in said if line and not log.is_line(line)]
        if not (self.folder / "outcome").exists():
            return "The job was stopped from outside before it finished; start it again."
        if not lines:
            return "The job failed without a message; start it again."
        return lines[-1].removeprefix("mgrec: ")

    @property
    def elapsed(self) -> float:
        """Return seconds from start to now, or to the end once it has ended."""
        outcome = self.folder / "outcome"
        end = outcome.stat().st_mtime if outcome.exists() else time.time()
        return max(0.0, end - self.started)

    def cancel(self) -> None:
        """Stop all processes of the job: ask first, kill after a few seconds; idempotent.

        The workspace stays as it was, since commands write aside and switch at the end.
        """
        if self.state != "running":
            return
        log.event(_LOG, logging.INFO, "cancelled", job=self.id, kind=self.kind)
        (self.folder / "cancelled").touch()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + GRACE_SECONDS
            while _held(self.folder / "lock") and time.monotonic() < deadline:
                # Members of the group hold the lock, so the group's number is still theirs.
                _signal_group(self.pid, sign)
                time.sleep(0.1)


def jobs_of(workspace: Path) -> list[Job]:
    """Return the workspace's jobs, newest first; damaged ones are left out."""
    folder = Path(workspace) / "jobs"
    if not folder.is_dir():
        return []
    found = (_load(path) for path in sorted(folder.iterdir(), reverse=True) if path.is_dir())
    return [job for job in found if job is not None]


def latest(workspace: Path, kind: str) -> Job | None:
    """Return the newest job with a command of this kind, ``None`` when there is none.

    One that says it was started in the future was so under a clock that was wrong, and comes last.
    """
    found = [job for job in jobs_of(workspace) if kind in job.kinds]
    soon = time.time() + _CLOCKS_APART
    return next((job for job in found if job.started < soon), found[0] if found else None)


def running(workspace: Path, kind: str | None = None) -> Job | None:
    """Return the newest running job (with a command of this kind), ``None`` when there is none."""
    for job in jobs_of(workspace):
        if (kind is None or kind in job.kinds) and job.state == "running":
            return job
    return None


def _load(folder: Path) -> Job | None:
    try:
        record = json.loads(_read(folder / "job.json"))
        commands = tuple(tuple(str(a) for a in command) for command in record["commands"])
        job = Job(folder, commands, float(record["started"]), int(record["pid"]))
    except (KeyError, TypeError, ValueError):
        return None
    return job if commands and all(commands) and job.pid > 1 else None


def _held(lock: Path) -> bool:
    try:
        with lock.open("r") as handle:
            # A shared lock, so that two readers that look at once do not see each other as the job.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _signal_group(pid: int, sign: signal.Signals) -> None:
    try:
        os.killpg(pid, sign)
    except (ProcessLookupError, PermissionError):
        return


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
