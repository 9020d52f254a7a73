"""The manifest of a build: what it was made from and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import WorkspaceBrokenError

MANIFEST = "manifest.json"


class BlockRecord(BaseModel):
    """Where a block's matrices are stored."""

    evidence: str
    items: str
    scale: float


class GranularityRecord(BaseModel):
    """One granularity of a build."""

    present: bool
    reason: str
    n_evidence: int = 0
    dimensions: int = 0
    kind: str = ""
    weights: str = ""
    language: str = ""
    blocks: list[BlockRecord] = []


class PartRecord(BaseModel):
    """A part that the next build may keep: digests of what it was made from and of what it is."""

    inputs: str
    content: str
    arrays: list[str]
    facts: dict[str, bool | float | str] = {}


class Manifest(BaseModel):
    """What a build was made from and what it holds.

    ``files`` gives the size in bytes of every file, so that a truncated build is noticed when
    it is opened.
    ``model_source`` is the name or path that was asked for, ``None`` for the embedded model.
    ``parts`` says what the next build may keep (:mod:`mgrec_core.model.granularities.parts`), ``kept`` what
    this one kept of the build before. ``timings`` are seconds; they and ``kept`` are all that differs
    between equal builds.
    """

    build: str
    engine_version: str
    dataset: str
    data_fingerprint: str
    model: str
    model_source: str | None = None
    model_fingerprint: str
    config: dict[str, Any]
    counts: dict[str, int]
    granularities: dict[str, GranularityRecord]
    arrays: dict[str, str]
    files: dict[str, int] = {}
    parts: dict[str, PartRecord] = {}
    kept: list[str] = []
    timings: dict[str, float] = {}


def read_manifest(folder: Path) -> Manifest:
    """Read and check a build's manifest.

    Raises
    ------
    WorkspaceBrokenError
        The manifest or a file it names is missing, truncated or not readable.
    """
    fix = f"run `python -m mgrec_core build --workspace {folder.parent.parent}` again"
    broken = WorkspaceBrokenError(f"{folder / MANIFEST} is missing or not a manifest: {fix}")
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValidationError):
        raise broken from None
    except OSError as error:
        absent = cause_of(error) is Cause.ABSENT
        raise broken if absent else refusal(error, folder / MANIFEST, damaged=broken) from None
    for name, size in manifest.files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise WorkspaceBrokenError(f"{path} is missing or truncated: {fix}")
    return manifest
