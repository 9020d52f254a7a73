"""Source data into a workspace."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mgrec_core.commands.options import AddCommand
from mgrec_core.progress import Progress
from mgrec_core.workspace import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("import", run_import, "read a source folder into a workspace")
    sub.add_argument("source", metavar="SOURCE", help="folder with the source files")
    sub.add_argument("--format", help="format of the source; found from its files by default")


def run_import(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``import SOURCE --workspace DIR [--format F]``."""
    existed = Path(options.workspace).exists()
    workspace = Workspace.create(options.workspace)
    try:
        report = workspace.import_source(options.source, options.format, progress)
    except BaseException:
        if not existed:  # a refused import leaves nothing behind
            (workspace.path / ".lock").unlink(missing_ok=True)
            if not any(workspace.path.iterdir()):
                workspace.path.rmdir()
        raise
    return {"workspace": str(workspace.path), **report.to_dict()}
