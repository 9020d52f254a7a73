"""Reports as files: a user's list, many users', an explanation, a comparison, an evaluation, data quality."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.options import (
    AddCommand,
    all_option,
    fusion_options,
    k_of,
    k_option,
    read_users,
    tell_base,
    weights_of,
)
from mgrec_core.export import FORMATS
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.document import Document
    from mgrec_core.export.provenance import Origin


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("export", run_export, "reports as files: lists, explanations, comparisons, evaluations")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument("--user", metavar="ID", help="a user's ranked list and explanations")
    what.add_argument("--users", metavar="FILE", help="those of many users, one id a line")
    what.add_argument("--everybody", action="store_true", help="those of every user with history")
    what.add_argument("--cohort", metavar="NAME", help="a saved cohort: what sets it apart, what it sees")
    what.add_argument("--experiment", type=int, metavar="N", help="an evaluation that `experiments` lists")
    what.add_argument("--quality", action="store_true", help="the check of the imported data")
    sub.add_argument("--item", metavar="ID", help="with --user: why this item has its score")
    sub.add_argument("--with-user", metavar="ID", help="with --user: beside another user's list")
    sub.add_argument("--with-preset", metavar="NAME", help="with --user: beside the list of other weights")
    sub.add_argument("--out", required=True, metavar="DIR", help="folder to write into")
    known = ", ".join(FORMATS)
    sub.add_argument("--format", default="json,csv", help=f"any of {known} (default json,csv)")
    k_option(sub, what="how many items")
    all_option(sub)
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")
    fusion_options(sub)


def run_export(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``export --workspace DIR --user U [--item I | …] --out DIR --format json,csv``."""
    from mgrec_core.export.writing import formats_of, write_document

    formats = formats_of(options.format.split(","))
    beside = [name for name in ("item", "with_user", "with_preset") if getattr(options, name) is not None]
    if len(beside) > 1 or (beside and options.user is None):
        raise InputError("--item, --with-user and --with-preset go with --user, one of them at a time")
    if options.users or options.everybody:
        return _many(options, progress)
    document, about = _document(options, bool(beside))
    files = write_document(document, Path(options.out), formats)
    return {**about, "files": [str(path) for path in files]}


def _many(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from mgrec_core.export.lists import active_users
    from mgrec_core.export.many import write_many
    from mgrec_core.export.writing import formats_of

    users = read_users(Path(options.users)) if options.users else None
    engine, origin = _open(options)
    k = k_of(options, engine.model.n_items)
    return write_many(
        origin,
        active_users(engine.subject()) if users is None else users,
        Path(options.out),
        formats_of(options.format.split(",")),
        k=k,
        everything=options.all,
        progress=progress,
    )


def _open(options: argparse.Namespace) -> tuple[Engine, Origin]:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.provenance import Origin
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    engine = Engine.open(options.workspace)
    key = Pseudonyms.of(engine.workspace) if options.pseudonymise else None
    origin = Origin.of(engine, weights_of(options), key=key)
    if origin.weights is not None:
        tell_base(options, origin.weights.base)
    return engine, origin


def _document(options: argparse.Namespace, beside: bool) -> tuple[Document, dict[str, Any]]:
    """Make what is asked for, and say what it is of."""
    if options.quality:
        return _quality(options), {"document": "quality"}
    engine, origin = _open(options)
    if options.experiment is not None:
        return _evaluation(options, engine, origin), {"document": "evaluation", "id": options.experiment}
    if options.cohort is not None:
        return _cohort(options, engine, origin)
    told = {"user_id": origin.key.pseudonym(options.user) if origin.key else options.user}
    if options.item is not None:
        from mgrec_core.export.kinds.item import item_document

        document = item_document(origin, options.user, options.item, everything=options.all)
        return document, {"document": "item", **told, "item_id": options.item}
    if beside:
        return _comparison(options, engine, origin), {"document": "comparison", **told}
    from mgrec_core.export.kinds.user import user_document

    k = k_of(options, engine.model.n_items)
    return user_document(origin, options.user, k, everything=options.all), told


def _quality(options: argparse.Namespace) -> Document:
    from mgrec_core.export.kinds.quality import quality_document
    from mgrec_core.export.provenance import Origin
    from mgrec_core.export.redaction import hide_quality
    from mgrec_core.quality import assess
    from mgrec_core.workspace.folder import Workspace
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    workspace = Workspace.open(options.workspace)
    key = Pseudonyms.of(workspace) if options.pseudonymise else None
    report = assess(workspace)
    return quality_document(Origin.of_data(workspace, key=key), hide_quality(report, key) if key else report)


def _cohort(options: argparse.Namespace, engine: Engine, origin: Origin) -> tuple[Document, dict[str, Any]]:
    from mgrec_core.export.kinds.cohort import cohort_document
    from mgrec_core.workspace.cohorts import CohortStore

    cohort = CohortStore(engine.workspace.state).get(options.cohort)
    document = cohort_document(origin, cohort, k_of(options, engine.model.n_items))
    return document, {"document": "cohort", "cohort": document.data()["cohort"]["name"]}


def _evaluation(options: argparse.Namespace, engine: Engine, origin: Origin) -> Document:
    from mgrec_core.evaluation.experiments import ExperimentLog
    from mgrec_core.export.kinds.evaluation import evaluation_document

    found = ExperimentLog(engine.workspace.state).all()
    for experiment in found:
        if experiment.id == options.experiment:
            return evaluation_document(origin, experiment)
    raise NotFoundError(
        f"there is no experiment {options.experiment}: `experiments` lists {len(found)} of them"
    )


def _comparison(options: argparse.Namespace, engine: Engine, origin: Origin) -> Document:
    from dataclasses import replace

    from mgrec_core.analysis.comparison import Side, compare
    from mgrec_core.export.kinds.comparison import comparison_document
    from mgrec_core.export.redaction import hide_comparison

    mine = engine.resolve(weights_of(options))
    k = k_of(options, engine.model.n_items)
    if options.with_user:
        sides = [Side(user, mine, f"user {user}") for user in (options.user, options.with_user)]
    else:
        # The same fusion mode and α; λ and the base are the preset's.
        other = engine.resolve(replace(weights_of(options), values={}, base="", preset=options.with_preset))
        sides = [
            Side(options.user, mine, origin.preset or "the weights given"),
            Side(options.user, other, options.with_preset),
        ]
    found = compare(engine, sides[0], sides[1], k)
    if origin.key:
        found = hide_comparison(found, origin.key)
    beside = (
        {"with-user": found.second.user_id} if options.with_user else {"with-preset": options.with_preset}
    )
    again = {"user": found.first.user_id, **beside, "k": str(k)}
    return comparison_document(origin, found, again)
