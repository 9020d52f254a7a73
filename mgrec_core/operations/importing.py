"""Import a source into a workspace, in place of its data or beside them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation import log
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.operations.locking import writing
from mgrec_core.operations.staging import STAGING
from mgrec_core.workspace.folder import Workspace

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.options import ImportOptions
    from mgrec_core.data.receipt import ImportReport
    from mgrec_core.workspace.key import WorkspaceKey


def import_data(
    workspace: Workspace | str | Path,
    source: str | Path,
    format: str | None = None,
    progress: Progress = silent,
    *,
    mapping: Mapping | None = None,
    append: bool = False,
    options: ImportOptions | None = None,
    trusted: bool = True,
) -> ImportReport:
    """Import a source in place of the data held so far, or beside them; a mapping is kept.

    The database is staged and moved into place when it is whole. Pseudonyms are made with the
    workspace's own key, so that the same identifier gets the same one in the next import.

    Parameters
    ----------
    workspace
        A workspace or its folder, which is made where there is none.
    source
        Folder, file, database file or ``postgres://`` address.
    format
        Format of the source; found from its files by default.
    append
        Add the source to the data held so far: the tables are then those of one import of both.
    options
        Rules to switch off and what to do with identifiers; an addition keeps the first import's.
    trusted
        Whether the source is read within this process; False reads it in one of its own, with the
        limits of :data:`mgrec_core.data.confined.IMPORTING`, as the command line and the dashboard do.

    Raises
    ------
    InputError
        The source cannot be read, or is of no known format; the workspace is as it was.
    WorkspaceLockedError
        Another import or build writes.
    """
    from mgrec_core.workspace.key import WorkspaceKey

    if not isinstance(workspace, Workspace):
        with unless_refused(Path(workspace)):
            return import_data(
                Workspace.create(workspace),
                source,
                format,
                progress,
                mapping=mapping,
                append=append,
                options=options,
                trusted=trusted,
            )
    with writing(workspace):
        if append:
            workspace.connect().close()  # there must be something to add to
        told = log.timed(log.get("import"), "import", workspace=workspace.path.name, append=append)
        staged = workspace.path / STAGING / workspace.database.name
        staged.parent.mkdir(exist_ok=True)
        key = WorkspaceKey(workspace.path)
        # Beside data that are there a key may be in use by an export that runs now: it stays.
        first = not workspace.database.exists()
        try:
            with key.unless_failed() if first else contextlib.nullcontext(), told as facts:
                report = (_read_here if trusted else _read_apart)(
                    source,
                    staged,
                    format,
                    progress,
                    mapping=mapping,
                    options=options,
                    key=key,
                    earlier=workspace.database if append else None,
                )
                facts |= {"format": report.format, "rows": report.counts}
            if mapping is not None:
                from mgrec_core.data.importers.mapping.kept import keep

                keep(workspace.path, mapping)
            staged.replace(workspace.database)
        finally:
            shutil.rmtree(staged.parent, ignore_errors=True)
    return report


def _read_here(source: str | Path, staged: Path, *given: Any, **named: Any) -> ImportReport:
    from mgrec_core.data.importers import import_source

    return import_source(source, staged, *given, **named)


def _read_apart(
    source: str | Path, staged: Path, *given: Any, key: WorkspaceKey, **named: Any
) -> ImportReport:
    from mgrec_core.data.confined import importing
    from mgrec_core.data.importers.sources import as_place

    return importing(as_place(source), staged, *given, key=staged.parents[1], **named).result()


@contextlib.contextmanager
def unless_refused(folder: Path) -> Iterator[None]:
    """Remove a workspace's folder again that was made for an import which was refused."""
    existed = folder.exists()
    try:
        yield
    except BaseException:
        if not existed and folder.is_dir():
            (folder / ".lock").unlink(missing_ok=True)
            if not any(folder.iterdir()):
                folder.rmdir()
        raise
