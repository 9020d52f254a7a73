"""What can be wrong with a workspace's own files, and what each command has to say of it.

Files altered, gone, of a later version, or held by another program. Run alone, every command meets every
one of them, a line each: ``python -m tests.cli.hurts [PART OF A NAME …]``; :mod:`tests.cli.faults` does so
with disks and limits.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import duckdb

from mgrec_core.cli.main import main as command
from mgrec_core.engine.engine import Engine
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.digests import CHECKED
from mgrec_core.workspace.folder import Workspace
from tests.cli.faults import COMMANDS, READING, ROOT, prepare

EVERY = READING | COMMANDS
LATER = 9999
"""A version that is not there yet."""

Harm = Callable[[Path], contextlib.AbstractContextManager[object]]


@dataclass(frozen=True)
class Hurt:
    """A fault of a workspace's files.

    Attributes
    ----------
    harm
        Brings it about for the time of a context.
    words
        What whoever meets it is told: a pattern.
    met
        The commands that meet it; the others answer as ever.
    """

    harm: Harm
    words: str
    met: frozenset[str]


# --- how it comes about --------------------------------------------------------------------------


@contextlib.contextmanager
def _changed(
    change: Callable[[Path], object], file: Callable[[Path], Path], workspace: Path
) -> Iterator[None]:
    """Change a file; afterwards it is as it was, unless a command has written it anew."""
    path = file(workspace)
    before = path.read_bytes()
    change(path)
    hurt = path.read_bytes() if path.exists() else None
    try:
        yield
    finally:
        if (path.read_bytes() if path.exists() else None) == hurt:
            path.write_bytes(before)


def _overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 20 : len(content) // 20 + 300_000] = bytes(300_000)
    path.write_bytes(content[: path.stat().st_size])


def _flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


def of_a_later_duckdb(path: Path) -> None:
    """Raise the version of the storage, with DuckDB's own checksums over what was changed."""
    content = bytearray(path.read_bytes())
    content[12:20] = struct.pack("<Q", LATER)
    while True:
        path.write_bytes(content)
        try:
            duckdb.connect(str(path), read_only=True).close()
        except duckdb.Error as error:
            wrong = re.search(r"computed checksum (\d+) .* location (\d+)", str(error))
            if wrong is None:
                return
            place = int(wrong[2])
            content[place : place + 8] = struct.pack("<Q", int(wrong[1]))


def _of_a_later_mgrec(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"UPDATE meta SET value = '{LATER}' WHERE key = 'schema_version'")


@contextlib.contextmanager
def _held(code: str, workspace: Path) -> Iterator[None]:
    """Let another process hold something while the context lasts."""
    before = "import sys, pathlib\nworkspace = pathlib.Path(sys.argv[1])"
    code = f"{before}\n{code}\nprint('held', flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(workspace)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            other.communicate(b"")


def _tables(workspace: Path) -> Path:
    return workspace / "mgrec.duckdb"


def _state(workspace: Path) -> Path:
    return workspace / "state.duckdb"


def _build(workspace: Path) -> Path:
    return workspace / "vectors" / str(Workspace(workspace).current_build)


def _open_in(file: str) -> Harm:
    return partial(_held, f"import duckdb\nkept = duckdb.connect(str(workspace / {file!r}))")


_LOCK = """
from mgrec_core.workspace.lock import write_lock
kept = write_lock(workspace)
kept.__enter__()
"""

# --- who meets it --------------------------------------------------------------------------------

