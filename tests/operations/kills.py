"""Kills real commands at random moments, looks what they leave, and runs them again.

Run alone, it does so on a copy of the synthetic shop: ``python -m tests.operations.kills --runs 50``.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import csv
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.score_cache_files import open_score_cache, score_caches_of
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.locking import writing
from mgrec_core.workspace.folder import Workspace
from tests.worlds import full

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Command:
    """A command that writes.

    Attributes
    ----------
    words
        Its words; ``{user}``, ``{item}``, ``{other}``, ``{more}``, ``{feedback}``, ``{out}`` are filled in.
    before
        The workspace it begins with: ``built``, or ``unbuilt``, whose build is older than its data.
    steps
        Whether it has steps of its own, with the workspace whole between them.
    same
        Whether the workspace holds the same afterwards: done again, it leads to what is there.
    """

    words: str
    before: str = "built"
    steps: bool = False
    same: bool = False


COMMANDS = {
    "import": Command("import {other}"),
    # The build that follows an addition is a step of its own, with the state before it whole.
    "append": Command("import {more} --append --no-build"),
    "append and build": Command("import {more} --append", steps=True),
    "build": Command("build --no-map", before="unbuilt"),
    "forget": Command("forget --user {user}"),
    "forget an item": Command("forget --item {item}"),
    "project": Command("project --granularity behaviour"),
    "evaluate": Command("evaluate --seed 5"),
    "tune": Command("tune --save-preset tuned", steps=True),
    "panel": Command("panel"),
    "feedback import": Command("feedback import {feedback}", steps=True),
    "feedback learn": Command("feedback learn", steps=True, same=True),
    "feedback undo": Command("feedback undo", steps=True),
    "save a cohort": Command("query", steps=True),
    "rename a cohort": Command("cohorts few --rename many"),
    "delete a cohort": Command("cohorts few --delete"),
    "export a cohort": Command("cohorts few --export {out}/few.csv --min-group 1"),
    "export": Command("export --user {user} --out {out} --format json,csv,html,md"),
    "recommend": Command("recommend --out {out}/lists.parquet"),
    "quality": Command("quality --out {out}/quality.html"),
    "query": Command("query", steps=True),
}
SELECT = {
    "save a cohort": ["SELECT DISTINCT user_id FROM v_events LIMIT 20", "--cohort", "another"],
    "query": ["SELECT * FROM v_events", "--out", "{out}/answer.csv"],
}

State = dict[str, object]


def start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, with one thread of linear algebra."""
    command = [sys.executable, "-m", "mgrec_core", *arguments]
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | threads,
        start_new_session=True,
    )  # fmt: skip


def state_of(folder: Path) -> State:
    """What a workspace holds, part by part; everything in it is read."""
    workspace = Workspace.open(folder)
    status = workspace.status()
    assert status.problem is None, status.problem
    with workspace.reading() as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            connection.execute(f'SELECT * FROM "{table}"').fetchall()
    if status.built:
        engine = Engine.open(folder)
        for user in engine.user_ids[:3]:
            engine.rank(user, 5)
    for path in folder.glob("projections/*.parquet"):
        parquet.read_table(path)
    build = workspace.current_build
    records = score_caches_of(folder, build) if build else []
    for record in records:
        open_score_cache(folder, record)
    return {
        "data": workspace.meta()["data_fingerprint"],
        "build": build,
        "stale": status.stale,
        "maps": sorted(path.name for path in folder.glob("projections/*.parquet")),
        "score caches": sorted(record.id for record in records),
        **said(workspace.state),
    }


def said(path: Path) -> State:
    """What a workspace's state file holds, without the moments at which it was written."""
    if not path.exists():
        return {}
    with contextlib.closing(duckdb.connect(str(path), read_only=True)) as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return {
            name: sorted(
                connection.execute(f"""SELECT * EXCLUDE ("made") FROM "{name}" """).fetchall()
                if "made" in [c[0] for c in connection.execute(f'DESCRIBE "{name}"').fetchall()]
                else connection.execute(f'FROM "{name}"').fetchall(),
                key=repr,
            )
            for (name,) in tables
        }


def leftovers(folder: Path) -> list[str]:
    """What a killed command left and the next one should have removed."""
    names = (".part", ".forgetting", "mgrec*.part*", "*/*.part", "cache/*/*.part", "cache/*/*.tmp")
    return [str(path) for name in names for path in folder.glob(name)]


