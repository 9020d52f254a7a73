"""Learned λ of people and advertisements, kept in the workspace's ``state.duckdb``."""

from __future__ import annotations

import json
from pathlib import Path

from mgrec_core.foundation.results import Weights
from mgrec_core.workspace.state import StateFile


def learned(state: Path, target: str) -> Weights | None:
    """The weights that ``tune --target`` saved last; ``None`` before that."""
    file = StateFile(state)
    rows = file.rows("target_weights", "SELECT target, weights, base FROM target_weights")
    try:
        found = {str(t): Weights(json.loads(str(w)), str(base)) for t, w, base in rows}
    except ValueError:
        raise file.damaged() from None
    return found.get(target)


def keep(state: Path, target: str, weights: Weights) -> None:
    """Save learned weights, in place of those of before."""
    with StateFile(state).open(read_only=False) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO target_weights VALUES (?, ?, ?)",
            [target, json.dumps(weights.values), weights.base],
        )
