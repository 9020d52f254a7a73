"""Kills real commands at random moments and looks what they leave.

Run alone, it does so on a copy of the synthetic shop: ``python -m tests.operations.kills --runs 50``.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import csv
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mgrec_core.engine.engine import Engine
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.locking import writing
from mgrec_core.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("import", "append", "build", "forget")

State = tuple[str, str | None, bool]


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start a command of its own process."""
    command = [sys.executable, "-m", "mgrec_core", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def state_of(folder: Path) -> State:
    """What a workspace holds; everything in it is read."""
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
    return workspace.meta()["data_fingerprint"], workspace.current_build, status.stale


def leftovers(folder: Path) -> list[str]:
    """What a killed command left and the next one should have removed."""
    names = (".part", ".forgetting", "mgrec*.part*", "*/*.part", "cache/*/*.part", "cache/*/*.tmp")
    return [str(path) for name in names for path in folder.glob(name)]


def files_of(folder: Path) -> set[str]:
    """Every file and folder of a workspace."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


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
    user
        Whom to forget.
    """

    def __init__(self, built: Path, source: Path, scratch: Path, user: str) -> None:
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
        self.before = dict.fromkeys(COMMANDS, built)
        self.before["build"] = shutil.copytree(built, scratch / "unbuilt")
        import_data(Workspace(self.before["build"]), self.more, append=True)
        self.user = user
        self.previous = {name: state_of(folder) for name, folder in self.before.items()}
        self.files = {name: files_of(folder) | {".lock"} for name, folder in self.before.items()}
        self.new: dict[str, State] = {}
        self.seconds: dict[str, float] = {}

    def arguments(self, command: str, folder: Path) -> list[str]:
        """Arguments of the command."""
        where = ["--workspace", str(folder)]
        return {
            "import": ["import", str(self.other), *where],
            # The build that follows an addition is a step of its own, with the state before it whole.
            "append": ["import", str(self.more), *where, "--append", "--no-build"],
            "build": ["build", *where, "--no-map"],
            "forget": ["forget", *where, "--user", self.user],
        }[command]

    def measure(self, command: str) -> None:
        """Run it undisturbed: what it leads to, and how long it takes."""
        folder = shutil.copytree(self.before[command], self.scratch / f"whole-{command}")
        begin = time.perf_counter()
        assert start(self.arguments(command, folder)).wait() == 0
        self.seconds[command] = time.perf_counter() - begin
        self.new[command] = state_of(folder)
        assert self.new[command] != self.previous[command]
        self.files[command] |= files_of(folder)
        shutil.rmtree(folder)

    def kill(self, command: str, share: float) -> str:
        """Kill it at ``share`` of its duration; return ``previous`` or ``new``.

        Raises
        ------
        AssertionError
            The workspace does not open, is in between, or keeps leftovers.
        """
        folder = shutil.copytree(self.before[command], self.scratch / "victim")
        process = start(self.arguments(command, folder))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self.seconds[command] * share)
        process.kill()
        process.wait()
        found = state_of(folder)
        assert found in (self.previous[command], self.new[command]), (command, share, found)
        with writing(Workspace.open(folder)):  # what every writing command begins with
            pass
        assert leftovers(folder) == [], (command, share)
        strange = files_of(folder) - self.files[command]  # neither of the previous state nor of the new
        assert not strange, (command, share, strange)
        assert state_of(folder) == found
        shutil.rmtree(folder)
        return "new" if found == self.new[command] else "previous"


def main() -> None:
    """Kill ``--runs`` commands on the synthetic shop and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workspace", type=Path, help="a built shop; made where none is given")
    options = parser.parse_args()
    source = ROOT / "sample_data" / "marketplace"
    with tempfile.TemporaryDirectory(prefix="mgrec-kills-") as scratch:
        built = Path(scratch) / "built"
        if options.workspace:
            shutil.copytree(options.workspace, built)
        workspace = Workspace.create(built)
        import_data(workspace, source)
        build(workspace, with_map=False)
        with workspace.reading() as connection:
            ((user,),) = connection.execute("SELECT min(user_id) FROM events").fetchall()
        kills = Kills(built, source, Path(scratch), str(user))
        for command in COMMANDS:
            kills.measure(command)
            print(f"{command}: {kills.seconds[command]:.1f} s undisturbed", flush=True)
        moments = random.Random(options.seed)
        found: collections.Counter[tuple[str, str]] = collections.Counter()
        for run in range(options.runs):
            command = COMMANDS[run % len(COMMANDS)]
            found[command, kills.kill(command, moments.uniform(0.02, 1.02))] += 1
        for (command, state), number in sorted(found.items()):
            print(f"{command}: {number} × {state} state, whole, nothing left over")
        print(f"{sum(found.values())} kills, 0 in between")


if __name__ == "__main__":
    main()
