"""A user is forgotten by the id of the source, though it was hashed, out of a workspace that was used."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mgrec_core.cli.main import main as cli
from mgrec_core.data.importers.identifiers import KIND
from mgrec_core.engine.info import info
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.operations.building import build
from mgrec_core.operations.forgetting import forget
from mgrec_core.operations.importing import import_data
from mgrec_core.service import jobs
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey
from mgrec_core.workspace.state import StateFile
from tests.operations.support import assert_equal_builds, assert_equal_tables, workspace_of
from tests.operations.test_forget import traces_of
from tests.worlds import World, full

MAIL, OTHER = "zelda.quixote@windmill.example", "sancho@windmill.example"


def world(*, without: str = "") -> World:
    """The full world, two of whose users are known by their e-mail addresses."""
    called = {"u00": MAIL, "u01": OTHER}
    base = full()
    events = [(called.get(str(e[0]), e[0]), *e[1:]) for e in base.events]
    social = [(called.get(str(a), a), called.get(str(b), b), w) for a, b, w in base.social]
    users = [called.get(user, user) for user in base.users]
    return replace(
        base,
        events=tuple(e for e in events if e[0] != without),
        social=tuple(s for s in social if without not in s),
        users=tuple(u for u in users if u != without),
    )


def use(workspace: Workspace, user: str, shared: str) -> None:
    """Do with the workspace what people do, and keep the files in it."""
    kept = workspace.path / "exports"
    kept.mkdir()
    said = kept.parent.parent / "said.csv"
    said.write_text(f"user_id,item_id,kind\n{user},i05,like\n{user},i06,dislike\n1,i05,like\n")
    commands = [
        ["query", f"SELECT user_id FROM v_users WHERE user_id <= '{user}'", "--cohort", "some"],
        ["query", f"SELECT * FROM v_events WHERE user_id = '{user}'", "--out", kept / "events.csv"],
        ["query", "SELECT * FROM v_users", "--out", kept / "users.csv", "--pseudonymise"],
        ["cohorts", "some", "--export", kept / "some.csv", "--pseudonymise"],
        ["feedback", "import", said],
        ["export", "--user", user, "--out", kept / "report", "--format", "json,html,md,csv", "--k", "3"],
        [
            "export",
            "--user",
            user,
            "--out",
            kept / "hidden",
            "--format",
            "json",
            "--k",
            "3",
            "--pseudonymise",
        ],
        ["recommend", "--k", "2", "--out", kept / "recs.parquet"],
        ["quality", "--out", kept / "quality.json"],
        ["evaluate", "--split", "random", "--segments", "cohort:some", "--min-group", "1"],
        ["panel", "--split", "random"],
    ]
    for command in commands:
        words = [*map(str, command), "--workspace", str(workspace.path), "--quiet", "--json"]
        assert cli(words) == 0, command
    job = jobs.start(workspace.path, ["rank", "--workspace", str(workspace.path), "--user", user])
    end = time.monotonic() + 60
    while job.state == "running" and time.monotonic() < end:
        time.sleep(0.1)
    assert job.state == "done"
    (kept / "note.md").write_text(f"Ask {shared} about it.")


@pytest.fixture(scope="module")
def used(built_world: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("used")
    source = world().write(folder / "source")
    workspace = workspace_of(source, folder / "workspace", built_world.path / "cache")
    build(workspace, with_map=False)
    key = WorkspaceKey(workspace.path)
    use(workspace, key.pseudonym(MAIL, KIND), key.pseudonym(key.pseudonym(OTHER, KIND)))
    return workspace


def test_nothing_of_a_hashed_user_is_left_in_a_used_workspace(used: Workspace, tmp_path: Path) -> None:
    workspace = Workspace(shutil.copytree(used.path, tmp_path / "workspace"))
    key = WorkspaceKey(workspace.path)
    stored = key.pseudonym(MAIL, KIND)
    names = (MAIL, stored, key.pseudonym(stored))  # as given, as kept, and as files with pseudonyms say it
    before = {line.split(": ")[0] for line in traces_of(workspace.path, *names)}
    assert {Path(file).parts[0] for file in before} >= {
        "mgrec.duckdb", "state.duckdb", "vectors", "exports", "jobs", "panels", "splits",
    }  # fmt: skip
    done = forget(workspace, "user", MAIL)
    assert done["removed"]["users"] == 1 and done["build"] == workspace.current_build
    assert traces_of(workspace.path, *names) == []
    assert (workspace.path / "exports" / "note.md").is_file()  # it is about somebody else

    never = Workspace.create(tmp_path / "never")
    shutil.copy(workspace.path / KEY_FILE, never.path)
    shutil.copytree(workspace.path / "cache", never.path / "cache")
    import_data(never, world(without=MAIL).write(tmp_path / "source"))
    build(never, with_map=False)
    assert_equal_tables(workspace, never)
    assert_equal_builds(workspace, never)
    state = StateFile(workspace.state)
    assert state.rows("feedback_log", "SELECT user_id FROM feedback_log") == [("1",)]
    assert state.rows("weight_history", "SELECT user_id FROM weight_history WHERE user_id = ''")
    assert state.rows("cohort_members", "SELECT id FROM cohort_members")
    with pytest.raises(NotFoundError):
        forget(workspace, "user", MAIL)


def test_an_id_that_is_no_ones_is_not_shown_by_its_pseudonym(
    used: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = used.database.read_bytes()
    words = ["forget", "--workspace", str(used.path), "--user", "nobody@windmill.example", "--json"]
    assert cli(words) == 2
    said = capsys.readouterr().err
    assert "nothing was changed" in said and "p_" not in said
    assert used.database.read_bytes() == before


def test_an_item_by_the_id_of_the_source(tmp_path: Path) -> None:
    """Items can be people: profiles to follow, known by their addresses."""
    events = (
        ("a", MAIL, "click", None, None, "2025-01-01", None),
        ("a", "x", "click", None, None, None, None),
    )
    workspace = workspace_of(World(events=events).write(tmp_path / "source"), tmp_path / "workspace")
    stored = WorkspaceKey(workspace.path).pseudonym(MAIL, KIND)
    assert traces_of(workspace.path, stored)
    assert forget(workspace, "item", MAIL)["removed"] == {"items": 1, "events": 1}
    assert traces_of(workspace.path, MAIL, stored) == []
    assert json.loads(json.dumps(info(workspace)))["counts"]["items"] == 1
