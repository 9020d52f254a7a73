"""Source data into a workspace."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mgrec_core.cli.options import AddCommand, trusted_option
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.foundation.progress import Progress
from mgrec_core.foundation.text import count, shorten
from mgrec_core.workspace import uploads
from mgrec_core.workspace.folder import Workspace

if TYPE_CHECKING:
    from mgrec_core.data.forgetting import Kind
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.options import ImportOptions
    from mgrec_core.data.receipt import ImportReport


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("import", run_import, "read a source into a workspace")
    sub.add_argument("source", metavar="SOURCE", help="folder, file, database file or postgres:// address")
    sub.add_argument("--format", help="format of the source; found from its files by default")
    sub.add_argument(
        "--mapping", metavar="FILE_OR_NAME", help="which column is what, for sources of no known format"
    )
    sub.add_argument("--remove-upload", action="store_true", help=argparse.SUPPRESS)
    sub.add_argument(
        "--append", action="store_true", help="add to what the workspace holds, and update its build"
    )
    sub.add_argument("--no-build", action="store_true", help="with --append: leave the build as it is")
    sub.add_argument("--without", metavar="RULE,…", action="append", default=[], help="rules to switch off")
    sub.add_argument(
        "--identifiers",
        metavar="drop|hash|keep",
        help="e-mail addresses, phone numbers, names …; by default attributes are dropped, ids hashed",
    )
    sub.add_argument(
        "--time-form",
        metavar="FORM",
        help="how times are written where the file does not tell, such as %%d/%%m/%%Y, or days (since 1970)",
    )
    sub.add_argument(
        "--join-ids",
        metavar="WHAT,…",
        action="append",
        default=[],
        help="ids that differ from the catalogue's only by this are the same: zeros, case, quotes, decimals,"
        " thousands, prefix",
    )
    for handling in ("keep", "hash", "drop"):
        sub.add_argument(
            f"--{handling}-column",
            metavar="NAME",
            action="append",
            default=[],
            help=f"{handling} a column, whatever it seems to hold; may be given several times",
        )
    sub.add_argument(
        "--strength",
        metavar="KIND=NUMBER",
        action="append",
        default=[],
        help="what events of a kind say, −1 against an interest to 1 for it; may be given several times",
    )
    sub.add_argument("--liked", metavar="RATING", help="least rating of what is liked; found by default")
    sub.add_argument("--disliked", metavar="RATING", help="greatest rating of what is disliked")
    sub.add_argument(
        "--no-rating",
        metavar="NUMBER,…",
        action="append",
        help='values that mean "no rating"; "none" where every value is one',
    )
    sub.add_argument(
        "--repeats",
        metavar="last|first|mean",
        help="which of a user's several opinions on an item counts; mean: the mean of what they say, −1 to 1,"
        " whatever their scales",
    )
    for option, meaning in (
        ("role", "attribute, list, number, text, date, url, image, id or ignore, whatever it seems to be"),
        ("separator", "what separates the values in its cells: a sign, json, python, braces or none"),
    ):
        sub.add_argument(
            f"--{option}", metavar=f"COLUMN={option.upper()}", action="append", default=[],
            help=f"of an attribute column: {meaning}; may be given several times",
        )  # fmt: skip
    sub.add_argument("--options", metavar="FILE", help="YAML file with these choices, instead of them")
    trusted_option(sub)
    command("rules", run_rules, "list the cleaning rules, and what switching one off does", workspace=False)

    sub = command("forget", run_forget, "remove a user, an item or an event from every file of a workspace")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument("--user", metavar="ID")
    what.add_argument("--item", metavar="ID")
    what.add_argument("--event", metavar="ID", help="number of the event; later ones move up by one")


def import_options(options: argparse.Namespace) -> ImportOptions:
    """Read the choices from the command line or the file that it names.

    Raises
    ------
    InputError
        When one is wrong, or both places are used.
    """
    from mgrec_core.data.options import ImportOptions

    chosen = ImportOptions.of(
        [name for names in options.without for name in names.split(",")],
        options.identifiers,
        time_form=options.time_form,
        join_ids=[name for names in options.join_ids for name in names.split(",")],
        roles=_pairs("role", options.role),
        separators=_pairs("separator", options.separator),
        keep_columns=options.keep_column,
        hash_columns=options.hash_column,
        drop_columns=options.drop_column,
        strengths=_pairs("strength", options.strength),
        ratings={
            "liked": options.liked,
            "disliked": options.disliked,
            "missing": _no_rating(options.no_rating),
            "repeats": options.repeats,
        },
    )
    if options.options is None:
        return chosen
    if chosen != ImportOptions():
        raise InputError("give the choices either in the file of --options or as options of their own")
    return ImportOptions.load(options.options)


def _no_rating(given: list[str] | None) -> list[str] | None:
    if given is None:
        return None
    values = [value.strip() for one in given for value in one.split(",")]
    return [] if values == ["none"] else values


def _pairs(option: str, given: list[str]) -> dict[str, str]:
    """Read ``COLUMN=VALUE`` options.

    Raises
    ------
    InputError
        One is no such pair, or two speak of one column.
    """
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name.strip() and sign and value):
            wanted = "KIND=NUMBER" if option == "strength" else f"COLUMN={option.upper()}"
            raise InputError(f"--{option} {text[:60]} is no pair; write {wanted}")
        if found.setdefault(name, value) != value:
            raise InputError(f"--{option} is given twice for the column '{name[:60]}'; keep one of them")
    return found


def run_import(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``import SOURCE --workspace DIR [--format F] [--mapping M] [--append [--no-build]] …``."""
    from mgrec_core.operations.importing import import_data, unless_refused

    chosen = import_options(options)
    if options.no_build and not options.append:
        raise InputError("--no-build goes with --append: an import in place of the data builds nothing")
    if options.append:
        Workspace.open(options.workspace)
    with unless_refused(Path(options.workspace)):
        workspace = Workspace.create(options.workspace)
        report = import_data(
            workspace,
            options.source,
            options.format,
            progress,
            options=chosen,
            mapping=_mapping(options, workspace),
            append=options.append,
            trusted=options.trusted,
        )
    if options.remove_upload:
        uploads.remove(workspace.path.parent, Path(options.source))
    updated = {}
    if options.append and not options.no_build:
        changed = _update(workspace, progress)
        updated["update"] = changed if options.json else _update_in_words(changed)
    told = report.to_dict() if options.json else _in_words(report)
    return {"workspace": str(workspace.path), **told, **updated}


