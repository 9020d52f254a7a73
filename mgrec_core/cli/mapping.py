"""Which column is what: propose a mapping, or try one, without importing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.options import AddCommand, trusted_option
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import write_text
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.data.confined import Limits
    from mgrec_core.data.importers.sources import Place
    from mgrec_core.data.questions import Question


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("mapping", run_mapping, "propose or try a column mapping; nothing is imported")
    sub.add_argument("source", metavar="SOURCE", help="folder, file, database file or postgres:// address")
    sub.add_argument("--mapping", metavar="FILE_OR_NAME", help="mapping to try; by default one is guessed")
    sub.add_argument("--out", metavar="FILE", help="write the mapping there as YAML")
    trusted_option(sub)


def run_mapping(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``mapping SOURCE --workspace DIR [--mapping M] [--out FILE]``."""
    from mgrec_core.data.confined import LOOKING, NONE, previewing, proposing
    from mgrec_core.data.importers.mapping.kept import named
    from mgrec_core.data.importers.sources import as_place
    from mgrec_core.data.importers.sources.postgres import PostgresAddress

    limits = NONE if options.trusted else LOOKING
    place, workspace = as_place(options.source), Path(options.workspace)
    progress("mapping", 0, 2, "columns")
    kept = False
    if options.mapping:
        mapping = named(workspace, options.mapping)
    else:
        name = place.database if isinstance(place, PostgresAddress) else place.resolve().stem
        try:
            mapping, kept = proposing(place, workspace, name, limits=limits).result()
        except InputError as error:
            raise _unguessed(options, place, name, limits, error) from None
    progress("mapping", 1, 2, "preview")
    tried = previewing(place, mapping, limits=limits).result()
    progress("mapping", 2, 2)
    if options.out:
        _write(options.out, mapping.to_yaml())
    origin = "given" if options.mapping else "kept" if kept else "guessed"
    if not options.json:  # a terminal has no room for whole documents
        report = tried.report.to_dict()
        return {
            "origin": origin,
            "mapping": mapping.name,
            "tables": [
                {
                    "table": one.table,
                    "file": one.file,
                    "columns": ", ".join(f"{name} ← {column}" for name, column in one.columns.items()),
                }
                for one in mapping.tables
            ],
            f"the first {tried.rows:,} rows would become": report["counts"],
            **({"questions": _asked(tried.report.questions)} if tried.report.questions else {}),
            "told": [
                {key: reason[key] for key in ("action", "count", "explanation")}
                for reason in report["reasons"]
            ],
        }
    return {"origin": origin, "mapping": mapping.model_dump(mode="json"), "preview": tried.to_dict()}


def _write(out: str, text: str) -> None:
    try:
        write_text(Path(out), text)
    except OSError as error:
        raise InputError(f"--out {out} cannot be written ({error.strerror}); choose another file") from None


def _unguessed(
    options: argparse.Namespace, place: Place, name: str, limits: Limits, error: InputError
) -> InputError:
    """Write the columns that were found, to be mapped by hand, and say so; else the refusal as it was."""
    from mgrec_core.data.confined import looking
    from mgrec_core.data.importers.mapping.skeleton import CHOOSE, skeleton

    if not options.out:
        return error
    try:
        tables = looking(place, name, [], limits=limits).result().tables
    except InputError:
        return error
    if not tables:
        return error
    _write(options.out, skeleton(tables, name, str(error)))
    return InputError(
        f"{error}; {options.out} was written with the columns that were found: write which is what in place"
        f" of {CHOOSE} there and import with --mapping {options.out}"
    )


def _asked(questions: Sequence[Question]) -> list[dict[str, str]]:
    """What a person has to say, with the options of the import that say it."""
    return [
        {
            "question": one.text,
            "answers": "; ".join(
                f"--{one.about.replace('_', '-')} {answer.value}: {answer.label}"
                for answer in one.answers
                if answer.value
            ),
        }
        for one in questions
    ]
