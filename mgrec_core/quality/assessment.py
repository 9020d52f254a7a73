"""All checks on one workspace, as one document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import duckdb

from mgrec_core.quality import (
    automated,
    distributions,
    drift,
    duplicates,
    evidence,
    imported,
    leakage,
    missing,
    texts,
    timeline,
)
from mgrec_core.quality.document import SEVERITIES, QualityReport
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.workspace.connection import read_meta
from mgrec_core.workspace.folder import Workspace

_CHECKS = (evidence, distributions, timeline, missing, duplicates, automated, leakage, drift)

SECTIONS = tuple(module.KEY for module in (*_CHECKS, texts, imported))
"""Keys of the document's sections, in their order."""


def assess(workspace: Workspace, today: date | None = None) -> QualityReport:
    """Return the quality document of a workspace that is imported; it need not be built.

    Parameters
    ----------
    today
        The day that "in the future" is measured from; the current one (UTC) by default.

    Raises
    ------
    InputError
        Nothing was imported yet.
    WorkspaceLockedError, WorkspaceBrokenError
        The database cannot be read.
    """
    with workspace.reading() as connection:
        built = workspace.manifest().texts if workspace.was_built else {}
        return assess_tables(connection, today, built)


def assess_tables(
    connection: duckdb.DuckDBPyConnection, today: date | None = None, built: dict[str, Any] | None = None
) -> QualityReport:
    """Return the quality document of open tables and views; only temporary tables are made.

    ``built`` is what the build's manifest says of the items' texts.
    """
    data = Snapshot(connection, today or datetime.now(UTC).date())
    receipt = imported.receipt_of(data)
    checked = [module.check(data) for module in _CHECKS]
    parts = [*checked, texts.check(built or {}), imported.check(receipt)]
    meta = read_meta(data.connection)
    findings = [finding for _, found in parts for finding in found]
    return QualityReport(
        dataset=meta.get("dataset", ""),
        format=meta.get("format", ""),
        data_fingerprint=meta.get("data_fingerprint", ""),
        as_of=data.today,
        counts={
            "users": data.users,
            "items": data.items,
            "events": data.events,
            "pairs": data.pairs,
            "triples": data.count("v_kg"),
            "ties": data.count("v_social"),
            "tags": data.count("v_tags"),
            "feedback": data.count("v_feedback"),
        },
        findings=tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity))),
        sections=tuple(section for section, _ in parts),
        receipt=receipt,
    )
