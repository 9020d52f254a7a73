"""Jobs: real processes that are started, watched, cancelled and outlived."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.foundation.errors import InputError, WorkspaceLockedError
from mgrec_core.service import jobs
from mgrec_core.service.jobs import Job


def wait(until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            pytest.fail("what was waited for did not happen")
        time.sleep(0.02)


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A source whose import never ends: its interactions are a pipe nobody writes to."""
    source = tmp_path / "endless"
    source.mkdir()
    os.mkfifo(source / "interactions.csv")
    return source


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "shop"


def an_import(source: Path, workspace: Path) -> list[str]:
    return ["import", str(source), "--workspace", str(workspace), "--format", "canonical"]


def small(folder: Path) -> Path:
    folder.mkdir()
    rows = [f"u{u},i{i}" for u in range(4) for i in range(u + 1)]
    (folder / "interactions.csv").write_text("user_id,item_id\n" + "\n".join(rows) + "\n")
    return folder


def test_a_job_runs_to_its_end_and_is_found_again(tmp_path: Path, workspace: Path) -> None:
    job = jobs.start(workspace, an_import(small(tmp_path / "data"), workspace))
    wait(lambda: job.state != "running")
    assert (job.state, job.error) == ("done", "")
    found = jobs.latest(workspace, "import")
    assert found == job
    assert jobs.latest(workspace, "build") is None
    assert (workspace / "mgrec.duckdb").exists()
    ahead = shutil.copytree(job.folder, job.folder.with_name(f"9{job.id[1:]}"))  # made under a wrong clock
    record = json.loads((ahead / "job.json").read_text())
    (ahead / "job.json").write_text(json.dumps(record | {"started": time.time() + 1e6}))
    assert jobs.jobs_of(workspace)[0].id == ahead.name and jobs.latest(workspace, "import") == job


def test_commands_run_in_turn_and_stop_at_the_first_failure(tmp_path: Path, workspace: Path) -> None:
    missing = tmp_path / "missing"
    job = jobs.start(
        workspace,
        an_import(missing, workspace),
        ["import", str(small(tmp_path / "data")), "--workspace", "x"],
    )
    wait(lambda: job.state != "running")
    assert job.state == "failed"
    assert job.step == 0
    assert "missing" in job.error and "Traceback" not in job.error


def test_cancel_ends_every_process_of_the_job(endless: Path, workspace: Path) -> None:
    job = jobs.start(workspace, an_import(endless, workspace))
    assert job.state == "running"
    job.cancel()
    assert job.state == "cancelled"
    wait(lambda: not group_exists(job.pid), 5)
    job.cancel()  # once more does no harm
    assert job.state == "cancelled"
    assert not (workspace / "mgrec.duckdb").exists()


def test_a_job_killed_from_outside_has_failed(endless: Path, workspace: Path) -> None:
    job = jobs.start(workspace, an_import(endless, workspace))
    os.killpg(job.pid, signal.SIGKILL)
    wait(lambda: job.state != "running", 10)
    assert job.state == "failed"
    assert "start it again" in job.error


def test_a_recycled_process_id_is_not_the_job(endless: Path, workspace: Path) -> None:
    job = jobs.start(workspace, an_import(endless, workspace))
    os.killpg(job.pid, signal.SIGKILL)
    wait(lambda: job.state != "running", 10)
    record = json.loads((job.folder / "job.json").read_text())
    (job.folder / "job.json").write_text(json.dumps(record | {"pid": os.getpid()}))
    again = jobs.latest(workspace, "import")
    assert again is not None
    assert again.state == "failed"
    again.cancel()  # must not signal this test's own process


def test_two_writers_are_refused_with_a_sentence(endless: Path, workspace: Path) -> None:
    job = jobs.start(workspace, an_import(endless, workspace))
    try:
        with pytest.raises(WorkspaceLockedError, match="wait for it or cancel"):
            jobs.start(workspace, ["build", "--workspace", str(workspace)])
        assert jobs.running(workspace, "import") == job
    finally:
        job.cancel()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="check its path"):
        jobs.start(tmp_path / "file" / "shop", ["info"])


def test_damaged_job_files_are_left_out(tmp_path: Path, workspace: Path) -> None:
    for name, text in {"a": "", "b": "{", "c": "[]", "d": '{"commands": [], "started": 0, "pid": 2}'}.items():
        (workspace / "jobs" / name).mkdir(parents=True)
        (workspace / "jobs" / name / "job.json").write_text(text)
    assert jobs.jobs_of(workspace) == []


def test_progress_is_what_the_command_wrote(workspace: Path) -> None:
    folder = workspace / "jobs" / "x"
    folder.mkdir(parents=True)
    job = Job(folder, (("build",),), time.time(), 2)
    assert job.progress is None
    (folder / "progress.json").write_text('{"stage": "encode", "done": 3, "total": 9, "detail": ""}')
    assert job.progress == {"stage": "encode", "done": 3, "total": 9, "detail": ""}
    (folder / "progress.json").write_text('{"stage": "enc')
    assert job.progress is None


def group_exists(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True
