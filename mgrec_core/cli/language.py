"""Language models: what is at hand, and how it reads a workspace's texts."""

from __future__ import annotations

import argparse
from typing import Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.progress import Progress


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command(
        "models", run_models, "language models at hand, and how each reads the texts", workspace=False
    )
    sub.add_argument("--workspace", metavar="DIR", help="folder of the workspace whose texts are read")
    sub.add_argument(
        "--model",
        metavar="NAME_OR_PATH",
        action="append",
        default=[],
        help="a further model; may be repeated",
    )


def run_models(options: argparse.Namespace, progress: Progress) -> list[dict[str, Any]] | dict[str, Any]:
    """``models [--workspace DIR] [--model NAME_OR_PATH …] [--json]``."""
    from mgrec_core.engine.models import models

    found = models(options.workspace, options.model, timed=not options.json, progress=progress)
    if options.json:
        return found
    shown = [{**row, "fingerprint": row["fingerprint"][:12]} for row in found]
    return {"models": shown}
