"""Feedback on ranked lists, and the weights learned from it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.feedback.learning import FeedbackLearner


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("feedback import", run_import, "read feedback from a file and learn from it")
    sub.add_argument("file", metavar="FILE", help="CSV, Parquet or JSON lines: user_id, item_id, kind, …")

    sub = command("feedback list", run_list, "the feedback that is kept")
    sub.add_argument("--user", metavar="ID", help="of one user only")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")

    sub = command("feedback undo", run_undo, "take feedback back, with what was learned from it")
    sub.add_argument("--id", type=int, metavar="N", help="number of the feedback; default the newest")

    sub = command("feedback weights", run_weights, "learned weights with their history")
    sub.add_argument("--user", metavar="ID", help="of one user; default everybody's")
    sub.add_argument("--undo", action="store_true", help="take the newest step of these weights back")
    sub.add_argument("--pseudonymise", action="store_true", help="a pseudonym for the id of the user")

    command("feedback learn", run_learn, "go through all feedback again, that of the data's import too")


def run_import(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``feedback import FILE --workspace DIR``."""
    from mgrec_core.feedback.files import read_feedback

    learner = _learner(options)
    read = read_feedback(Path(options.file), learner, progress)
    if read.rejected:
        print(f"note: {read.told}", file=sys.stderr)
    numbers = learner.record(read.rows)
    return {
        "file": str(options.file),
        "read": read.read,
        "accepted": len(numbers),
        "rejected": read.rejected,
        "reasons": read.reasons,
        **learner.weights_document(),
    }


def run_list(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``feedback list --workspace DIR [--user U] [--pseudonymise]``."""
    from mgrec_core.export.redaction import hide_users
    from mgrec_core.feedback.log import FeedbackLog
    from mgrec_core.workspace.folder import Workspace
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    workspace = Workspace.open(options.workspace)
    log = FeedbackLog(workspace.state)
    rows = [r.to_dict() for r in (log.all() if options.user is None else log.of_user(options.user))]
    if options.pseudonymise:
        rows = hide_users(rows, Pseudonyms.of(workspace))
    if not options.json:  # a terminal has no room for whole lists
        rows = [{k: v for k, v in row.items() if k not in ("shown", "weights", "base")} for row in rows]
    return {"count": len(rows), "feedback": rows}


def run_undo(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``feedback undo --workspace DIR [--id N]``."""
    from mgrec_core.foundation.errors import NotFoundError

    learner = _learner(options)
    number = options.id
    if number is None:
        rows = learner.log.all()
        if not rows:
            raise NotFoundError("there is no feedback to undo in this workspace")
        number = rows[-1].id
    return {"undone": learner.take_back(number).to_dict(), **learner.weights_document()}


def run_weights(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``feedback weights --workspace DIR [--user U] [--undo] [--pseudonymise]``."""
    from mgrec_core.export.redaction import hide_users
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    learner = _learner(options)
    user = options.user or ""
    if user:
        learner.engine.user_position(user)
    if options.undo:
        learner.undo(user)
    steps = [step.to_dict() for step in learner.history(user)]
    told = learner.weights_document(user)
    if options.pseudonymise:
        key = Pseudonyms.of(learner.engine.workspace)
        steps, (told,) = hide_users(steps, key), hide_users([told], key)
    return {**told, "history": steps}


def run_learn(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``feedback learn --workspace DIR``."""
    return _learner(options).learn_again(progress)


def _learner(options: argparse.Namespace) -> FeedbackLearner:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.feedback.learning import FeedbackLearner

    return FeedbackLearner(Engine.open(options.workspace))
