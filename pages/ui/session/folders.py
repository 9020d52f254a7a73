"""Where the workspaces are."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def root() -> Path:
    """Return the folder of workspaces: the environment's MGREC_WORKSPACES or ./workspaces."""
    return Path(os.environ.get("MGREC_WORKSPACES") or PROJECT / "workspaces")
