"""A workspace: one folder with one data set and everything built from it.

``mgrec.duckdb`` (tables, views, import receipt) is only ever replaced whole; builds are made
aside and switched to by one file, ``vectors/CURRENT``. A killed import or build therefore leaves
the previous state. What pages write goes to ``state.duckdb``, opened briefly.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, MgrecError, NotFoundError, WorkspaceBrokenError
from mgrec_core.foundation.files import write_text
from mgrec_core.workspace import digests, unfinished
from mgrec_core.workspace.connection import connect_checked, database_error, read_meta

if TYPE_CHECKING:
    from mgrec_core.workspace.manifest import Manifest


@dataclass(frozen=True)
class WorkspaceStatus:
    """Where a workspace stands.

    Attributes
    ----------
    imported, built
        There are tables; there is a build.
    stale
        The build was made from other data than the tables hold now.
    problem
        One sentence when something is broken, else ``None``.
    mends
        Importing or building again mends that: files are damaged, and it is not space, memory or a right that
        is missing.
    """

    imported: bool
    built: bool
    stale: bool = False
    problem: str | None = None
    mends: bool = False


class Workspace:
    """Paths and operations of one workspace folder; opening it reads nothing yet."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def database(self) -> Path:
        """Tables and views."""
        return self.path / "mgrec.duckdb"

    @property
    def state(self) -> Path:
        """Presets and feedback."""
        return self.path / "state.duckdb"

    @property
    def vectors(self) -> Path:
        """Folder of the builds."""
        return self.path / "vectors"

    def model_at(self, name: str | None) -> str | None:
        """Where a language model is that a build names (:func:`mgrec_core.workspace.models.path_of`)."""
        from mgrec_core.workspace.models import path_of

        return path_of(self.path, name)

    @property
    def is_imported(self) -> bool:
        """There are tables."""
        return self.database.is_file()

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """Open an existing folder.

        Raises
        ------
        NotFoundError
            There is no such folder.
        InputError
            The path is empty or a file.
        """
        workspace = cls._of(path)
        if workspace.path.exists() and not workspace.path.is_dir():
            raise InputError(f"workspace {path} is a file: give the folder of a workspace")
        if not workspace.path.is_dir():
            raise NotFoundError(
                f"workspace {path} does not exist: create it with "
                f"`python -m mgrec_core import SOURCE --workspace {path}`"
            )
        unfinished.finish(workspace.path)  # a killed `forget`, before anything is read
        return workspace

    @classmethod
    def create(cls, path: str | Path) -> Workspace:
        """Open a folder, making it where there is none.

        Raises
        ------
        InputError
            The path is a file or may not be written.
        """
        workspace = cls._of(path)
        try:
            workspace.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refusal(
                error, f"workspace {path}", "written", choose="choose another --workspace"
            ) from None
        return workspace

    @classmethod
    def _of(cls, path: str | Path) -> Workspace:
        if not str(path).strip():  # Path("") would be the current folder
            raise InputError("the workspace has no name: give a folder")
        return cls(path)

    @property
    def current_build(self) -> str | None:
        """Id of the build in use, or ``None``."""
        try:
            name = (self.vectors / "CURRENT").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            if cause_of(error) not in (None, Cause.ABSENT, Cause.DAMAGED):
                raise refusal(error, self.vectors / "CURRENT") from None
            return None
        return name if name.isalnum() and (self.vectors / name).is_dir() else None

    @property
    def was_built(self) -> bool:
        """There is a build in use, or there was one: what is wrong with it :meth:`manifest` tells."""
        return (self.vectors / "CURRENT").exists()

    @property
    def _names_no_build(self) -> bool:
        """``CURRENT`` is there and says nothing that is."""
        return self.was_built and self.current_build is None

    def manifest(self) -> Manifest:
        """Manifest of the build in use.

        Raises
        ------
        InputError
            There is no build yet.
        WorkspaceBrokenError
            Its manifest or files are damaged.
        """
        from mgrec_core.workspace.manifest import read_manifest  # checked models take .1 s to load

        build = self.current_build
        if build is None and self._names_no_build:
            raise WorkspaceBrokenError(
                f"{self.vectors / 'CURRENT'} is damaged, it names no build: run "
                f"`python -m mgrec_core build --workspace {self.path}` again"
            )
        if build is None:
            what = "built" if self.is_imported else "imported"
            command = "build" if self.is_imported else "import SOURCE"
            raise InputError(
                f"workspace {self.path} is not {what} yet: run "
                f"`python -m mgrec_core {command} --workspace {self.path}`"
            )
        return read_manifest(self.vectors / build)

    def build_stamps(self) -> tuple[tuple[str, digests.Stamp | None], ...]:
        """What is another after any file of the build in use was written, replaced or removed."""
        folder = self.vectors / (self.current_build or "none")
        try:
            paths = sorted(folder.iterdir())
        except OSError:
            return ()
        return tuple((path.name, digests.stamp(path)) for path in paths)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Read-only connection to the tables and views (:func:`mgrec_core.workspace.connection.connect`).

        Raises
        ------
        InputError
            Nothing was imported yet.
        WorkspaceLockedError, WorkspaceBrokenError
            As :func:`mgrec_core.workspace.connection.connect_checked`.
        """
        if not self.is_imported:
            raise InputError(
                f"workspace {self.path} holds no data yet: run "
                f"`python -m mgrec_core import SOURCE --workspace {self.path}`"
            )
        return connect_checked(self.database)

    @contextlib.contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """:meth:`connect` for a ``with`` block; what DuckDB cannot read there is told readably.

        Raises
        ------
        InputError, WorkspaceLockedError, WorkspaceBrokenError
            As :meth:`connect`; the last one also when damage shows only while reading.
        """
        with contextlib.closing(self.connect()) as connection:
            try:
                yield connection
            except duckdb.Error as error:
                raise database_error(self.database, error) from None

    def meta(self) -> dict[str, str]:
        """Facts about the import: dataset, format, source, data_fingerprint."""
        with self.reading() as connection:
            return read_meta(connection)

    def status(self) -> WorkspaceStatus:
        """Where the workspace stands; never raises for what is broken inside."""
        if not self.is_imported:
            return WorkspaceStatus(imported=False, built=False)
        try:
            fingerprint = self.meta().get("data_fingerprint")
            if self.current_build is None and not self._names_no_build:
                return WorkspaceStatus(imported=True, built=False)
            manifest = self.manifest()
        except MgrecError as error:
            mends = isinstance(error, WorkspaceBrokenError)
            return WorkspaceStatus(True, self._has_build(), problem=str(error), mends=mends)
        return WorkspaceStatus(True, True, stale=manifest.data_fingerprint != fingerprint)

    def _has_build(self) -> bool:
        try:
            return self.current_build is not None
        except MgrecError:
            return True

    def point_to(self, build: str) -> None:
        """Make a build the current one."""
        write_text(self.vectors / "CURRENT", build)
