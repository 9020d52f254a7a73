"""Source data into a workspace."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core import uploads
from mgrec_core.commands.options import AddCommand
from mgrec_core.errors import InputError
from mgrec_core.progress import Progress
from mgrec_core.workspace import Workspace

if TYPE_CHECKING:
    from mgrec_core.data.forgetting import Kind
    from mgrec_core.data.importers.mapping import Mapping


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("import", run_import, "read a source into a workspace")
    sub.add_argument("source", metavar="SOURCE", help="folder, file, database file or postgres:// address")
    sub.add_argument("--format", help="format of the source; found from its files by default")
    sub.add_argument(
        "--mapping", metavar="FILE_OR_NAME", help="which column is what, for sources of no known format"
    )
    sub.add_argument("--remove-upload", action="store_true", help=argparse.SUPPRESS)
    sub.add_argument("--append", action="store_true", help="add to what the workspace holds")

    sub = command("forget", run_forget, "remove a user, an item or an event from every file of a workspace")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument("--user", metavar="ID")
    what.add_argument("--item", metavar="ID")
    what.add_argument("--event", metavar="ID", help="number of the event; later ones move up by one")


def run_import(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``import SOURCE --workspace DIR [--format F] [--mapping M] [--append]``."""
    if options.append:
        Workspace.open(options.workspace)
    existed = Path(options.workspace).exists()
    workspace = Workspace.create(options.workspace)
    try:
        mapping = _mapping(options, workspace)
        report = workspace.import_source(
            options.source, options.format, progress, mapping=mapping, append=options.append
        )
    except BaseException:
        if not existed:  # a refused import leaves nothing behind
            (workspace.path / ".lock").unlink(missing_ok=True)
            if not any(workspace.path.iterdir()):
                workspace.path.rmdir()
        raise
    if options.remove_upload:
        uploads.remove(workspace.path.parent, Path(options.source))
    return {"workspace": str(workspace.path), **report.to_dict()}


def _tell_kept(options: argparse.Namespace, workspace: Workspace) -> None:
    """Offer a mapping that was kept for the same columns, where the format is unknown.

    Raises
    ------
    InputError
        When the format is unknown and there is such a mapping.
    """
    if options.format or not (workspace.path / "mappings").is_dir():
        return
    from mgrec_core.data.importers import detect_format, detect_part

    try:
        (detect_part if options.append else detect_format)(options.source)
    except InputError:
        from mgrec_core.data.importers.mapping.kept import fitting
        from mgrec_core.data.importers.mapping.model import fingerprint
        from mgrec_core.data.importers.mapping.preview import sample
        from mgrec_core.data.importers.sources import as_place

        columns = fingerprint(table.samples.keys() for table in sample(as_place(options.source), 1))
        if kept := fitting(workspace.path, columns):
            raise InputError(
                f"the source is of no known format, but the workspace keeps the mapping {kept.name} for these"
                f" columns: add --mapping {kept.name}"
            ) from None
        raise


def _mapping(options: argparse.Namespace, workspace: Workspace) -> Mapping | None:
    """Return the mapping that was named, with the fingerprint of the columns it is used for."""
    if not options.mapping:
        _tell_kept(options, workspace)
        return None
    if options.format not in (None, "mapping"):
        raise InputError(f"--mapping and --format {options.format} exclude each other; leave one out")
    from mgrec_core.data.importers.mapping.kept import named
    from mgrec_core.data.importers.mapping.model import fingerprint
    from mgrec_core.data.importers.mapping.preview import sample
    from mgrec_core.data.importers.sources import as_place

    mapping = named(workspace.path, options.mapping)
    columns = fingerprint(table.samples.keys() for table in sample(as_place(options.source), 1))
    return mapping.model_copy(update={"fingerprint": columns})


def run_forget(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``forget --workspace DIR (--user ID | --item ID | --event ID)``."""
    workspace = Workspace.open(options.workspace)
    kind: Kind = "user" if options.user is not None else "item" if options.item is not None else "event"
    done = workspace.forget(kind, getattr(options, kind), progress)
    return {"workspace": str(workspace.path), **done}
