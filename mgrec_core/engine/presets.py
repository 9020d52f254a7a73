"""Named weights: built-in, tuned and saved ones, kept in the workspace's ``state.duckdb``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb

from mgrec_core.foundation.errors import InputError, MgrecError, NotFoundError
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.model.fusion.weights import default_base
from mgrec_core.model.granularities import default_weights
from mgrec_core.workspace.state import Row, StateFile

LEARNED = "learned"
RESERVED = ("default", "equal", "base only", LEARNED, "feedback")
"""Names that nobody may save under: the built-in presets, and those that learning writes."""


def built_in(present: tuple[str, ...]) -> dict[str, Preset]:
    """The presets that every workspace has, for the granularities that are present."""
    base = default_base(present)
    choices = {
        "default": default_weights(present),
        "equal": dict.fromkeys(present, 1.0),
        "base only": dict.fromkeys(present, 0.0),
    }
    return {n: Preset(n, {**w, base: 1.0}, base, "built-in") for n, w in choices.items()}


def named(name: str) -> str:
    """The name of a preset, without spare blanks.

    Raises
    ------
    InputError
        It is empty or longer than 60 characters.
    """
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise InputError("a preset needs a name of 1 to 60 characters")
    return name


def not_kept(weights: Weights, error: MgrecError) -> MgrecError:
    """What to raise where learned weights cannot be kept: what took long to learn is told, not lost."""
    given = ",".join(f"{name}={value:g}" for name, value in weights.values.items())
    return MgrecError(
        f"the learned weights are not kept, give them as `--weights {given} --base {weights.base}`: {error}"
    )


class PresetStore:
    """Presets of one workspace, which every slider step asks for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = StateFile(path)

    def all(self, present: tuple[str, ...]) -> dict[str, Preset]:
        """Built-in, tuned and saved presets by name; saved ones keep only present granularities."""
        found = built_in(present)
        query = "SELECT name, weights, base, origin FROM presets ORDER BY name"
        for preset in self._file.read("presets", query, _presets):
            if preset.base in present:
                weights = {g: preset.weights.get(g, 0.0) for g in present}
                found[preset.name] = replace(preset, weights=weights)
        return found

    def save(self, name: str, weights: dict[str, float], base: str, origin: str = "saved") -> Preset:
        """Save weights under a name, replacing a preset that was saved before.

        Raises
        ------
        InputError
            The name is empty, longer than 60 characters or a built-in preset's.
        """
        name = named(name)
        if name in RESERVED and origin != "tuned":
            raise InputError(f"{name!r} is a built-in preset: choose another name")
        preset = Preset(name, dict(weights), base, origin)
        with self._file.open(read_only=False) as connection:
            put(connection, preset)
        return preset

    def delete(self, name: str) -> None:
        """Delete a saved or tuned preset.

        Raises
        ------
        NotFoundError
            There is no such saved preset.
        """
        if self._path.is_file():
            with self._file.open(read_only=False) as connection:
                if drop(connection, name):
                    return
        raise NotFoundError(f"there is no saved preset {name!r}")


def put(connection: duckdb.DuckDBPyConnection, preset: Preset) -> None:
    """Keep a preset in an open state file, in place of one of its name."""
    connection.execute(
        "INSERT OR REPLACE INTO presets VALUES (?, ?, ?, ?)",
        [preset.name, json.dumps(dict(preset.weights), sort_keys=True), preset.base, preset.origin],
    )


def drop(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Remove a preset from an open state file; tell whether there was one."""
    gone = connection.execute("DELETE FROM presets WHERE name = ? RETURNING name", [name]).fetchall()
    return bool(gone)


def _presets(rows: list[Row]) -> list[Preset]:
    return [
        Preset(str(name), {g: float(w) for g, w in json.loads(str(text)).items()}, str(base), str(origin))
        for name, text, base, origin in rows
    ]


def choose(presets: dict[str, Preset], name: str | None) -> Preset:
    """The preset of that name; ``None`` gives the active one: learned if there is one, else default.

    Raises
    ------
    NotFoundError
        There is no preset of that name.
    """
    if name is None:
        return presets.get(LEARNED) or presets["default"]
    if name not in presets:
        raise NotFoundError(f"there is no preset {name!r}: choose among {', '.join(presets)}")
    return presets[name]
