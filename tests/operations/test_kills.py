"""Commands that are killed leave the previous state or the new one, whole."""

from __future__ import annotations

import random

import pytest

from mgrec_core.operations.forgetting import forget
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.unfinished import NOTE
from tests.operations.kills import Kills, leftovers, state_of
from tests.worlds import full


@pytest.fixture(scope="module")
def kills(built_world: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Kills:
    folder = tmp_path_factory.mktemp("kills")
    return Kills(built_world.path, full().write(folder / "source"), folder, "u00", "i20")


IN_SUITE = (
    "import",
    "append",
    "build",
    "forget",
    "evaluate",
    "tune",
    "feedback import",
    "delete a cohort",
    "export",
)


@pytest.mark.parametrize("command", IN_SUITE)
def test_killed_at_some_moment(command: str, kills: Kills) -> None:
    kills.measure(command)
    share = random.Random(command).uniform(0.5, 0.95)
    assert kills.kill(command, share) in ("previous", "new", "step")


@pytest.mark.parametrize("step", ["rewrite_state", "clean_jobs", "remove_files"])
def test_forgetting_is_finished_by_whoever_comes_next(
    step: str, own_world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mgrec_core.operations import traces

    class Killed(BaseException):
        """What no code handles."""

    real, calls = getattr(traces, step), []

    def dies(*arguments: object) -> object:
        calls.append(step)
        if step == "rewrite_state" and len(calls) == 1:  # the first is before anything is put in place
            return real(*arguments)
        raise Killed

    monkeypatch.setattr(traces, step, dies)
    before = state_of(own_world.path)
    with pytest.raises(Killed):
        forget(own_world, "user", "u00")
    assert (own_world.path / NOTE).is_file()
    monkeypatch.undo()
    after = state_of(own_world.path)  # opening it is enough
    assert after["data"] != before["data"] and after["build"] != before["build"] and not after["stale"]
    assert leftovers(own_world.path) == []
    assert b"u00" not in (own_world.vectors / str(after["build"]) / "users.parquet").read_bytes()


def test_killed_before_anything_was_put_in_place(
    own_world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(own_world.path)
    monkeypatch.setattr("mgrec_core.operations.traces.rewrite_state", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forget(own_world, "user", "u00")
    assert state_of(own_world.path) == before and leftovers(own_world.path) == []
