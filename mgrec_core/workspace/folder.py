"""A workspace: one folder with one data set and everything built from it.

``mgrec.duckdb`` (tables, views, import receipt) is only ever replaced whole; builds are made
aside and switched to by one file, ``vectors/CURRENT``. A killed import or build therefore leaves
the previous state. What pages write goes to ``state.duckdb``, opened briefly.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from filelock import FileLock, Timeout

from mgrec_core.data import SCHEMA_VERSION
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError, WorkspaceLockedError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.operations.locking import writing

if TYPE_CHECKING:
    from mgrec_core.data.forgetting import Kind
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.options import ImportOptions
    from mgrec_core.data.receipt import ImportReport
    from mgrec_core.model.config import Config
    from mgrec_core.model.store import Manifest


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
    """

    imported: bool
    built: bool
    stale: bool = False
    problem: str | None = None


def database_error(database: Path, error: duckdb.Error | None = None) -> InputError:
    """What to tell a person when DuckDB cannot read a workspace's database."""
    text = str(error).lower()
    if "set lock" in text or "already attached" in text:
        return WorkspaceLockedError(f"{database} is open for writing in another program: close it there")
    if "permission denied" in text:
        return InputError(f"{database} may not be read: check its permissions")
    return WorkspaceBrokenError(f"{database} is damaged or not a workspace database: import the source again")


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
        if (workspace.path / ".forgetting").exists():  # a killed `forget` is finished before anything is read
            with contextlib.suppress(WorkspaceLockedError), writing(workspace):
                pass
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
            raise InputError(
                f"workspace {path} cannot be made ({error.strerror}): choose another --workspace"
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
        except (OSError, UnicodeDecodeError):
            return None
        return name if name.isalnum() and (self.vectors / name).is_dir() else None

    def manifest(self) -> Manifest:
        """Manifest of the build in use.

        Raises
        ------
        InputError
            There is no build yet.
        WorkspaceBrokenError
            Its manifest or files are damaged.
        """
        from mgrec_core.model.store import read_manifest

        build = self.current_build
        if build is None:
            what = "built" if self.is_imported else "imported"
            command = "build" if self.is_imported else "import SOURCE"
            raise InputError(
                f"workspace {self.path} is not {what} yet: run "
                f"`python -m mgrec_core {command} --workspace {self.path}`"
            )
        return read_manifest(self.vectors / build)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Read-only connection to the tables and views, as they are on disk now.

        The file is attached to a private database: connecting to it by its path would give a
        process that still holds the tables from before a new import those again. A further
        cursor has to ``USE mgrec``.

        Raises
        ------
        InputError
            Nothing was imported yet.
        WorkspaceLockedError
            Another program has the database open for writing.
        WorkspaceBrokenError
            The database is damaged.
        """
        if not self.is_imported:
            raise InputError(
                f"workspace {self.path} holds no data yet: run "
                f"`python -m mgrec_core import SOURCE --workspace {self.path}`"
            )
        try:
            connection = _attached(self.database)
        except duckdb.Error as error:
            raise database_error(self.database, error) from None
        try:
            facts = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        except duckdb.Error as error:
            connection.close()
            raise database_error(self.database, error) from None
        if "data_fingerprint" not in facts:
            connection.close()
            raise database_error(self.database)
        if facts.get("schema_version") != SCHEMA_VERSION:
            connection.close()
            raise WorkspaceBrokenError(
                f"{self.database} was imported by another version of mgrec: import the source again"
            )
        return connection

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
            return _meta(connection)

    def status(self) -> WorkspaceStatus:
        """Where the workspace stands; never raises for what is broken inside."""
        if not self.is_imported:
            return WorkspaceStatus(imported=False, built=False)
        try:
            fingerprint = self.meta().get("data_fingerprint")
            if self.current_build is None:
                return WorkspaceStatus(imported=True, built=False)
            manifest = self.manifest()
        except InputError as error:
            return WorkspaceStatus(True, self.current_build is not None, problem=str(error))
        return WorkspaceStatus(True, True, stale=manifest.data_fingerprint != fingerprint)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only writer; what a killed one left is finished or removed first.

        Raises
        ------
        WorkspaceLockedError
            Another process writes.
        """
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise WorkspaceLockedError(
                f"workspace {self.path} is being written by another import or build: "
                "wait for it or cancel it, then try again"
            ) from None
        except OSError as error:
            raise InputError(
                f"workspace {self.path} cannot be written ({error.strerror}): choose another --workspace"
            ) from None
        try:
            from mgrec_core.operations import resume, tidy

            resume(self)
            tidy(self.path)
            yield
        finally:
            lock.release()

    def import_source(
        self,
        source: str | Path,
        format: str | None = None,
        progress: Progress = silent,
        *,
        mapping: Mapping | None = None,
        append: bool = False,
        options: ImportOptions | None = None,
    ) -> ImportReport:
        """Import a source in place of the data held so far, or beside them; a mapping is kept.

        The database is made aside and moved into place when it is whole. Pseudonyms are made with the
        workspace's own key, so that the same identifier gets the same one in the next import.

        Parameters
        ----------
        append
            Add the source to the data held so far: the tables are then those of one import of both.
        options
            Rules to switch off and what to do with identifiers; an addition keeps the first import's.
        """
        from mgrec_core.data.importers import import_source
        from mgrec_core.operations import ASIDE
        from mgrec_core.privacy import WorkspaceKey

        with self.lock():
            if append:
                self.connect().close()  # there must be something to add to
            aside = self.path / ASIDE / self.database.name
            aside.parent.mkdir(exist_ok=True)
            key = WorkspaceKey(self.path)
            # Beside data that are there a key may be in use by an export that runs now: it stays.
            first = not self.database.exists()
            try:
                with key.unless_failed() if first else contextlib.nullcontext():
                    report = import_source(
                        source,
                        aside,
                        format,
                        progress,
                        mapping=mapping,
                        options=options,
                        key=key,
                        earlier=self.database if append else None,
                    )
                if mapping is not None:
                    from mgrec_core.data.importers.mapping.kept import keep

                    keep(self.path, mapping)
                aside.replace(self.database)
            finally:
                shutil.rmtree(aside.parent, ignore_errors=True)
        return report

    def forget(self, kind: Kind, id: str, progress: Progress = silent) -> dict[str, Any]:
        """Remove a user, an item or an event from every file of the workspace.

        Returns
        -------
        dict
            See :func:`mgrec_core.operations.forgetting`.

        Raises
        ------
        NotFoundError
            There is no such thing; nothing was changed.
        """
        from mgrec_core.operations import forget

        with self.lock():
            return forget(self, kind, id, progress)

    def build(
        self,
        model: str | None = None,
        config: str | Path | Config | None = None,
        progress: Progress = silent,
        with_map: bool = True,
    ) -> tuple[Manifest, bool]:
        """Build vectors from the tables, unless the same build is there already.

        Returns
        -------
        manifest, changed
            ``changed`` is False when nothing had to be done.
        """
        from mgrec_core.model.config import Config
        from mgrec_core.operations import review

        settings = config if isinstance(config, Config) else Config.load(config)
        if self.is_imported:
            review.apply(self)  # what was decided about names in the graph since the last build
        with self.lock(), self.reading() as connection:
            manifest, changed = self._ensure(connection, model, settings, progress)
            self._switch_to(manifest.build)
        if with_map and any(record.present for record in manifest.granularities.values()):
            from mgrec_core.engine.engine import Engine
            from mgrec_core.projection import ProjectionSettings, compute_and_store

            engine = Engine.open(self.path)
            for of in ("users", "items"):
                compute_and_store(engine, self.path, ProjectionSettings(of=of), progress)
        return manifest, changed

    def update(self, progress: Progress = silent) -> dict[str, Any] | None:
        """Build as the current build was: same model, same options, maps where it had some.

        Parts whose inputs are as they were are kept (:mod:`mgrec_core.model.granularities.parts`).

        Returns
        -------
        dict or None
            What changed (:func:`mgrec_core.operations.changes.changes`); empty where nothing did, ``None``
            without a build to update.
        """
        from mgrec_core.model.config import Config
        from mgrec_core.operations.changes import changes

        if self.current_build is None:
            return None
        before = self.manifest()
        mapped = any((self.path / "projections").glob(f"{before.build}-*"))
        config = Config.of_build(before.config)
        after, _ = self.build(before.model_source, config, progress, with_map=mapped)
        if after.build == before.build:
            return {}
        return changes(self.vectors / before.build, self.vectors / after.build)

    def _ensure(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: str | None,
        config: Config,
        progress: Progress,
    ) -> tuple[Manifest, bool]:
        """Make the build of these tables, model and options, unless it is there; do not switch to it."""
        from mgrec_core.language import model_fingerprint
        from mgrec_core.model.store import read_manifest
        from mgrec_core.operations.make import build_id, make_build

        meta = _meta(connection)
        fingerprint = model_fingerprint(model)
        identity = build_id(meta["data_fingerprint"], fingerprint, config)
        target = self.vectors / identity
        if target.is_dir():
            with contextlib.suppress(WorkspaceBrokenError):
                return read_manifest(target), False
        manifest = make_build(
            connection,
            target,
            self.path / "cache",
            identity=identity,
            meta=meta,
            model=model,
            model_fingerprint=fingerprint,
            config=config,
            earlier=self.vectors / self.current_build if self.current_build else None,
            progress=progress,
        )
        return manifest, True

    def build_aside(self, database: Path, progress: Progress = silent) -> str:
        """Build from tables that are not in place yet, as the current build was; return its id."""
        from mgrec_core.model.config import Config

        manifest = self.manifest()
        with contextlib.closing(_attached(database)) as connection:
            config = Config.of_build(manifest.config)
            return self._ensure(connection, manifest.model_source, config, progress)[0].build

    def prune_texts(self) -> None:
        """Drop from the text cache what no text of the tables needs."""
        from mgrec_core.language import TextCache
        from mgrec_core.model.config import Config
        from mgrec_core.operations.make import texts_in_use

        if (self.path / "cache").is_dir():
            manifest = self.manifest() if self.current_build else None
            config = Config.of_build(manifest.config) if manifest else Config()
            with self.reading() as connection:
                TextCache(self.path / "cache").keep(texts_in_use(connection, config))

    def point_to(self, build: str) -> None:
        """Make a build the current one."""
        aside = self.vectors / "CURRENT.part"
        aside.write_text(build, encoding="utf-8")
        aside.replace(self.vectors / "CURRENT")

    def _switch_to(self, build: str) -> None:
        """Make a build the current one and drop all others but the previous."""
        previous = self.current_build
        if previous != build:
            self.point_to(build)
        for folder in self.vectors.iterdir():
            if folder.is_dir() and folder.name not in (build, previous):
                shutil.rmtree(folder, ignore_errors=True)

    def info(self) -> dict[str, Any]:
        """Return the document of ``info --json``."""
        from mgrec_core.model.store import statuses

        manifest = self.manifest() if self.current_build else None
        meta = self.meta()
        with self.reading() as connection:
            tables = ("users", "items", "events", "item_attributes", "tags", "kg", "social", "feedback")
            rows = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]
        return {
            "workspace": str(self.path),
            "dataset": meta.get("dataset"),
            "format": meta.get("format"),
            "build": manifest.build if manifest else None,
            "stale": bool(manifest and manifest.data_fingerprint != meta.get("data_fingerprint")),
            "model": manifest.model if manifest else None,
            "counts": {table: row[0] for table, row in zip(tables, rows, strict=True) if row},
            "granularities": {
                name: {"present": status.present, "reason": status.reason}
                for name, status in (statuses(manifest) if manifest else {}).items()
            },
            "timings": manifest.timings if manifest else {},
        }


def _attached(database: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    try:
        path = str(database.resolve()).replace("'", "''")
        connection.execute(f"ATTACH '{path}' AS mgrec (READ_ONLY)")
        connection.execute("USE mgrec")
    except BaseException:
        connection.close()
        raise
    return connection


def _meta(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {str(k): str(v) for k, v in connection.execute("SELECT key, value FROM meta").fetchall()}
