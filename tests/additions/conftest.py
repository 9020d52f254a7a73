"""What another distribution adds: one of the files beside this one behind an entry point."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GROUPS = {
    "added_importer": "mgrec.importers",
    "added_format": "mgrec.exports",
    "added_metric": "mgrec.metrics",
    "added_encoder": "mgrec.encoders",
    "added_baseline": "mgrec.baselines",
}

Command = Callable[..., dict[str, Any]]


def install(folder: Path, *modules: str) -> Path:
    """Lay modules and their entry points into a folder as an installer would; the folder goes on the path."""
    facts = folder / "additions-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: additions\nVersion: 1.0\n")
    points = ""
    for module in modules:
        shutil.copy(HERE / f"{module}.py", folder)
        points += f"[{GROUPS[module]}]\n{module} = {module}\n"
    (facts / "entry_points.txt").write_text(points)
    return folder


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs the real command line in a process of its own, with modules installed beside it."""

    def run(*arguments: object, added: tuple[str, ...]) -> dict[str, Any]:
        site = install(tmp_path_factory.mktemp("site"), *added)
        done = subprocess.run(
            [sys.executable, "-m", "mgrec_core", *map(str, arguments), "--json"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    return run
