"""The history of learned weights in ``state.duckdb``: every step of everybody's and each user's weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from mgrec_core.engine import presets
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.workspace.state import Row, StateFile

EVERYBODY = ""
"""Stands where a user's id would for the weights of all."""

PRESET = "feedback"
"""Name of the preset that holds everybody's current weights."""

KEPT = 500
"""Steps that are kept of everybody's and of each user's weights."""

_COLUMNS = "id, made, user_id, weights, base, reason"


@dataclass(frozen=True)
class Step:
    """Weights at one moment, and why they changed to these."""

    id: int
    made: datetime | None
    user_id: str
    weights: Weights
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "id": self.id,
            "made": self.made.isoformat() if self.made else None,
            "user_id": self.user_id,
            "weights": self.weights.values,
            "base": self.weights.base,
            "reason": self.reason,
        }


def steps(connection: duckdb.DuckDBPyConnection, user_id: str) -> list[Step]:
    """Steps of one user's weights (``EVERYBODY``: of all), oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM weight_history WHERE user_id = ? ORDER BY id", [user_id]
    ).fetchall()
    return [_step(row) for row in rows]


def append(connection: duckdb.DuckDBPyConnection, user_id: str, weights: Weights, reason: str) -> None:
    """Add a step; everybody's becomes the preset :data:`PRESET` in the same moment."""
    connection.execute(
        f"""INSERT INTO weight_history ({_COLUMNS})
            SELECT coalesce(max(id), 0) + 1, ?, ?, ?, ?, ? FROM weight_history""",
        [
            datetime.now(UTC).replace(tzinfo=None), user_id,
            json.dumps(weights.values), weights.base, reason,
        ],
    )  # fmt: skip
    connection.execute(
        """DELETE FROM weight_history WHERE user_id = ? AND id NOT IN
           (SELECT id FROM weight_history WHERE user_id = ? ORDER BY id DESC LIMIT ?)""",
        [user_id, user_id, KEPT],
    )
    if user_id == EVERYBODY:
        keep_preset(connection, weights)


def keep_preset(connection: duckdb.DuckDBPyConnection, weights: Weights | None) -> None:
    """Make weights the preset :data:`PRESET`; ``None`` removes it."""
    if weights is None:
        presets.drop(connection, PRESET)
    else:
        presets.put(connection, Preset(PRESET, dict(weights.values), weights.base, PRESET))


def drop_newest(connection: duckdb.DuckDBPyConnection, user_id: str) -> Step | None:
    """Take the newest step back; return the one that stands now, ``None`` when none is left."""
    connection.execute(
        """DELETE FROM weight_history WHERE id =
           (SELECT max(id) FROM weight_history WHERE user_id = ?)""",
        [user_id],
    )
    left = steps(connection, user_id)
    if len(left) == 1:  # the start is where the weights came from, not a step that was learned
        connection.execute("DELETE FROM weight_history WHERE user_id = ?", [user_id])
        left = []
    if user_id == EVERYBODY:
        keep_preset(connection, left[-1].weights if left else None)
    return left[-1] if left else None


def read(state: StateFile, user_id: str) -> list[Step]:
    """Steps of one user's weights (``EVERYBODY``: of all), oldest first, none without a file."""
    query = f"SELECT {_COLUMNS} FROM weight_history WHERE user_id = ? ORDER BY id"
    return list(state.read("weight_history", query, _steps, [user_id]))


def _steps(rows: list[Row]) -> list[Step]:
    return [_step(row) for row in rows]


def _step(row: tuple[object, ...]) -> Step:
    number, made, user, weights, base, reason = row
    values = {str(g): float(w) for g, w in json.loads(str(weights)).items()}
    return Step(
        int(str(number)), made if isinstance(made, datetime) else None, str(user),
        Weights(values, str(base)), str(reason),
    )  # fmt: skip