_STATE = frozenset(EVERY) - {
    *("info", "quality", "quality read", "query", "query read", "mapping", "kg", "kg entity", "panel"),
    *("describe", "interests"),
    *("import", "import a new one", "adapt", "compress"),
}
_TABLES = frozenset(EVERY) - {
    *(
        "import",
        "import a new one",
        "mapping",
        "rank",
        "describe",
        "interests",
        "compare",
        "recommend",
        "project",
        "experiments",
    ),
    *("cohorts", "cohorts list", "cohorts delete", "cohorts export"),
    *("feedback list", "feedback weights", "feedback import", "feedback undo"),
}
_TABLES_READ_THROUGH = frozenset(
    {"doctor", "append", "build", "forget", "evaluate", "evaluate people", "tune", "panel", "sweep", "pareto"}
    | {"compress"}
    | {"forget an item", "quality", "quality read"}
)
_BUILD = frozenset(EVERY) - {
    *("import", "import a new one", "build", "mapping", "query", "query read", "query cohort"),
    *("kg", "kg entity", "kg link", "kg link read", "feedback list", "cohorts", "cohorts list"),
    *("cohorts delete", "cohorts export", "experiments", "forget", "forget an item"),
}
_LOCKED = frozenset({"import", "append", "build", "adapt", "forget", "forget an item"})

HURTS: dict[str, Hurt] = {
    "a state that is no database": Hurt(
        partial(_changed, lambda path: path.write_bytes(b"nothing" * 3000), _state),
        r"state\.duckdb is damaged: put back a copy of it, or move it", _STATE,
    ),
    "a state that is gone": Hurt(
        partial(_changed, Path.unlink, _state), r"state\.duckdb.* gone.*put back a copy of it", _STATE
    ),
    "a state of a later DuckDB": Hurt(
        partial(_changed, of_a_later_duckdb, _state), r"state\.duckdb is of a newer version of DuckDB",
        _STATE,
    ),
    "a state that another program holds": Hurt(
        _open_in("state.duckdb"), r"state\.duckdb is open for writing in another program: close it", _STATE
    ),
    "a writer at work": Hurt(
        partial(_held, _LOCK), "is being written by another import or build: wait", _LOCKED
    ),
    "tables that are no database": Hurt(
        partial(_changed, lambda path: path.write_bytes(b"nothing" * 3000), _tables),
        r"mgrec\.duckdb is damaged or not a workspace database: import the source again", _TABLES,
    ),
    "tables overwritten in the middle": Hurt(
        partial(_changed, _overwritten, _tables),
        r"(is damaged or not a workspace database|cannot be read): import the source again",
        _TABLES_READ_THROUGH,
    ),
    "tables of a later mgrec": Hurt(
        partial(_changed, _of_a_later_mgrec, _tables), r"by a newer version of mgrec: update mgrec", _TABLES
    ),
    "tables of a later DuckDB": Hurt(
        partial(_changed, of_a_later_duckdb, _tables), r"mgrec\.duckdb is of a newer version of DuckDB",
        _TABLES,
    ),
    "tables that another program holds": Hurt(
        _open_in("mgrec.duckdb"), r"mgrec\.duckdb is open for writing in another program: close it", _TABLES
    ),
    "a flipped bit in the build": Hurt(
        partial(_changed, _flipped, lambda workspace: _build(workspace) / "behaviour.weights.data.npy"),
        r"behaviour\.weights\.data\.npy.*damaged.*mgrec_core build --workspace",
        _BUILD - {"compress"},
    ),
    "a flipped bit in the manifest": Hurt(
        partial(_changed, _flipped, lambda workspace: _build(workspace) / "manifest.json"),
        r"manifest\.json is (damaged|missing or not a manifest).*mgrec_core build --workspace", _BUILD,
    ),
    "no build where CURRENT points": Hurt(
        partial(_changed, lambda path: path.write_text("nothing"), lambda it: it / "vectors" / "CURRENT"),
        r"CURRENT.*names no build.*mgrec_core build --workspace", _BUILD - {"append", "compress"},
    ),
}  # fmt: skip

