"""Named weights: built-in, tuned and saved ones, kept in the workspace's ``state.duckdb``."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from mgrec_core.errors import InputError, NotFoundError, WorkspaceBrokenError, WorkspaceLockedError
from mgrec_core.fusion.weights import DEFAULT_WEIGHTS, default_base
from mgrec_core.results import Preset

LEARNED = "learned"
_ONE_THREAD = threading.Lock()
_RESERVED = ("default", "equal", "base only", LEARNED)
_TABLE = """CREATE TABLE IF NOT EXISTS presets (
    name VARCHAR PRIMARY KEY, weights VARCHAR NOT NULL, base VARCHAR NOT NULL, origin VARCHAR NOT NULL)"""


def built_in(present: tuple[str, ...]) -> dict[str, Preset]:
    """The presets that every workspace has, for the granularities that are present."""
    base = default_base(present)
    choices = {
        "default": {g: DEFAULT_WEIGHTS[g] for g in present},
        "equal": dict.fromkeys(present, 1.0),
        "base only": dict.fromkeys(present, 0.0),
    }
    return {n: Preset(n, {**w, base: 1.0}, base, "built-in") for n, w in choices.items()}


class PresetStore:
    """Presets of one workspace.

    The file is opened for each call and closed again, and read only when it has changed: every
    slider step asks for the presets.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int], list[tuple[str, str, str, str]]] | None = None

    def all(self, present: tuple[str, ...]) -> dict[str, Preset]:
        """Built-in, tuned and saved presets by name; saved ones keep only present granularities."""
        found = built_in(present)
        if not self._path.is_file():
            return found
        for name, text, base, origin in self._rows():
            if base in present:
                try:
                    stored = json.loads(text)
                    weights = {g: float(stored.get(g, 0.0)) for g in present}
                except (ValueError, TypeError, AttributeError):
                    raise self._damaged() from None
                found[name] = Preset(name, weights, base, origin)
        return found

    def _rows(self) -> list[tuple[str, str, str, str]]:
        stat = self._path.stat()
        version = (stat.st_mtime_ns, stat.st_size)
        if self._read is None or self._read[0] != version:
            with self._open(read_only=True) as connection:
                held = connection.execute(
                    "SELECT 1 FROM duckdb_tables() WHERE table_name = 'presets'"
                ).fetchone()
                rows = connection.execute("FROM presets ORDER BY name").fetchall() if held else []
            self._read = version, rows
        return self._read[1]

    def save(self, name: str, weights: dict[str, float], base: str, origin: str = "saved") -> Preset:
        """Save weights under a name, replacing a preset that was saved before.

        Raises
        ------
        InputError
            The name is empty, longer than 60 characters or a built-in preset's.
        """
        name = " ".join(name.split())
        if not name or len(name) > 60:
            raise InputError("a preset needs a name of 1 to 60 characters")
        if name in _RESERVED and origin != "tuned":
            raise InputError(f"{name!r} is a built-in preset: choose another name")
        with self._open(read_only=False) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO presets VALUES (?, ?, ?, ?)",
                [name, json.dumps(weights, sort_keys=True), base, origin],
            )
        return Preset(name, dict(weights), base, origin)

    def delete(self, name: str) -> None:
        """Delete a saved or tuned preset.

        Raises
        ------
        NotFoundError
            There is no such saved preset.
        """
        if self._path.is_file():
            with self._open(read_only=False) as connection:
                gone = connection.execute(
                    "DELETE FROM presets WHERE name = ? RETURNING name", [name]
                ).fetchall()
            if gone:
                return
        raise NotFoundError(f"there is no saved preset {name!r}")

    @contextlib.contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """Connect, one thread at a time: DuckDB opens a file in one mode a process."""
        with _ONE_THREAD, self._connection(read_only) as connection:
            yield connection

    @contextlib.contextmanager
    def _connection(self, read_only: bool, patience: float = 2.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Connect, waiting up to ``patience`` seconds for another process to let go."""
        deadline = time.monotonic() + patience
        while True:
            try:
                connection = duckdb.connect(str(self._path), read_only=read_only)
                break
            except duckdb.Error as error:
                text = str(error).lower()
                if "permission denied" in text or "read-only file system" in text:
                    raise InputError(f"{self._path} may not be opened: check its permissions") from None
                # Another process holds the file, or other code of this one in the other mode.
                if "set lock" not in text and "different configuration" not in text:
                    raise self._damaged() from None
                if time.monotonic() > deadline:
                    raise WorkspaceLockedError(
                        f"{self._path} is being written by another process: try again in a moment"
                    ) from None
                time.sleep(0.05)
        try:
            if not read_only:
                connection.execute(_TABLE)
            yield connection
        except duckdb.Error:
            raise self._damaged() from None
        finally:
            connection.close()

    def _damaged(self) -> WorkspaceBrokenError:
        return WorkspaceBrokenError(
            f"{self._path} is damaged: move it away; it holds presets and feedback only"
        )


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