def files_of(folder: Path) -> set[str]:
    """Every file and folder of a workspace."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def alive(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, number = stat.read_text().rpartition(")")[2].split()[:4]
            if int(number) == session and state != "Z":
                found.append(int(stat.parent.name))
    return found


def ends(session: int, seconds: float = 20) -> bool:
    """Whether everything that a killed command had started ends by itself."""
    until = time.monotonic() + seconds
    while alive(session):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@dataclass(frozen=True)
class Whole:
    """What a command leads to undisturbed; ``folder`` is a copy of the workspace that it leaves."""

    seconds: float
    new: State
    outputs: dict[str, bytes]
    folder: Path


class Kills:
    """Commands on copies of one workspace.

    Parameters
    ----------
    built
        A workspace with a build; only read.
    source
        The canonical folder it was imported from.
    scratch
        Folder for copies.
    user, item
        Whom and what to forget.
    """

    def __init__(self, built: Path, source: Path, scratch: Path, user: str, item: str) -> None:
        self.scratch = scratch
        self.other = shutil.copytree(source, scratch / "other")
        with (self.other / "items.csv").open("r+", encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
            file.seek(0, 2)
            csv.writer(file).writerow(["another-item", "another lamp", *[""] * (len(columns) - 2)])
        self.more = scratch / "more"
        self.more.mkdir()
        for name, rows in (
            ("interactions", [["user_id", "item_id", "event"], [user, "one-more", "purchase"]]),
            ("items", [["item_id", "title"], ["one-more", "one more kettle of copper"]]),
        ):
            with (self.more / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        (scratch / "feedback.csv").write_text(f"user_id,item_id,kind\n{user},{item},dismiss\n", "utf-8")
        (scratch / "said.csv").write_text(f"user_id,item_id,kind\n{user},{item},click\n", "utf-8")
        self.names = {
            "user": user, "item": item, "other": str(self.other), "more": str(self.more),
            "feedback": str(scratch / "feedback.csv"), "out": str(scratch / "out"),
        }  # fmt: skip
        lived = scratch / "built"
        if built != lived:
            shutil.copytree(built, lived)
        for words in (
            ["evaluate"],
            ["feedback", "import", str(scratch / "said.csv")],
            ["query", "SELECT DISTINCT user_id FROM v_events LIMIT 10", "--cohort", "few"],
        ):
            assert start([*words, "--workspace", str(lived), "--quiet"]).wait() == 0
        unbuilt = shutil.copytree(lived, scratch / "unbuilt")
        import_data(Workspace(unbuilt), self.more, append=True)
        self.before = {"built": lived, "unbuilt": unbuilt}
        self.previous = {name: state_of(folder) for name, folder in self.before.items()}
        self.whole: dict[str, Whole] = {}
        self.files = {name: files_of(folder) | {".lock"} for name, folder in self.before.items()}
        self.known: dict[str, set[str]] = {}
        self._again: dict[str, tuple[int, State]] = {}

    def arguments(self, command: str, folder: Path) -> list[str]:
        """Arguments of the command."""
        words = [*COMMANDS[command].words.split(), *SELECT.get(command, [])]
        return [*(word.format(**self.names) for word in words), "--workspace", str(folder), "--quiet"]

    def _fresh(self, before: Path) -> Path:
        folder = self.scratch / "victim"  # always the same path: it stands in what commands write
        for old in (folder, self.scratch / "out"):
            shutil.rmtree(old, ignore_errors=True)
        (self.scratch / "out").mkdir()
        return shutil.copytree(before, folder)

    def outputs(self) -> dict[str, bytes]:
        """The files that a command wrote beside the workspace, without what tells one moment from another."""
        return {
            path.name: re.sub(rb"\d", b"0", path.read_bytes())
            for path in sorted((self.scratch / "out").iterdir())
        }

    def run(self, command: str, folder: Path) -> int:
        """Run it undisturbed; it never shows a traceback."""
        process = start(self.arguments(command, folder))
        _, errors = process.communicate()
        assert b"Traceback" not in errors, errors.decode()
        return process.returncode

    def measure(self, command: str) -> None:
        """Run it undisturbed: what it leads to, and how long it takes."""
        folder = self._fresh(self.before[COMMANDS[command].before])
        before = self.previous[COMMANDS[command].before]
        begin = time.perf_counter()
        assert self.run(command, folder) == 0, command
        seconds = time.perf_counter() - begin
        new, outputs = state_of(folder), self.outputs()
        assert COMMANDS[command].same or new != before or outputs, command
        self.known[command] = self.files[COMMANDS[command].before] | files_of(folder)
        kept = shutil.copytree(folder, self.scratch / "whole" / command)
        self.whole[command] = Whole(seconds, new, outputs, kept)

    def again(self, command: str) -> tuple[int, State]:
        """Exit code of the command where it has been run already, and what it leads to."""
        if command not in self._again:
            folder = self._fresh(self.whole[command].folder)
            code = self.run(command, folder)
            self._again[command] = code, state_of(folder)
        return self._again[command]

    def kill(self, command: str, share: float) -> str:
        """Kill it at ``share`` of its duration, then run it again; return what the kill left.

        Returns
        -------
        str
            ``previous``, ``new``, or ``step`` where a command of several steps had done some of them.

        Raises
        ------
        AssertionError
            The workspace does not open, is in between, keeps leftovers, or the command cannot be run again.
        """
        whole, before = self.whole[command], self.previous[COMMANDS[command].before]
        folder = self._fresh(self.before[COMMANDS[command].before])
        process = start(self.arguments(command, folder))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(whole.seconds * share)
        process.kill()
        process.communicate()
        assert ends(process.pid), (command, share, "a process goes on")
        left = state_of(folder)
        place = self._place(command, left, share)
        for name, content in self.outputs().items():
            if not name.startswith(".") and not name.endswith((".part", ".tmp")):
                assert content == whole.outputs[name], (command, share, f"{name} is not whole")
        with writing(Workspace.open(folder)):  # what every writing command begins with
            pass
        assert leftovers(folder) == [], (command, share)
        strange = files_of(folder) - self.known[command]  # neither of the previous state nor of the new
        assert not {s for s in strange if not s.endswith(".wal")}, (command, share, strange)
        assert state_of(folder) == left
        code = self.run(command, folder)
        found = state_of(folder)
        assert leftovers(folder) == [], (command, share)
        assert set(self.outputs()) == set(whole.outputs), (command, share)
        if place == "new" and whole.new != before:
            assert (code, found) == self.again(command), (command, share, code)
        else:
            assert code == 0, (command, share, code)
            # A build that has no map yet, since a step was not reached, is updated to one that has none.
            maps = {"maps": found["maps"]} if place == "step" else {}
            wrong = differing(found, {**whole.new, **maps})
            assert not wrong or found == {**self.again(command)[1], **maps}, (command, share, wrong)
        return place

    def _place(self, command: str, found: State, share: float) -> str:
        whole, before = self.whole[command], self.previous[COMMANDS[command].before]
        if found == before:
            return "previous"
        if found == whole.new:
            return "new"
        parts = [p for p in {**found, **before, **whole.new} if p != "stale"]
        between = [p for p in parts if found.get(p) not in (before.get(p), whole.new.get(p))]
        assert COMMANDS[command].steps and not between, (command, share, differing(found, whole.new))
        return "step"


def differing(one: State, other: State) -> dict[str, tuple[object, object]]:
    """The parts in which two states differ."""
    return {p: (one.get(p), other.get(p)) for p in {**one, **other} if one.get(p) != other.get(p)}


def main() -> None:
    """Kill ``--runs`` commands on the synthetic shop and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workspace", type=Path, help="a built shop; made where none is given")
    parser.add_argument("--small", action="store_true", help="the small world of the tests instead")
    parser.add_argument("--command", action="append", choices=[*COMMANDS], help="by default all in turn")
    options = parser.parse_args()
    chosen = options.command or [*COMMANDS]
    with tempfile.TemporaryDirectory(prefix="mgrec-kills-") as scratch:
        shop = ROOT / "sample_data" / "marketplace"
        source = full().write(Path(scratch) / "source") if options.small else shop
        built = Path(scratch) / "built"
        if options.workspace:
            shutil.copytree(options.workspace, built)
        else:
            workspace = Workspace.create(built)
            import_data(workspace, source)
            build(workspace, with_map=False)
        with duckdb.connect(str(built / "mgrec.duckdb"), read_only=True) as connection:
            ((user,),) = connection.execute("SELECT min(user_id) FROM events").fetchall()
            ((item,),) = connection.execute("SELECT min(item_id) FROM events").fetchall()
        kills = Kills(built, source, Path(scratch), str(user), str(item))
        moments = random.Random(options.seed)
        found: collections.Counter[tuple[str, str]] = collections.Counter()
        for run in range(options.runs):
            command, share = chosen[run % len(chosen)], moments.uniform(0.1, 1.02)
            try:
                if command not in kills.whole:
                    kills.measure(command)
                found[command, state := kills.kill(command, share)] += 1
                print(
                    f"{command} | {share:.2f} of {kills.whole[command].seconds:.1f} s | {state}", flush=True
                )
            except AssertionError as error:
                found[command, "FAILED"] += 1
                print(f"FAILED {command} {error}"[:2000], flush=True)
        for (command, state), number in sorted(found.items()):
            print(f"{command}: {number} × {state}", flush=True)
        failed = sum(n for (_, state), n in found.items() if state == "FAILED")
        print(f"{sum(found.values())} kills, {failed} in between or not to be run again (pid {os.getpid()})")


if __name__ == "__main__":
    main()
