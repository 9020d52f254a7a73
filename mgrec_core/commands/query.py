"""SQL over the views, and the cohorts saved from it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mgrec_core.commands.options import AddCommand
from mgrec_core.errors import InputError
from mgrec_core.progress import Progress
from mgrec_core.workspace import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("query", run_query, "one SELECT over the views, read-only")
    sub.add_argument("sql", metavar="SELECT", help="the statement")
    sub.add_argument("--limit", type=int, default=10_000, help="rows at most (default 10000)")
    sub.add_argument("--timeout", type=float, default=30.0, help="seconds at most (default 30)")
    sub.add_argument("--out", metavar="FILE", help="CSV or Parquet file to write instead of printing rows")
    sub.add_argument("--cohort", metavar="NAME", help="save the column user_id or item_id as a cohort")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")

    command("cohorts", run_cohorts, "the saved sets of users and items")


def run_query(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``query --workspace DIR "SELECT …" [--limit N] [--timeout S] [--out FILE] [--cohort NAME]``."""
    from mgrec_core.cohorts import check_name
    from mgrec_core.query import Limits, run
    from mgrec_core.query.files import check_file, save_cohort, write

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
        "columns": [{"name": field.name, "type": str(field.type)} for field in answer.table.schema],
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
    """``cohorts --workspace DIR``."""
    from mgrec_core.cohorts import CohortStore

    found = CohortStore(Workspace.open(options.workspace).state).all()
    return {"cohorts": [cohort.to_dict() for cohort in found]}
