"""One folder, one writer, and never a state in between."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from mgrec_core import Engine
from mgrec_core.engine.info import info
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError, WorkspaceLockedError
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.locking import writing
from mgrec_core.workspace.digests import CHECKED
from mgrec_core.workspace.folder import Workspace
from tests.worlds import config, full

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "transformers", "sentence_transformers", "openvino", "umap", "numba", "streamlit"}


def command(*arguments: str | Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mgrec_core", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes of everything that a reader sees."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in (".lock", CHECKED)
        and "cache" not in path.parts
        and ".part" not in str(path)
    }


def top(workspace: Workspace) -> list[str]:
    return [item.item_id for item in Engine.open(workspace.path).rank("u00", 5).items]


# Opening


def test_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist: create it with"):
        Workspace.open(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    for open_ in (Workspace.open, Workspace.create):
        with pytest.raises(InputError, match="file"):
            open_(tmp_path / "file")
        with pytest.raises(InputError, match="no name"):
            open_("")
    empty = Workspace.create(tmp_path / "a" / "b")
    status = empty.status()
    assert not (status.imported or status.built or status.stale or status.problem)
    for use in (
        empty.connect,
        empty.manifest,
        lambda: info(empty),
        lambda: build(empty),
        lambda: Engine.open(empty.path),
    ):
        with pytest.raises(InputError, match="import SOURCE"):
            use()


def test_imported_but_not_built(own_world: Workspace) -> None:
    shutil.rmtree(own_world.vectors)
    status = own_world.status()
    assert status.imported and not status.built and status.problem is None
    with pytest.raises(InputError, match="is not built yet: run"):
        Engine.open(own_world.path)
    held = info(own_world)
    assert held["build"] is None and held["granularities"] == {} and held["counts"]["users"] == 24


@pytest.mark.parametrize("content", ["", "nothing", "../..", "a b", "\x00"])
def test_a_pointer_to_no_build(own_world: Workspace, content: str) -> None:
    (own_world.vectors / "CURRENT").write_text(content)
    assert own_world.current_build is None
    assert build(own_world, with_map=False)[1] is False  # it is still there: only pointed to again
    assert own_world.current_build is not None


# Import


def test_a_refused_import_changes_nothing(own_world: Workspace, tmp_path: Path) -> None:
    before = contents(own_world.path)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "interactions.csv").write_text("user,thing\na,b\n", encoding="utf-8")
    for source in (broken, tmp_path / "nowhere", broken / "interactions.csv"):
        with pytest.raises(InputError):
            import_data(own_world, source)
    assert contents(own_world.path) == before
    assert not list(own_world.path.glob("*.part*"))


def test_a_new_import_makes_the_build_stale_until_it_is_built(own_world: Workspace, tmp_path: Path) -> None:
    assert not own_world.status().stale
    old = Engine.open(own_world.path)
    assert len(old.history("u00")) == 8  # this process holds the old tables
    import_data(own_world, full(seed=9).write(tmp_path / "other"))
    assert own_world.status().stale and info(own_world)["stale"]
    assert Engine.open(own_world.path).build == old.build
    _, changed = build(own_world, with_map=False)
    assert changed and not own_world.status().stale
    fresh = Engine.open(own_world.path)
    assert fresh.build != old.build
    assert set(fresh.history("u00")["item_id"]) != set(old.history("u00")["item_id"])
    assert old.rank("u00", 5).items  # what was opened before still answers


def test_the_same_source_again_is_not_stale(own_world: Workspace, tmp_path: Path) -> None:
    import_data(own_world, full().write(tmp_path / "again"))
    assert not own_world.status().stale
    assert build(own_world, with_map=False)[1] is False


# Build


def test_the_same_inputs_give_the_same_bytes(built_world: Workspace, tmp_path: Path) -> None:
    again = Workspace.create(tmp_path / "again")
    import_data(again, full().write(tmp_path / "source"))
    build(again, with_map=False)
    assert again.current_build == built_world.current_build
    one, other = contents(built_world.vectors), contents(again.vectors)
    manifest = f"{again.current_build}/manifest.json"
    assert one.keys() == other.keys() and manifest in one
    assert [name for name in one if one[name] != other[name] and name != manifest] == []
    left, right = built_world.manifest(), again.manifest()
    assert left.model_copy(update={"timings": {}, "dataset": ""}) == right.model_copy(
        update={"timings": {}, "dataset": ""}
    )


def test_nothing_changed_nothing_is_done_and_no_model_is_loaded(own_world: Workspace) -> None:
    before = contents(own_world.path)
    code = (
        "import sys\nfrom mgrec_core import build\n"
        f"manifest, changed = build({str(own_world.path)!r}, with_map=False)\n"
        "assert changed is False, changed\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & HEAVY
    assert contents(own_world.path) == before


def test_other_options_make_another_build_and_the_last_one_is_kept(own_world: Workspace) -> None:
    first = own_world.current_build
    second, changed = build(own_world, config=config(recent={"half_life": 5}), with_map=False)
    assert changed and own_world.current_build == second.build != first
    third, _ = build(own_world, config=config(recent={"half_life": 4}), with_map=False)
    assert {p.name for p in own_world.vectors.iterdir()} == {"CURRENT", second.build, third.build}
    back, changed = build(own_world, config=config(recent={"half_life": 5}), with_map=False)
    assert not changed and back.build == own_world.current_build == second.build


def damaged_files(workspace: Workspace) -> list[str]:
    folder = workspace.vectors / str(workspace.current_build)
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("how", ["truncated", "missing", "emptied", "scribbled"])
@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "seen.data.npy",
        "seen.shape.json",
        "users.parquet",
        "language.items.npy",
        "global_scale.npy",
    ],
)
def test_a_damaged_build_names_the_file_and_building_mends_it(
    own_world: Workspace, name: str, how: str
) -> None:
    wanted = top(own_world)
    path = own_world.vectors / str(own_world.current_build) / name
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "scribbled":  # as long as before
        path.write_bytes(b"\x07" * len(content))
    else:
        path.write_bytes(content[: len(content) // 2] if how == "truncated" else b"")
    with pytest.raises(WorkspaceBrokenError) as raised:
        Engine.open(own_world.path)
    message = str(raised.value)
    assert "\n" not in message and "build" in message
    assert str(path) in message or (how == "scribbled" and str(path.parent) in message)
    if how != "scribbled":
        status = own_world.status()
        assert status.built and status.problem is not None and name in status.problem
    if how == "truncated" or name == "manifest.json":
        _, changed = build(own_world, with_map=False)
        assert changed and top(own_world) == wanted and own_world.status().problem is None


@pytest.mark.parametrize("how", ["empty", "text", "truncated", "scribbled", "other", "folder"])
def test_a_damaged_database_says_to_import_again(own_world: Workspace, how: str, tmp_path: Path) -> None:
    path = own_world.database
    content = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("this is no database")
    elif how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "scribbled":
        path.write_bytes(content[:12_288] + b"\x07" * (len(content) - 12_288))
    elif how == "other":
        path.unlink()
        duckdb.connect(str(path)).execute("CREATE TABLE meta (key VARCHAR, value VARCHAR)").close()
    else:
        path.unlink()
        path.mkdir()
    for use in (lambda: info(own_world), lambda: build(own_world, with_map=False)):
        with pytest.raises(InputError, match="import") as raised:
            use()
        assert "\n" not in str(raised.value)
    status = own_world.status()
    assert (status.problem is not None) or not status.imported
    if how != "folder":
        engine = Engine.open(own_world.path)
        assert engine.rank("u00").items  # ranking needs the build alone
        with pytest.raises(WorkspaceBrokenError, match="import the source again"):
            engine.history("u00")
        import_data(own_world, full().write(tmp_path / "source"))
        assert info(own_world)["counts"]["users"] == 24


def test_a_database_open_elsewhere_for_writing(own_world: Workspace) -> None:
    code = (
        f"import duckdb, sys\nc = duckdb.connect({str(own_world.database)!r})\n"
        "print('open', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(WorkspaceLockedError, match="open for writing in another program"):
            own_world.connect()
        other.communicate("")
    own_world.connect().close()


# One writer


def test_a_second_writer_is_refused_in_one_line(own_world: Workspace, tmp_path: Path) -> None:
    source = full().write(tmp_path / "source")
    with writing(own_world):
        runs = [
            command("import", source, "--workspace", own_world.path),
            command("build", "--workspace", own_world.path, "--no-map"),
        ]
        for run in runs:
            out, err = run.communicate(timeout=60)
            assert run.returncode == 2 and out == ""
            assert err.count("\n") == 1 and err.startswith("mgrec:") and "being written by another" in err
        with pytest.raises(WorkspaceLockedError), writing(own_world):
            pass
        assert top(own_world)  # readers go on
    with writing(own_world):
        pass


def test_a_dead_writer_holds_no_lock(own_world: Workspace) -> None:
    code = (
        "import sys\nfrom mgrec_core.operations.locking import writing\n"
        "from mgrec_core.workspace.folder import Workspace\n"
        f"with writing(Workspace({str(own_world.path)!r})):\n"
        "    print('held', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceLockedError), writing(own_world):
            pass
        other.kill()
    with writing(own_world):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(own_world: Workspace) -> None:
    own_world.path.chmod(0o555)
    try:
        with pytest.raises(InputError, match="cannot be written"):
            build(own_world, with_map=False)
        assert top(own_world)
    finally:
        own_world.path.chmod(0o755)


# Ended in the middle


def end_at(run: subprocess.Popen[str], stage: str, how: signal.Signals) -> tuple[str, str]:
    """Send a signal when the command says that it is at a stage; what it said after that."""
    assert run.stderr is not None
    for line in run.stderr:
        if line.strip() == stage:
            run.send_signal(how)
            break
    else:
        raise AssertionError(f"the command never came to {stage}")
    return run.communicate(timeout=60)


@pytest.fixture
def unbuilt_change(own_world: Workspace, tmp_path: Path) -> tuple[Workspace, Path]:
    """A built workspace, and options that make another build with texts to encode again."""
    shutil.rmtree(own_world.path / "cache")
    options = tmp_path / "options.yaml"
    options.write_text("recent: {half_life: 7}\n", encoding="utf-8")
    return own_world, options


STAGES = ("reading the views", "loading the language model", "granularities", "writing")


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_build_leaves_the_state_before(unbuilt_change: tuple[Workspace, Path], stage: str) -> None:
    workspace, options = unbuilt_change
    before, wanted = contents(workspace.path), top(workspace)
    run = command("build", "--workspace", workspace.path, "--config", options, "--no-map")
    end_at(run, stage, signal.SIGKILL)
    after = contents(workspace.path)
    if run.returncode == -signal.SIGKILL and workspace.manifest().config["recent"]["half_life"] != 7:
        assert after == before
    assert top(workspace) == wanted or workspace.manifest().config["recent"]["half_life"] == 7
    assert workspace.status().problem is None
    if stage == STAGES[-1]:  # what was left lying is cleared by the next build
        build(workspace, config=options, with_map=False)
        assert not list(workspace.vectors.glob("*.part"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", ["loading the language model", "granularities"])
def test_a_cancelled_build_says_so_in_one_line(
    unbuilt_change: tuple[Workspace, Path], how: signal.Signals, stage: str
) -> None:
    workspace, options = unbuilt_change
    before = contents(workspace.path)
    run = command("build", "--workspace", workspace.path, "--config", options, "--no-map", "--json")
    out, err = end_at(run, stage, how)
    lines = err.splitlines()
    assert run.returncode == 1 and out == ""
    assert lines[-1] == "mgrec: cancelled; the workspace is as it was"
    assert "Traceback" not in err and not [line for line in lines[:-1] if line not in (*STAGES, "encoding")]
    assert contents(workspace.path) == before
    assert not list(workspace.vectors.glob("*.part"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_import_that_ends_in_the_middle_leaves_the_state_before(
    own_world: Workspace, sample_data: Path, how: signal.Signals
) -> None:
    before = contents(own_world.path)
    run = command("import", sample_data / "movielens", "--workspace", own_world.path)
    out, err = end_at(run, "import", how)
    assert run.returncode == (-9 if how == signal.SIGKILL else 1) and out == ""
    assert contents(own_world.path) == before
    if how != signal.SIGKILL:
        assert err.splitlines() == ["mgrec: cancelled; the workspace is as it was"]
        assert not list(own_world.path.glob("mgrec.part*"))
    assert top(own_world)


def test_readers_and_a_build_at_the_same_time(own_world: Workspace) -> None:
    """Whoever opens the workspace while it is built gets the one build or the other, whole."""
    stop, seen, errors = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                engine = Engine.open(own_world.path)
                engine.rank("u00")
                seen.add(engine.build)
            except Exception as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        built, _ = build(own_world, config=config(recent={"half_life": 11}), with_map=False)
    finally:
        stop.set()
        reader.join()
    assert not errors and len(seen) >= 1
    assert own_world.current_build == built.build


def test_a_database_of_another_version_asks_for_a_new_import(own_world: Workspace) -> None:
    with contextlib.closing(duckdb.connect(str(own_world.database))) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    with pytest.raises(WorkspaceBrokenError, match="another version of mgrec: import the source again"):
        own_world.connect()
    assert own_world.status().problem
