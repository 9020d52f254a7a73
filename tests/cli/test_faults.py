"""Commands on a full disk, a disk to read only and under caps: true words, exit 1, nothing lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.workspace.folder import Workspace
from tests.cli.faults import COMMANDS, READING, ROOT, capped, full, holds, prepare, read_only, small_disk
from tests.worlds import full as every_source

IN_SUITE = (
    "build",
    "append",
    "forget",
    "evaluate",
    "tune",
    "sweep",
    "pareto",
    "panel",
    "feedback import",
    "export",
    "recommend",
    "quality",
)


@pytest.fixture(scope="module")
def ids(built_world: Workspace) -> tuple[str, str]:
    engine = Engine.open(built_world.path)
    return engine.user_ids[0], engine.item_ids[0]


@pytest.fixture(scope="module")
def disk(
    built_world: Workspace, ids: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("faults")
    source = every_source().write(folder / "source")
    try:
        with small_disk(folder / "disk", 48) as disk:
            prepare(disk, built_world.path, source, *ids)
            yield disk
    except PermissionError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", IN_SUITE)
def test_a_full_disk(disk: Path, ids: tuple[str, str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = holds(disk / "ws")
    with full(disk):
        code = main((READING | COMMANDS)[name](disk, *ids))
    said = capsys.readouterr().err
    assert code == 1
    assert "free space there" in said and "damaged" not in said and "import the source again" not in said
    assert holds(disk / "ws") == before


@pytest.mark.parametrize("name", ["build", "evaluate", "feedback import", "export"])
def test_a_disk_to_read_only(
    disk: Path, ids: tuple[str, str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = holds(disk / "ws")
    read_only(disk)
    try:
        code = main((READING | COMMANDS)[name](disk, *ids))
    finally:
        read_only(disk, False)
    said = capsys.readouterr().err
    assert code in (1, 2) and "read-only file system" in said.lower() and "damaged" not in said
    assert holds(disk / "ws") == before


@pytest.mark.parametrize(("name", "megabytes"), [("build", 300), ("build", 900), ("import", 1000)])
def test_a_cap_on_memory(disk: Path, ids: tuple[str, str], name: str, megabytes: int) -> None:
    """Whose cap it is is told too: the reader of a source has one of its own, which is not met here."""
    before = holds(disk / "ws")
    code, said = capped(disk, COMMANDS[name](disk, *ids), f"-v {megabytes << 10}")
    assert code == 1 and "not enough memory" in said and "Traceback" not in said
    assert holds(disk / "ws") == before


@pytest.mark.parametrize("name", ["feedback import", "import"])
def test_a_cap_on_files(disk: Path, ids: tuple[str, str], name: str) -> None:
    before = holds(disk / "ws")
    code, said = capped(disk, COMMANDS[name](disk, *ids), "-f 16")
    assert code == 1 and "`ulimit -f`" in said
    assert holds(disk / "ws") == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux")
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_deaf_under_a_cap_ends_when_asked(asked: signal.Signals) -> None:
    deaf = (
        "import resource, signal, sys, time\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30,) * 2)\n"
        "from mgrec_core.cli import capped\n"
        "capped.GRACE = 1\n"
        "def command():\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})\n"
        "    print('deaf', flush=True)\n"
        "    time.sleep(600)\n"
        "    return 0\n"
        "sys.exit(capped.run(command))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", deaf], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "deaf\n"
        process.send_signal(asked)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1 and said == "mgrec: cancelled; the workspace is as it was\n"


@pytest.mark.parametrize("end", ["os.abort", "lambda: os._exit(127)"])  # the second is the C library's
def test_an_abort_under_a_cap_is_told(end: str) -> None:
    aborting = (
        "import os, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30,) * 2)\n"
        "from mgrec_core.cli import capped\n"
        f"sys.exit(capped.run({end}))\n"
    )
    done = subprocess.run([sys.executable, "-c", aborting], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("mgrec: not enough memory for this")
