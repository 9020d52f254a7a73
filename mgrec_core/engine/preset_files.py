"""Presets as a JSON file that another workspace can read."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Preset
from mgrec_core.model.fusion.weights import check_name

_MOST_BYTES = 1_000_000


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(min_length=1, max_length=60)
    base: str
    weights: dict[str, float]
    origin: str = "saved"


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")

    presets: list[_Entry]


def write_presets(presets: Iterable[Preset]) -> str:
    """Return presets as one JSON document: ``{"presets": [{"name", "base", "weights", "origin"}]}``."""
    rows = [{"name": p.name, "base": p.base, "weights": dict(p.weights), "origin": p.origin} for p in presets]
    return json.dumps({"presets": rows}, ensure_ascii=False, indent=2)


def read_presets(text: str | bytes, present: tuple[str, ...]) -> list[Preset]:
    """Read presets of a JSON document, for the granularities that a build has.

    Weights of granularities that the build lacks are left out; all presets are checked before any
    is returned.

    Raises
    ------
    InputError
        It is no such document, a weight lies outside [0, 1], a granularity does not exist, or a
        preset's base is absent here.
    """
    if len(text) > _MOST_BYTES:
        raise InputError("the file is over 1 MB: a file of presets is much smaller")
    try:
        found = _File.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the document"
        raise InputError(
            f"this is no file of presets ({where[:80]} is wrong): export one to see its form"
        ) from None
    presets = []
    for entry in found.presets:
        for name, value in entry.weights.items():
            check_name(name)
            if not 0 <= value <= 1:
                raise InputError(f"preset {entry.name!r}: the weight of {name} is {value:g}, not from 0 to 1")
        check_name(entry.base)
        if entry.base not in present:
            raise InputError(
                f"preset {entry.name!r} has the base {entry.base}, which this build does not have"
            )
        weights = {g: 1.0 if g == entry.base else entry.weights.get(g, 0.0) for g in present}
        presets.append(Preset(entry.name, weights, entry.base, "saved"))
    if not presets:
        raise InputError("the file holds no preset")
    return presets