_APART = ("reasons", "questions")
"""What of a receipt a terminal shows in words of its own."""


def _in_words(report: ImportReport) -> dict[str, Any]:
    """The receipt for a terminal: what changes results as a table, the rest as lines; --json has it all."""
    from mgrec_core.data.receipt import READ_AS, ordered

    reasons = ordered(report.reasons)
    files = [
        {
            "file": f.file,
            "into": f.target,
            "rows read": f.read,
            "used": f.accepted + f.repaired,
            "of these repaired": f.repaired,
            "left out": f.rejected,
        }
        for f in report.files
    ]
    found: dict[str, Any] = {key: value for key, value in report.to_dict().items() if key not in _APART}
    found["files"] = files
    if weighty := [r for r in reasons if r.matters]:
        found["changes results"] = [
            {"file": r.file, "rule": r.rule, "rows": r.count, "what": f"{r.said}: {r.explanation}"}
            for r in weighty
        ]
    plain = {"ignored": "", READ_AS: f"{READ_AS} "}
    rest = [(r, plain.get(r.action, f"{count(r.count, 'row')} {r.said}: ")) for r in reasons]
    found["notes"] = [f"{r.file}: {n}{shorten(r.explanation, 300)}" for r, n in rest if not r.matters]
    return found


def _update_in_words(changed: dict[str, Any] | None) -> Any:
    """What the addition changed in the build, for a terminal: a line, or a table by granularity."""
    if changed is None:
        return "there is no build yet; `build` makes one"
    if not changed:
        return "nothing changed, the build is the one from before"
    return {
        name: {"vectors": one["vectors"], "users whose weights changed": one["users"]}
        for name, one in changed["granularities"].items()
    }


def _update(workspace: Workspace, progress: Progress) -> dict[str, Any] | None:
    """Bring the build up to what was added.

    Raises
    ------
    InputError
        It cannot be; the addition stays.
    """
    from mgrec_core.operations.updating import update

    try:
        return update(workspace, progress)
    except MgrecError as error:
        raise type(error)(
            f"the source was added, but the build could not be updated: {error}; the build is the one from "
            f"before, `python -m mgrec_core build --workspace {workspace.path}` makes it anew"
        ) from None


def run_rules(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``rules``: needs no workspace."""
    from mgrec_core.data.rules import list_rules

    return {"rules": [rule.to_dict() for rule in list_rules()]}


def _tell_kept(options: argparse.Namespace, workspace: Workspace) -> None:
    """Offer a mapping that was kept for the same columns, where the format is unknown.

    Raises
    ------
    InputError
        When the format is unknown and there is such a mapping.
    """
    if options.format or not (workspace.path / "mappings").is_dir():
        return
    from mgrec_core.data.importers.mapping.kept import fitting

    unknown = _columns(options, "known part" if options.append else "known")
    if kept := fitting(workspace.path, unknown):
        raise InputError(
            f"the source is of no known format, but the workspace keeps the mapping {kept.name} for these"
            f" columns: add --mapping {kept.name}"
        )


def _mapping(options: argparse.Namespace, workspace: Workspace) -> Mapping | None:
    """Return the mapping that was named, with the fingerprint of the columns it is used for."""
    if not options.mapping:
        _tell_kept(options, workspace)
        return None
    if options.format not in (None, "mapping"):
        raise InputError(f"--mapping and --format {options.format} exclude each other; leave one out")
    from mgrec_core.data.importers.mapping.kept import named

    mapping = named(workspace.path, options.mapping)
    return mapping.model_copy(update={"fingerprint": _columns(options)})


def _columns(options: argparse.Namespace, unless: Literal["", "known", "known part"] = "") -> str:
    """The fingerprint of the source's columns."""
    from mgrec_core.data.confined import LOOKING, NONE, columns
    from mgrec_core.data.importers.sources import as_place

    limits = NONE if options.trusted else LOOKING
    return columns(as_place(options.source), unless, limits=limits).result()


def run_forget(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``forget --workspace DIR (--user ID | --item ID | --event ID)``."""
    from mgrec_core.operations.forgetting import forget

    workspace = Workspace.open(options.workspace)
    kind: Kind = "user" if options.user is not None else "item" if options.item is not None else "event"
    done = forget(workspace, kind, getattr(options, kind), progress)
    return {"workspace": str(workspace.path), **done}
