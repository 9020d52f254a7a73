"""Language models that were made in a workspace, a folder each: ``<workspace>/models/<name>/``.

::

    record.json   what it was made of, how, and what was measured
    model/        the model itself, in the form that every tool of the field reads
    adapter/      only what was trained, where that is small

A build names such a model by its name alone, so that a workspace can be moved.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import NotFoundError, WorkspaceBrokenError
from mgrec_core.foundation.files import write_text

FOLDER = "models"
_RECORD = "record.json"
PROJECTION = "projection.json"
"""What the last projection was worth; it makes no model, and so no folder."""
TRAINING = "training"
"""Folder of a training that was begun, within the model's; it goes with its end."""
CURVE = "curve.json"
STAGES = ("mlm", "contrastive")
"""Stages of a training, in their order; each has a curve."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class ModelRecord(BaseModel):
    """A model of a workspace: where it comes from and what it is worth.

    Attributes
    ----------
    name
        Name of its folder, and of the model in builds.
    base, base_fingerprint
        The model it was made from.
    method
        How: ``mlm``, ``contrastive``, ``mlm+contrastive``, ``int8``, ``layers``, ``heads``, ``static`` …
    made
        When, ISO 8601 in UTC.
    seconds
        How long that took.
    settings
        The options it was made with.
    held_out
        What it never saw, so that figures on it are honest: descriptions of splits with their fingerprints.
    figures
        What was measured, by part of the test (``warm``, ``cold``, ``tail``, ``fused``).
    facts
        Whatever else its maker says: texts a second, bytes, why it stopped.
    """

    name: str
    base: str
    base_fingerprint: str
    method: str
    made: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    seconds: float = 0.0
    settings: dict[str, Any] = {}
    held_out: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    facts: dict[str, Any] = {}


def folder_of(workspace: Path, name: str) -> Path:
    """Folder of a model of this workspace."""
    return workspace / FOLDER / name


def path_of(workspace: Path, name: str | None) -> str | None:
    """Where the model is that a build or a person names: in this workspace, or ``name`` as it is.

    Raises
    ------
    NotFoundError
        Its training has begun and not ended.
    """
    if name is None or not _NAME.fullmatch(name):
        return name
    folder = folder_of(workspace, name)
    if (folder / TRAINING).is_dir() and not (folder / "model").is_dir():
        raise NotFoundError(
            f"the training of model {name} has not ended: ask for the same `adapt` again to go on with it"
        )
    return str(folder / "model") if (folder / "model").is_dir() else name


def free_name(workspace: Path, base: str, method: str) -> str:
    """Return a name for a new model: its base's, the method and a number."""
    plain = re.sub(r"[^a-z0-9]+", "-", f"{Path(base).name} {method}".lower()).strip("-")[:80] or "model"
    number = 1
    while folder_of(workspace, f"{plain}-{number}").exists():
        number += 1
    return f"{plain}-{number}"


def write_record(folder: Path, record: ModelRecord) -> None:
    """Write a model's record into its folder."""
    write_text(folder / _RECORD, record.model_dump_json(indent=2))


def read_record(workspace: Path, name: str) -> ModelRecord:
    """Read a model's record.

    Raises
    ------
    NotFoundError
        The workspace has no such model.
    WorkspaceBrokenError
        Its record is damaged.
    """
    path = folder_of(workspace, name) / _RECORD
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(record.name for record in models_of(workspace)) or "none"
        raise NotFoundError(f"workspace {workspace} has no model {name[:60]!r}: it has {known}")
    broken = WorkspaceBrokenError(
        f"{path} is damaged: remove the folder {path.parent} and make the model again"
    )
    try:
        return ModelRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise refusal(error, path, damaged=broken, other=broken) from None


def models_of(workspace: Path) -> list[ModelRecord]:
    """Return the whole models of a workspace, newest first; damaged ones are left out."""
    found = []
    for path in (workspace / FOLDER).glob(f"*/{_RECORD}"):
        try:
            record = ModelRecord.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        if record.name == path.parent.name and (path.parent / "model").is_dir():
            found.append(record)
    return sorted(found, key=lambda record: (record.made, record.name), reverse=True)


def seen_in_training(
    workspace: Path, name: str | None, test: str, validation: str | None = None
) -> str | None:
    """Say that a model has learned from pairs that are tested on; ``None`` where it has not.

    Parameters
    ----------
    name
        A build's language model.
    test, validation
        Fingerprints of the splits that are used.
    """
    record = next((one for one in models_of(workspace) if one.name == name), None)
    if record is None or "test" not in record.held_out:
        return None
    kept = {part: record.held_out[part]["fingerprint"] for part in ("test", "validation")}
    if test == kept["test"] and validation in (None, kept["validation"]):
        return None
    return (
        f"the language model {record.name} has learned from some of the pairs that are held out here, so that"
        " figures of `behaviour` and of fused lists are too good: only the default split and seed were kept"
        " from it"
    )


def remove_model(workspace: Path, name: str) -> None:
    """Remove a model and all that was made with it; builds that used it stay as they are.

    Raises
    ------
    NotFoundError
        The workspace has no such model.
    """
    record = read_record(workspace, name)
    shutil.rmtree(folder_of(workspace, record.name))


def write_projection(workspace: Path, record: ModelRecord) -> None:
    """Keep what the last projection was worth; it made no model, so it has no folder."""
    write_text(workspace / FOLDER / PROJECTION, record.model_dump_json(indent=2))


def projection_of(workspace: Path) -> ModelRecord | None:
    """Return what the last projection was worth, ``None`` where there was none or its file is damaged."""
    try:
        return ModelRecord.model_validate_json((workspace / FOLDER / PROJECTION).read_bytes())
    except (OSError, ValidationError):
        return None


def curves_of(workspace: Path, name: str) -> dict[str, list[dict[str, float]]]:
    """Return the curve of each stage of a model's training, also while it runs.

    Its points have ``step``, ``seconds`` and ``loss`` or ``ndcg@10``.
    """
    found = {}
    for stage in STAGES:
        for path in (
            folder_of(workspace, name) / TRAINING / stage / CURVE,
            folder_of(workspace, name) / stage / CURVE,
        ):
            with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
                points = json.loads(path.read_text(encoding="utf-8"))
                found[stage] = [{key: float(value) for key, value in point.items()} for point in points]
                break
    return found
