"""What the imported data hold, lack and hide."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.progress import Progress
from mgrec_core.workspace.folder import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("quality", run_quality, "check the imported data: what they hold, lack and hide")
    sub.add_argument("--out", metavar="FILE", help="write the whole document too: FILE.html or FILE.json")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")


def run_quality(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``quality --workspace DIR [--json] [--out FILE.html|FILE.json] [--pseudonymise]``."""
    from mgrec_core.export.redaction import hide_quality
    from mgrec_core.quality import assess
    from mgrec_core.quality.report import as_json, check_path, write
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    out = Path(options.out) if options.out is not None else None
    if out is not None:
        check_path(out)
    workspace = Workspace.open(options.workspace)
    progress("quality", 0, 1)
    report = assess(workspace)
    if options.pseudonymise:
        report = hide_quality(report, Pseudonyms.of(workspace))
    progress("quality", 1, 1)
    if out is not None:
        write(report, out)
    if options.json:
        document: dict[str, Any] = json.loads(as_json(report))
        return document
    found = [
        {"severity": f.severity, "finding": f.title, "number": f.number, "what to do": f.remedy}
        for f in report.findings
    ]
    return {
        "dataset": report.dataset,
        "counts": report.counts,
        "findings": found or "none: every check was applied",
        **({"written": str(out)} if out is not None else {}),
    }
