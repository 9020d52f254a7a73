"""Long commands in processes of their own: started here, watched and cancelled as jobs of a workspace.

Nothing is lost by a page reload; :mod:`mgrec_core.workspace.jobs` has what is on disk.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from filelock import FileLock

from mgrec_core.foundation import log
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import WorkspaceLockedError
from mgrec_core.foundation.files import write_text
from mgrec_core.workspace.jobs import GRACE_SECONDS, Job, State, jobs_of, latest, running

__all__ = ["GRACE_SECONDS", "KEPT", "WRITERS", "Job", "State", "jobs_of", "latest", "running", "start"]

WRITERS = frozenset({"import", "build", "forget", "adapt"})
"""Kinds of job that change the workspace; one of them at a time. A training ends with a build, and what is
forgotten must not be learned meanwhile."""

_LOG = log.get("jobs")

KEPT = 20
"""Ended jobs kept per workspace, newest first."""


def start(
    workspace: Path,
    arguments: Sequence[str],
    *then: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> Job:
    """Start ``python -m mgrec_core <arguments>`` detached, and further commands after it.

    Parameters
    ----------
    workspace
        Folder of the workspace; created when it does not exist.
    arguments
        Arguments of the first command, such as ``["build", "--workspace", "…"]``.
    then
        Arguments of further commands; each runs only when the one before succeeded.
    environment
        Further variables for the commands; a password goes here, since arguments are written down.

    Returns
    -------
    Job
        The running job.

    Raises
    ------
    WorkspaceLockedError
        When a job that would collide with this one is running.
    InputError
        When the workspace's folder cannot be written.
    """
    commands = tuple(tuple(str(a) for a in command) for command in (arguments, *then))
    jobs = Path(workspace).absolute() / "jobs"
    try:
        jobs.mkdir(parents=True, exist_ok=True)
        with FileLock(jobs / "starting.lock"):  # threads of one server exclude each other too
            _refuse_collisions(jobs, commands)
            _forget_old(jobs)
            return _spawn(jobs, commands, environment or {})
    except OSError as error:
        raise refusal(error, f"the folder of jobs in {workspace}", "written") from error


def _refuse_collisions(jobs: Path, commands: tuple[tuple[str, ...], ...]) -> None:
    kinds = {command[0] for command in commands}
    for other in jobs_of(jobs.parent):
        collides = kinds & other.kinds or (kinds & WRITERS and other.kinds & WRITERS)
        if collides and other.state == "running":
            raise WorkspaceLockedError(
                f"A job is running in {jobs.parent.name} ({', then '.join(c[0] for c in other.commands)}); "
                "wait for it or cancel it first."
            )


def _spawn(jobs: Path, commands: tuple[tuple[str, ...], ...], further: Mapping[str, str]) -> Job:
    folder = jobs / f"{time.time_ns():020d}-{uuid.uuid4().hex[:6]}"
    folder.mkdir()
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
    environment = {**os.environ, **further} | {
        "MGREC_PROGRESS_FILE": str(folder / "progress.json"),
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
    }
    started = time.time()
    with (folder / "lock").open("w") as lock, (folder / "stderr.log").open("wb") as said:
        # No FileLock, as for writing: this lock outlives us, in the open file that the job's processes
        # inherit, so that it proves that one of them lives.
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "mgrec_core.service.jobs",
                str(folder),
                str(lock.fileno()),
                json.dumps(commands),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
    job = Job(folder, commands, started, process.pid)
    log.event(_LOG, logging.INFO, "started", job=job.id, kind=job.kind, steps=len(commands))
    threading.Thread(target=_await, args=(process, job), daemon=True).start()
    record = {"commands": commands, "started": started, "pid": process.pid}
    write_text(folder / "job.json", json.dumps(record))
    return job


def _await(process: subprocess.Popen[bytes], job: Job) -> None:
    """Somebody has to wait for the child, or it stays a zombie of the server."""
    code = process.wait()
    spent = round(time.time() - job.started, 3)
    log.event(_LOG, logging.INFO, "ended", job=job.id, kind=job.kind, code=code, seconds=spent)


def _forget_old(jobs: Path) -> None:
    ended = [job for job in jobs_of(jobs.parent) if job.state != "running"]
    for job in ended[KEPT:]:
        shutil.rmtree(job.folder, ignore_errors=True)


def _run(folder: Path, lock: int, commands: list[list[str]]) -> int:
    """Run the commands in turn (this is the job's own process) and write the outcome."""
    os.nice(5)  # the pages beside it stay quick; an idle machine loses nothing
    code = 0
    for step, arguments in enumerate(commands):
        (folder / "step").write_text(str(step), encoding="utf-8")
        (folder / "progress.json").unlink(missing_ok=True)
        code = subprocess.call([sys.executable, "-m", "mgrec_core", *arguments], pass_fds=[lock])
        if code:
            break
    write_text(folder / "outcome", str(code))
    return code


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))
