"""The knowledge graph: what it holds, an entity's neighbourhood, names to link to items."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress
from mgrec_core.workspace.folder import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("kg", run_kg, "the knowledge graph by rule; `kg link`: names that may mean items")
    sub.add_argument(
        "action",
        nargs="?",
        choices=["link"],
        help="review names that may mean items",
    )
    sub.add_argument("--entity", metavar="ID", help="show the triples around an entity or item")
    sub.add_argument("--limit", type=int, default=60, help="most triples shown (default 60)")
    pair: dict[str, Any] = {"action": "append", "default": [], "nargs": 2, "metavar": ("NAME", "ITEM")}
    sub.add_argument("--accept", **pair, help="with link: this name means this item")
    sub.add_argument("--reject", **pair, help="with link: this name does not mean this item")
    sub.add_argument(
        "--all", action="store_true", help="with link: also where most of the graph speaks of item ids"
    )
    sub.add_argument("--undo", action="store_true", help="with link: take back the newest decision")
    sub.add_argument("--export", metavar="FILE", help="with link: write all candidates as CSV")
    sub.add_argument("--import", dest="read", metavar="FILE", help="with link: read verdicts from such a CSV")


def run_kg(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``kg [link] --workspace DIR [--entity ID] [--accept NAME ITEM] …``."""
    workspace = Workspace.open(options.workspace)
    if options.limit < 1:
        raise InputError(f"--limit is {options.limit}: ask for at least 1 triple")
    if options.action == "link":
        return _link(workspace, options)
    if options.accept or options.reject or options.undo or options.export or options.read or options.all:
        raise InputError("--accept, --reject, --all, --undo, --export and --import go with `kg link`")
    from mgrec_core.analysis import graph as browse
    from mgrec_core.operations import review

    with browse.graph(workspace) as connection:
        if options.entity is not None:
            found = browse.neighbourhood(connection, options.entity, limit=options.limit)
            return {
                "workspace": str(workspace.path),
                "id": found.id,
                "label": found.label,
                "is_item": found.is_item,
                "total": found.total,
                "triples": found.triples.to_dict("records"),
            }
        rows = browse.counts(connection).to_dict("records")
        names = review.to_review(connection)
    used = [row for row in rows if not row["offered"]]
    return {
        "workspace": str(workspace.path),
        "triples": sum(int(row["triples"]) for row in used),
        "to_review": names,
        "relations": [_without(row) for row in used],
        "offered": [_without(row) for row in rows if row["offered"]],
    }


def _without(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name != "offered"}


def _link(workspace: Workspace, options: argparse.Namespace) -> dict[str, Any]:
    from mgrec_core.operations import review

    said: dict[str, Any] = {"workspace": str(workspace.path)}
    if options.all:
        said["linked"] = review.link_all(workspace)
    pairs = [(n, i, "accepted") for n, i in options.accept] + [(n, i, "rejected") for n, i in options.reject]
    if options.undo:
        said["undone"] = review.undo(workspace)
    if options.read:
        said["decided"] = review.read_csv(workspace, Path(options.read))
    if pairs:
        said["decided"] = said.get("decided", 0) + review.decide(workspace, pairs)
    if pairs or options.read or options.undo:
        said["changed"] = review.apply(workspace)
    if options.export:
        said["exported"] = review.write_csv(workspace, Path(options.export))
    rows = review.candidates(workspace)
    said["counts"] = {v: sum(c.verdict == v for c in rows) for v in ("accepted", "review", "rejected")}
    said["review"] = [
        {name: getattr(c, name) for name in review.COLUMNS} for c in rows if c.verdict == "review"
    ]
    return said
