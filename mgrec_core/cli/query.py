"""SQL over the views, and the cohorts saved from it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress
from mgrec_core.metrics.small_groups import MIN_GROUP
from mgrec_core.workspace.cohorts import check_name
from mgrec_core.workspace.folder import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("query", run_query, "one SELECT over the views, read-only")
    sub.add_argument("sql", metavar="SELECT", help="the statement")
    sub.add_argument("--limit", type=int, default=10_000, help="rows at most (default 10000)")
    sub.add_argument("--timeout", type=float, default=30.0, help="seconds at most (default 30)")
    sub.add_argument("--out", metavar="FILE", help="CSV or Parquet file to write instead of printing rows")
    sub.add_argument("--cohort", metavar="NAME", help="save the column user_id or item_id as a cohort")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")

    sub = command("cohorts", run_cohorts, "the saved sets of users and items: list, rename, delete, export")
    sub.add_argument("name", metavar="NAME", nargs="?", help="one cohort; without it all are listed")
    act = sub.add_mutually_exclusive_group()
    act.add_argument("--rename", metavar="NEW", help="give it another name")
    act.add_argument("--delete", action="store_true", help="delete it")
    act.add_argument("--export", metavar="FILE", help="CSV or Parquet file of its ids")
    sub.add_argument(
        "--min-group",
        type=int,
        default=MIN_GROUP,
        help=f"users that an exported cohort needs (default {MIN_GROUP})",
    )
    sub.add_argument(
        "--pseudonymise",
        action="store_true",
        help="pseudonyms for the ids of users, also in names of cohorts",
    )


def run_query(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``query --workspace DIR "SELECT …" [--limit N] [--timeout S] [--out FILE] [--cohort NAME]``."""
    from mgrec_core.service.query import Limits, run
    from mgrec_core.service.query.files import check_file, save_cohort, write
    from mgrec_core.service.query.plain import was

    workspace = Workspace.open(options.workspace)
    limits = Limits(rows=options.limit, seconds=options.timeout)
    if options.out:
        check_file(Path(options.out))
    if options.cohort is not None:
        check_name(options.cohort)
        if options.pseudonymise:
            raise InputError("a cohort needs the ids themselves: leave out --pseudonymise or --cohort")
    answer = run(workspace.path, options.sql, limits, pseudonymise=options.pseudonymise)
    document: dict[str, Any] = {
        "sql": answer.sql,
        "columns": [
            {"name": field.name, "type": str(field.type)} | ({"was": was(field)} if was(field) else {})
            for field in answer.table.schema
        ],
        "n_rows": answer.table.num_rows,
        "truncated": answer.truncated,
        "seconds": round(answer.seconds, 3),
    }
    if options.cohort is not None:
        document["cohort"] = save_cohort(answer, options.cohort, workspace.state).to_dict()
    if options.out:
        write(answer, Path(options.out))
        return {**document, "out": options.out}
    # Through pandas' JSON: NaN becomes null, times ISO 8601, and every number one that JSON has.
    text = answer.to_frame().to_json(
        orient="records", date_format="iso", force_ascii=False, default_handler=str
    )
    return {**document, "rows": json.loads(text)}


def run_cohorts(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``cohorts --workspace DIR [NAME [--rename NEW | --delete | --export FILE]]``."""
    from mgrec_core.service.query.files import export_cohort
    from mgrec_core.workspace.cohorts import CohortStore
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    workspace = Workspace.open(options.workspace)
    store = CohortStore(workspace.state)
    hidden = Pseudonyms.of(workspace) if options.pseudonymise else None

    def hide(document: dict[str, Any]) -> dict[str, Any]:
        return hidden.hide(document) if hidden else document

    if options.name is None:
        if options.rename is not None or options.delete or options.export:
            raise InputError("name the cohort: cohorts NAME --rename NEW, --delete or --export FILE")
        return hide({"cohorts": [cohort.to_dict() for cohort in store.all()]})
    if options.rename is not None:
        store.rename(options.name, options.rename)
        return {"renamed": options.name, "to": check_name(options.rename)}
    if options.delete:
        gone = store.delete(options.name)
        return {"deleted": gone.to_dict()}
    cohort = store.get(options.name)
    if options.export:
        export_cohort(cohort, Path(options.export), hidden=hidden, least=options.min_group)
        return {"cohort": hide(cohort.to_dict()), "out": options.export}
    return {"cohort": hide(cohort.to_dict())}
