"""Source data into a workspace."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.commands.options import AddCommand
from mgrec_core.progress import Progress
from mgrec_core.workspace import Workspace

if TYPE_CHECKING:
    from mgrec_core.data.options import ImportOptions


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("import", run_import, "read a source folder into a workspace")
    sub.add_argument("source", metavar="SOURCE", help="folder with the source files")
    sub.add_argument("--format", help="format of the source; found from its files by default")
    sub.add_argument("--without", metavar="RULE,…", action="append", default=[], help="rules to switch off")
    sub.add_argument(
        "--identifiers",
        metavar="drop|hash|keep",
        help="e-mail addresses, phone numbers, names …; by default attributes are dropped, ids hashed",
    )
    for handling in ("keep", "hash", "drop"):
        sub.add_argument(
            f"--{handling}-column",
            metavar="NAME",
            action="append",
            default=[],
            help=f"{handling} a column, whatever it seems to hold; may be given several times",
        )
    sub.add_argument("--options", metavar="FILE", help="YAML file with these choices, instead of them")
    command("rules", run_rules, "list the cleaning rules, and what switching one off does", workspace=False)


def import_options(options: argparse.Namespace) -> ImportOptions:
    """Read the choices from the command line or the file that it names.

    Raises
    ------
    InputError
        When one is wrong, or both places are used.
    """
    from mgrec_core.data.options import ImportOptions
    from mgrec_core.errors import InputError

    chosen = ImportOptions.of(
        [name for names in options.without for name in names.split(",")],
        options.identifiers,
        keep_columns=options.keep_column,
        hash_columns=options.hash_column,
        drop_columns=options.drop_column,
    )
    if options.options is None:
        return chosen
    if chosen != ImportOptions():
        raise InputError("give the choices either in the file of --options or as options of their own")
    return ImportOptions.load(options.options)


def run_import(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``import SOURCE --workspace DIR [--format F] [--without RULE,…] [--identifiers HOW]``."""
    chosen = import_options(options)
    existed = Path(options.workspace).exists()
    workspace = Workspace.create(options.workspace)
    try:
        report = workspace.import_source(options.source, options.format, progress, chosen)
    except BaseException:
        if not existed:  # a refused import leaves nothing behind
            (workspace.path / ".lock").unlink(missing_ok=True)
            if not any(workspace.path.iterdir()):
                workspace.path.rmdir()
        raise
    return {"workspace": str(workspace.path), **report.to_dict()}


def run_rules(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``rules``: needs no workspace."""
    from mgrec_core.data.rules import list_rules

    return {"rules": [asdict(rule) for rule in list_rules()]}
