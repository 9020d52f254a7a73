"""Real faults for commands: a full disk, a disk to read only, caps on memory and on the size of files.

Run alone, every command meets every fault, in the order of their names or those that are named:
``python -m tests.cli.faults [full|read-only|memory|files …]``. Exit code 1 where one is not told truly or
loses something.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.experiments import ExperimentLog
from mgrec_core.feedback.log import FeedbackLog
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parents[2]

Arguments = Callable[[Path, str, str], list[str]]


def _on(command: str, *more: str) -> Arguments:
    """A command on the workspace of a disk, with a user and an item of it."""
    return lambda disk, user, item: [
        *command.split(),
        *(word.format(disk=disk, user=user, item=item) for word in more),
        "--workspace",
        str(disk / "ws"),
        "--quiet",
    ]


COMMANDS: dict[str, Arguments] = {
    "import": _on("import", "{disk}/source"),
    "import a new one": lambda disk, user, item: [
        "import",
        f"{disk}/source",
        "--workspace",
        f"{disk}/new",
        "--quiet",
    ],
    "append": _on("import", "{disk}/more", "--append"),
    "build": _on("build", "--config", "{disk}/config.yaml"),
    "adapt": _on("adapt", "--no-build"),
    "forget": _on("forget", "--user", "{user}"),
    "forget an item": _on("forget", "--item", "{item}"),
    "compress": _on("compress", "--kinds", "layers"),
    "evaluate": _on("evaluate"),
    "evaluate people": _on("evaluate", "--target", "users"),
    "tune": _on("tune"),
    "panel": _on("panel"),
    "project": _on("project"),
    "feedback import": _on("feedback import", "{disk}/feedback.csv"),
    "feedback learn": _on("feedback learn"),
    "feedback undo": _on("feedback undo"),
    "kg link": _on("kg", "link", "--export", "{disk}/links.csv"),
    "export": _on("export", "--user", "{user}", "--out", "{disk}/out"),
    "recommend": _on("recommend", "--out", "{disk}/lists.parquet"),
    "quality": _on("quality", "--out", "{disk}/quality.html"),
    "query": _on("query", "SELECT * FROM v_events", "--out", "{disk}/answer.csv"),
    "cohorts": _on("cohorts", "few", "--rename", "many"),
    "cohorts delete": _on("cohorts", "few", "--delete"),
    "cohorts export": _on("cohorts", "few", "--export", "{disk}/few.csv", "--min-group", "1"),
    "query cohort": _on("query", "SELECT DISTINCT user_id FROM v_events", "--cohort", "third"),
}
"""Commands that write."""

READING: dict[str, Arguments] = {
    "info": _on("info"),
    "rank": _on("rank", "--user", "{user}"),
    "rank people": _on("rank", "--user", "{user}", "--target", "users"),
    "explain": _on("explain", "--user", "{user}", "--item", "{item}"),
    "explain words": _on("explain", "--user", "{user}", "--item", "{item}", "--words"),
    "item": _on("item", "--item", "{item}"),
    "compare": _on("compare", "--user", "{user}", "--with-preset", "default"),
    "interests": _on("interests", "--user", "{user}"),
    "describe": _on("describe", "--user", "{user}"),
    "counterfactual": _on("counterfactual", "--user", "{user}", "--item", "i02", "--k", "3"),
    "doctor": _on("doctor"),
    "experiments": _on("experiments"),
    "cohorts list": _on("cohorts"),
    "feedback list": _on("feedback list"),
    "feedback weights": _on("feedback weights"),
    "quality read": _on("quality"),
    "query read": _on("query", "SELECT count(*) AS n FROM v_events"),
    "sweep": _on("sweep", "--granularity", "recent", "--points", "3"),
    "pareto": _on("pareto", "--samples", "5"),
    "mapping": _on("mapping", "{disk}/source"),
    "kg": _on("kg"),
    "kg entity": _on("kg", "--entity", "{item}"),
    "kg link read": _on("kg link"),
}
"""Commands that answer; ``sweep`` and ``pareto`` keep scores for the next time."""


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own.

    Raises
    ------
    PermissionError
        This process may mount nothing.
    """
    folder.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def read_only(disk: Path, on: bool = True) -> None:
    """Let a small disk be read only, or written again."""
    for again in range(20, -1, -1):
        gc.collect()  # what a writer that failed still holds open keeps a disk from being read only
        try:
            return _mount("-o", f"remount,{'ro' if on else 'rw'}", str(disk))
        except PermissionError as error:
            if not again or "busy" not in str(error):
                raise
            time.sleep(0.2)


def _mount(*arguments: str) -> None:
    program = shutil.which("mount")
    done = program and subprocess.run([program, *arguments], capture_output=True, text=True)
    if not done or done.returncode:
        raise PermissionError(f"no file system can be mounted here ({done.stderr if done else 'no mount'})")


@contextlib.contextmanager
def full(disk: Path, left: int = 0) -> Iterator[None]:
    """Fill a small disk up to ``left`` bytes."""
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    with filling.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"0" * 512)
    os.truncate(filling, max(0, filling.stat().st_size - left))
    try:
        yield
    finally:
        filling.unlink()


