"""Mappings kept in a workspace, ``mappings/NAME.yaml``, and found again by the columns they fit."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mgrec_core.data.importers.mapping.model import Mapping, load
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.files import write_text
from mgrec_core.foundation.text import shorten


def keep(workspace: Path, mapping: Mapping) -> Path:
    """Write a mapping into the workspace, in place of one of the same name.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    folder = workspace / "mappings"
    path = folder / f"{mapping.name}.yaml"
    try:
        folder.mkdir(exist_ok=True)
        write_text(path, mapping.to_yaml())
    except OSError as error:
        raise refusal(error, path, "written") from None
    return path


def kept(workspace: Path) -> dict[str, Mapping]:
    """Return the workspace's mappings by name; damaged ones are left out."""
    found = {}
    for path in sorted((workspace / "mappings").glob("*.yaml")):
        with contextlib.suppress(InputError):
            found[path.stem] = load(path)
    return found


def fitting(workspace: Path, fingerprint: str) -> Mapping | None:
    """Return a mapping that was kept for files with the same columns, or None."""
    return next(
        (one for one in kept(workspace).values() if fingerprint and one.fingerprint == fingerprint), None
    )


def named(workspace: Path, given: str) -> Mapping:
    """Return a mapping by its file, or by the name under which the workspace keeps it.

    Raises
    ------
    NotFoundError
        When there is neither.
    InputError
        When it is no mapping.
    """
    path = Path(given).expanduser()
    if path.is_file():
        return load(path)
    names = [one.stem for one in sorted((workspace / "mappings").glob("*.yaml"))]
    if given in names:
        return load(workspace / "mappings" / f"{given}.yaml")
    also = f" (the workspace keeps: {shorten(', '.join(names), 120)})" if names else ""
    raise NotFoundError(
        f"the mapping {shorten(given)} is neither a file nor a kept mapping{also}; check the name"
    )
