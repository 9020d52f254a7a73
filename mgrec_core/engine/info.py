"""What a workspace holds: data, build, granularities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mgrec_core.data.receipt import COUNTED, count_rows
from mgrec_core.data.signals.filling import kinds, ratings
from mgrec_core.model.store import statuses
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import without_digests


def info(workspace: Workspace | str | Path) -> dict[str, Any]:
    """Return the document of ``info --json``; ``notes`` is there where there is something to be told.

    Parameters
    ----------
    workspace
        A workspace or its folder.

    Raises
    ------
    InputError
        Nothing was imported yet.
    WorkspaceBrokenError
        The database or the build is damaged.
    """
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    manifest = workspace.manifest() if workspace.was_built else None
    meta = workspace.meta()
    with workspace.reading() as connection:
        counts = {name: count_rows(connection, table) for name, table in COUNTED.items()}
        read_as = {"ratings": ratings(connection), "kinds": kinds(connection)}
    note = without_digests(workspace.vectors / manifest.build, manifest) if manifest else None
    return {
        "workspace": str(workspace.path),
        "dataset": meta.get("dataset"),
        "format": meta.get("format"),
        "build": manifest.build if manifest else None,
        "stale": bool(manifest and manifest.data_fingerprint != meta.get("data_fingerprint")),
        "model": manifest.model if manifest else None,
        **({"model_reason": manifest.model_reason} if manifest and manifest.model_reason else {}),
        "counts": counts,
        **read_as,
        "granularities": {
            name: {"present": status.present, "reason": status.reason}
            | ({"unreliable": status.unreliable} if status.unreliable else {})
            for name, status in (statuses(manifest) if manifest else {}).items()
        },
        "texts": manifest.texts if manifest else {},
        "timings": manifest.timings if manifest else {},
        **({"notes": [note]} if note else {}),
    }