def capped(disk: Path, arguments: list[str], limit: str, bash: str = "bash") -> tuple[int, str]:
    """Run a command in a process with ``ulimit`` options; its exit code and what it said on stderr."""
    done = subprocess.run(
        [bash, "-c", f'ulimit {limit}; exec "$@"', bash, sys.executable, "-m", "mgrec_core", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "TMPDIR": str(disk)},
    )
    return done.returncode, done.stderr


def holds(folder: Path) -> str:
    """All that a workspace gives, as one text."""
    workspace = Workspace.open(folder)
    status = workspace.status()
    assert status.problem is None, status.problem
    engine = Engine.open(folder)
    lists = {user: [(i.item_id, i.score) for i in engine.rank(user, 5).items] for user in engine.user_ids[:5]}
    with workspace.reading() as connection:
        counts = connection.execute("SELECT count(*) FROM v_events").fetchall()
    return json.dumps(
        [
            lists,
            counts,
            workspace.meta()["data_fingerprint"],
            workspace.current_build,
            engine.presets(),
            [one.id for one in ExperimentLog(workspace.state).all()],
            [one.to_dict() for one in FeedbackLog(workspace.state).all()],
        ],
        default=str,
    )


def prepare(disk: Path, built: Path, source: Path, user: str, item: str) -> None:
    """Put a workspace, its source, a further one and feedback on the disk."""
    shutil.copytree(built, disk / "ws")
    shutil.copytree(source, disk / "source", ignore=shutil.ignore_patterns("*.py", "*.md", "planted*"))
    (disk / "more").mkdir()
    (disk / "more" / "interactions.csv").write_text(
        f"user_id,item_id,event,timestamp\n{user},{item},purchase,2024-06-01 10:00:00\n", "utf-8"
    )
    (disk / "config.yaml").write_text("recent: {half_life: 2}\n", "utf-8")
    (disk / "feedback.csv").write_text(f"user_id,item_id,kind\n{user},{item},like\n", "utf-8")


WORDS = {
    "full": "free space there",
    "read-only": "read-only file system",
    "memory": "not enough memory",
    "files": "`ulimit -f`",
}
"""What a command says that cannot do its work, by a word in the name of the fault."""


def main() -> int:
    """Every command under every fault, a line each."""
    from mgrec_core.cli.main import main as command
    from mgrec_core.operations.building import build
    from mgrec_core.operations.importing import import_data

    with tempfile.TemporaryDirectory() as scratch:
        built, source = Path(scratch) / "built", ROOT / "sample_data" / "marketplace"
        import_data(Workspace.create(built), source)
        build(Workspace.open(built))
        command(["evaluate", "--workspace", str(built), "--quiet"])
        command(["feedback", "import", f"{source}/feedback.csv", "--workspace", str(built), "--quiet"])
        CohortStore(built / "state.duckdb").save("few", "users", ["U001", "U002"], "manual")
        before = holds(built)
        faults: dict[str, Callable[[Path, list[str]], tuple[int, str]]] = {}

        def on_a_full_disk(left: int) -> Callable[[Path, list[str]], tuple[int, str]]:
            def run(disk: Path, arguments: list[str]) -> tuple[int, str]:
                with full(disk, left):
                    return capped(disk, arguments, "-c 0")

            return run

        def only_read(disk: Path, arguments: list[str]) -> tuple[int, str]:
            read_only(disk)
            try:
                return capped(disk, arguments, "-c 0")
            finally:
                read_only(disk, False)

        def limited(limit: str) -> Callable[[Path, list[str]], tuple[int, str]]:
            return lambda disk, arguments: capped(disk, arguments, limit)

        faults |= {f"full, {left >> 10} KB left": on_a_full_disk(left) for left in (0, 64 << 10, 1 << 20)}
        faults["read-only"] = only_read
        faults |= {f"{mb} MB of memory": limited(f"-v {mb << 10}") for mb in (600, 1200, 2000)}
        faults["files of 64 KB"] = limited("-f 64")
        chosen, bad = sys.argv[1:], 0
        for fault, run in faults.items():
            if chosen and not any(one in fault for one in chosen):
                continue
            for name, arguments in (READING | COMMANDS).items():
                with small_disk(Path(scratch) / "disk", 256) as disk:
                    prepare(disk, built, source, "U001", "P0001")
                    try:
                        code, said = run(disk, arguments(disk, "U001", "P0001"))
                    except subprocess.TimeoutExpired:
                        code, said = -99, "did not end"
                    last = (said.strip().splitlines() or [""])[-1].replace(str(disk), "DISK")
                    try:
                        kept = "as before" if holds(disk / "ws") == before else "another state"
                    except Exception as error:
                        kept = f"BROKEN {error}"
                    words = next(text for word, text in WORDS.items() if word in fault)
                    # a disk to read only is the caller's choice of a place, which is bad input
                    told = code in ((1, 2) if fault == "read-only" else (1,)) and words in said.lower()
                    right = (code == 0 or told) and not kept.startswith("BROKEN") and "Traceback" not in said
                    right = right and (code == 0 or kept == "as before")
                    bad += not right
                    print(
                        f"{fault} | {name} | {code} | {kept} | {'' if right else 'WRONG '}{last}", flush=True
                    )
                (Path(scratch) / "disk").rmdir()
        print(f"{bad} cells are wrong")
        return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
