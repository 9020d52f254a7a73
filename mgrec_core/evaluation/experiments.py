"""The experiment log: every evaluation of a workspace with its settings and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mgrec_core.workspace.state import StateFile


@dataclass(frozen=True)
class Experiment:
    """One evaluation.

    Attributes
    ----------
    id
        Its number in the workspace, from 1.
    made
        When, UTC, ISO 8601.
    build
        The build whose options and language model were evaluated.
    settings
        What ``evaluate`` was asked for: asked again, the same build gives the same document.
    document
        What ``evaluate`` answered.
    """

    id: int
    made: str
    build: str
    settings: dict[str, Any]
    document: dict[str, Any]

    def summary(self) -> dict[str, Any]:
        """One row of a list: what was asked and the fused list's figures."""
        models = self.document.get("models", {})
        return {
            "id": self.id,
            "made": self.made,
            "build": self.build,
            "split": self.document.get("split", {}).get("fingerprint"),
            "n_users": self.document.get("n_users"),
            "settings": self.settings,
            "fused": models.get("fused", {}),
        }

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "id": self.id,
            "made": self.made,
            "build": self.build,
            "settings": self.settings,
            "document": self.document,
        }


class ExperimentLog:
    """Experiments of one workspace, in its ``state.duckdb``."""

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path)

    def append(self, settings: Mapping[str, Any], document: Mapping[str, Any]) -> int:
        """Keep an evaluation and return its number."""
        made = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        with self._file.open(read_only=False) as connection:
            row = connection.execute(
                """INSERT INTO experiments SELECT coalesce(max(id), 0) + 1, ?, ?, ?, ? FROM experiments
                   RETURNING id""",
                [made, document["build"], json.dumps(settings), json.dumps(document, ensure_ascii=False)],
            ).fetchone()
        assert row is not None
        return int(row[0])

    def all(self) -> list[Experiment]:
        """Every experiment, oldest first.

        Raises
        ------
        WorkspaceBrokenError
            The state file is damaged.
        """
        rows = self._file.rows(
            "experiments", "SELECT id, made, build, settings, document FROM experiments ORDER BY id"
        )
        try:
            return [
                Experiment(
                    int(str(number)),
                    made.isoformat() if isinstance(made, datetime) else str(made),
                    str(build),
                    json.loads(str(settings)),
                    json.loads(str(document)),
                )
                for number, made, build, settings, document in rows
            ]
        except ValueError:
            raise self._file.damaged() from None