# --- how it is tried -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of a command.

    Attributes
    ----------
    code
        Its exit code.
    out, err
        What it printed, without the folder's place.
    lost
        Files of the workspace that are not as before once the fault is gone; what can be made anew apart.
    """

    code: int
    out: str
    err: str
    lost: list[str]


def used(target: Path, built: Path) -> Path:
    """Copy a built workspace; leave in it what people leave: presets, a cohort, feedback, a measurement."""
    shutil.copytree(built, target)
    engine = Engine.open(target)
    user, item = engine.user_ids[0], engine.item_ids[0]
    CohortStore(target / "state.duckdb").save("few", "users", engine.user_ids[:2], "manual")
    given = target.parent / "given.csv"
    given.write_text(f"user_id,item_id,kind\n{user},{item},like\n", "utf-8")
    for words in (["evaluate"], ["tune", "--save-preset", "mine"], ["feedback", "import", str(given)]):
        with contextlib.redirect_stdout(io.StringIO()):
            assert command([*words, "--workspace", str(target), "--quiet"]) == 0
    return target


def attempt(name: str, hurt: Hurt | None, world: Path, source: Path, disk: Path) -> Outcome:
    """Run a command on a copy of a workspace that is hurt."""
    user, item = _ids(world)
    prepare(disk, world, source, user, item)
    workspace = disk / "ws"
    before = _contents(workspace)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        if hurt is not None:
            stack.enter_context(hurt.harm(workspace))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        code = command([*EVERY[name](disk, user, item), "--json"])
    after = _contents(workspace)
    lost = sorted(name for name, content in before.items() if after.get(name) != content)
    lost += sorted(name for name in after if ".part" in name)
    said = [one.getvalue().replace(str(disk), "DISK") for one in (out, err)]
    return Outcome(code, said[0], said[1], lost)


@cache
def _ids(world: Path) -> tuple[str, str]:
    engine = Engine.open(world)
    return engine.user_ids[0], engine.item_ids[0]


def wrong(name: str, hurt: Hurt, found: Outcome) -> str:
    """Say what of an outcome should not be; nothing where all is well."""
    lines = [line for line in found.err.splitlines() if line.startswith("mgrec: ")]
    if "Traceback" in found.err:
        return "a traceback"
    if name not in hurt.met:
        return "" if found.code == 0 else f"refused: {lines or found.err}"
    if found.code not in (1, 2) or len(lines) != (name != "doctor"):
        return f"ends with {found.code}, lines {lines}"
    told = found.out if name == "doctor" else lines[0]
    if not re.search(hurt.words, told):
        return f"does not say why: {told}"
    # an addition stands when only the build after it is refused, and the sentence says so
    added = name == "append" and "the source was added, but the build could not be updated" in lines[0]
    lost = [file for file in found.lost if not (added and file == "mgrec.duckdb")]
    return f"lost {lost}" if lost else ""


def _contents(workspace: Path) -> dict[str, bytes]:
    """The files that nothing makes anew."""
    anew = ("cache", "panels", "splits", "projections", CHECKED, ".lock")
    return {
        path.relative_to(workspace).as_posix(): path.read_bytes()
        for path in workspace.rglob("*")
        if path.is_file() and path.relative_to(workspace).parts[0] not in anew
    }


def main() -> int:
    """Every command with every fault, a line each."""
    from tests.built import built
    from tests.worlds import full

    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        source = full().write(scratch / "source")
        world = used(scratch / "world", built(scratch / "built", source).path)
        for fault, hurt in HURTS.items():
            if sys.argv[1:] and not any(part in fault for part in sys.argv[1:]):
                continue
            for name in EVERY:
                disk = scratch / "disk"
                found = attempt(name, hurt, world, source, disk)
                shutil.rmtree(disk)
                problem = wrong(name, hurt, found)
                bad += bool(problem)
                last = (found.err.strip().splitlines() or [""])[-1]
                print(
                    f"{fault} | {name} | {found.code} | {f'WRONG: {problem}' if problem else last}",
                    flush=True,
                )
    print(f"{bad} cells are wrong")
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
