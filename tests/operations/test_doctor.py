"""The doctor names what is wrong and what mends it, and touches nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.score_cache_files import prepare
from mgrec_core.operations.building import build
from mgrec_core.operations.doctor import examine
from mgrec_core.projection import ProjectionSettings, compute_and_store
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.digests import CHECKED
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey
from tests.cli.faults import ROOT
from tests.cli.hurts import of_a_later_duckdb
from tests.model.damage import without_digests


@pytest.fixture
def used(own_world: Workspace) -> Workspace:
    """A workspace with everything in it."""
    engine = Engine.open(own_world.path)
    prepare(engine)
    compute_and_store(engine, own_world.path, ProjectionSettings(of="users"))
    CohortStore(own_world.state).save("some", "users", engine.user_ids[:2], "manual")
    WorkspaceKey(own_world.path).pseudonym("u00")
    return own_world


def flip(path: Path, share: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * share)] ^= 0xFF
    path.write_bytes(content)


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def told(workspace: Workspace) -> dict[str, str]:
    return {one["file"]: one["state"] for one in examine(workspace.path)["findings"]}


def test_a_whole_workspace(used: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    before = state_of(used.path)
    assert main(["doctor", "--workspace", str(used.path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["whole"] and found["findings"] == []
    assert found["builds"] == {str(used.current_build): "digests"}
    assert state_of(used.path) == before


def test_every_kind_of_file(used: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    build_folder = used.vectors / str(used.current_build)
    flip(build_folder / "behaviour.weights.data.npy", 0.99)
    (build_folder / "seen.indices.npy").unlink()
    (build_folder / "notes.txt").write_text("mine")
    (used.path / "holiday.jpg").write_bytes(b"\xff\xd8")
    (used.path / ".part").mkdir()
    (used.path / "mappings").mkdir()
    (used.path / "mappings" / "orders.yaml").write_text("[1, 2")
    (used.path / "feedback.yaml").write_text("rate: many")
    (used.path / "jobs" / "1").mkdir(parents=True)
    (used.path / KEY_FILE).write_text("xyz")
    projection = next((used.path / "projections").iterdir())
    flip(projection, 0.01)
    projection.write_bytes(projection.read_bytes()[:-10])
    panel = next((used.path / "panels").iterdir())
    flip(panel / "raw.npy", 0.9)
    split = next((used.path / "splits").iterdir())
    split.write_bytes(split.read_bytes()[:-10])
    text = next((used.path / "cache").glob("*/*.npy"))
    flip(text, 0.9)
    used.state.write_bytes(b"nothing" * 2000)
    before = state_of(used.path)
    assert main(["doctor", "--workspace", str(used.path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert state_of(used.path) == before
    states = {one["file"]: one["state"] for one in found["findings"]}
    here = f"vectors/{used.current_build}"
    assert states == {
        f"{here}/behaviour.weights.data.npy": "damaged",
        f"{here}/seen.indices.npy": "missing",
        f"{here}/notes.txt": "foreign",
        "holiday.jpg": "foreign",
        ".part": "leftover",
        "mappings/orders.yaml": "damaged",
        "feedback.yaml": "damaged",
        "jobs/1": "damaged",
        KEY_FILE: "damaged",
        f"projections/{projection.name}": "damaged",
        f"panels/{panel.name}": "damaged",
        f"splits/{split.name}": "damaged",
        text.relative_to(used.path).as_posix(): "damaged",
        "state.duckdb": "damaged",
    }
    assert all(one["what"] and one["mend"] for one in found["findings"]) and not found["whole"]
    mend = {one["file"]: one["mend"] for one in found["findings"]}[f"{here}/seen.indices.npy"]
    assert mend == f"python -m mgrec_core build --workspace {used.path}"
    assert main(["doctor", "--workspace", str(used.path)]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert f"note: for {here}/behaviour.weights.data.npy and 1 more: {mend}" in shown


def test_what_it_names_mends_it(own_world: Workspace) -> None:
    flip(own_world.vectors / str(own_world.current_build) / "items.parquet")
    assert list(told(own_world).values()) == ["damaged"]
    build(own_world, with_map=False)
    assert told(own_world) == {}


def test_damage_that_a_remembered_digest_would_hide(own_world: Workspace) -> None:
    """The memory is of a reading; the doctor reads."""
    own_world.manifest()
    file = own_world.vectors / str(own_world.current_build) / "seen.data.npy"
    flip(file, 0.9)
    memory = json.loads((own_world.path / CHECKED).read_text())
    stat, key = file.stat(), file.relative_to(own_world.path).as_posix()
    memory[key][:4] = [stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
    (own_world.path / CHECKED).write_text(json.dumps(memory))
    assert told(own_world) == {key: "damaged"}


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_tables(own_world: Workspace, share: float) -> None:
    content = own_world.database.read_bytes()
    block = bytearray(content)
    place = int(len(block) * share)
    block[place : place + 300_000] = bytes(len(block[place : place + 300_000]))
    own_world.database.write_bytes(block)
    found = examine(own_world.path)["findings"]
    assert [(one["file"], one["state"]) for one in found] == [("mgrec.duckdb", "damaged")]
    assert found[0]["mend"] == f"python -m mgrec_core import --workspace {own_world.path} SOURCE"


def test_without_tables_or_builds(own_world: Workspace, tmp_path: Path) -> None:
    (own_world.vectors / "CURRENT").unlink()
    own_world.database.unlink()
    assert told(own_world) == {"vectors/CURRENT": "missing", "mgrec.duckdb": "missing"}
    shutil.rmtree(own_world.vectors)
    assert told(own_world) == {"mgrec.duckdb": "missing"}
    assert main(["doctor", "--workspace", str(tmp_path / "none")]) == 2


def test_a_build_of_an_earlier_version_is_checked_by_its_bounds(own_world: Workspace) -> None:
    without_digests(own_world.vectors / str(own_world.current_build))
    found = examine(own_world.path)
    assert found["whole"] and found["builds"] == {str(own_world.current_build): "bounds"}
    (one,) = found["findings"]
    assert one["file"] == f"vectors/{own_world.current_build}/manifest.json" and one["state"] == "unsealed"
    assert "without digests" in one["what"]
    assert main([*one["mend"].split()[3:], "--no-map", "--quiet"]) == 0
    found = examine(own_world.path)
    assert found["findings"] == [] and found["builds"] == {str(own_world.current_build): "digests"}


@pytest.mark.parametrize("fault", ["altered", "altered, with a journal", "gone"])
def test_what_it_says_of_the_state_mends_it(
    own_world: Workspace, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    CohortStore(own_world.state).save("some", "users", ["u00"], "manual")
    if fault == "gone":
        own_world.state.unlink()
    else:
        own_world.state.write_bytes(b"nothing" * 3000)
    if "journal" in fault:
        own_world.state.with_name("state.duckdb.wal").write_bytes(b"what was written last")
    (found,) = examine(own_world.path)["findings"]
    assert found["file"] == "state.duckdb" and "import" not in found["what"]
    subprocess.run(found["mend"].split("`")[1], shell=True, check=True)
    assert main(["feedback", "learn", "--workspace", str(own_world.path), "--quiet"]) == 0
    assert main(["cohorts", "--workspace", str(own_world.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"cohorts": []}
    assert examine(own_world.path)["whole"]


def test_what_cannot_be_read_here_is_not_called_damaged(own_world: Workspace) -> None:
    CohortStore(own_world.state).save("some", "users", ["u00"], "manual")
    with duckdb.connect(str(own_world.database)) as connection:
        connection.execute("UPDATE meta SET value = '9999' WHERE key = 'schema_version'")
    of_a_later_duckdb(own_world.state)
    found = {one["file"]: one for one in examine(own_world.path)["findings"]}
    assert {file: one["state"] for file, one in found.items()} == dict.fromkeys(
        ("mgrec.duckdb", "state.duckdb"), "unread"
    )
    assert all(
        "newer version" in one["what"] and "the file may be whole" in one["mend"] for one in found.values()
    )


@pytest.mark.parametrize("megabytes", [600, 900, 1200])
def test_memory_that_is_short_is_not_called_damage(own_world: Workspace, megabytes: int) -> None:
    CohortStore(own_world.state).save("some", "users", ["u00"], "manual")
    code, out, err = limited(["doctor", "--workspace", str(own_world.path), "--json"], megabytes)
    states = [one["state"] for one in json.loads(out)["findings"]] if out else []
    assert "damaged" not in states and "missing" not in states
    assert code == 0 or (code == 1 and "not enough memory" in out + err)
    assert "Traceback" not in err


def limited(arguments: list[str], megabytes: int) -> tuple[int, str, str]:
    """Run a command with so much address space."""
    limit = f'ulimit -v {megabytes << 10}; exec "$@"'
    done = subprocess.run(
        ["bash", "-c", limit, "bash", sys.executable, "-m", "mgrec_core", *arguments],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_a_folder_that_is_no_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert [one["what"] for one in examine(tmp_path / "empty")["findings"]] == ["no data are imported"]
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"\xff\xd8")
    for name, said in (
        ("photos", "is no workspace, nothing in it is mgrec's: check"),
        ("photos/a.jpg", "is a file"),
    ):
        assert main(["doctor", "--workspace", str(tmp_path / name)]) == 2
        told = capsys.readouterr().err
        assert said in told and told.count("\n") == 1


def test_an_unfinished_forgetting_is_told_and_left(own_world: Workspace) -> None:
    (own_world.path / ".forgetting").write_text("{}")
    assert told(own_world) == {".forgetting": "damaged"}
    assert (own_world.path / ".forgetting").is_file()
