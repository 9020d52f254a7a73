"""Ranked lists and explanations of users."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mgrec_core.cli import targets
from mgrec_core.cli.options import (
    AddCommand,
    all_option,
    fusion_options,
    k_of,
    k_option,
    read_users,
    tell_base,
    user_options,
    weight_options,
    weights_of,
)
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.progress import Progress


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("rank", run_rank, "the best unseen items of a user, with contributions")
    targets.target_option(sub)
    targets.active_option(sub)
    user_options(sub)
    k_option(sub, what="how many items")
    fusion_options(sub)

    sub = command("recommend", run_recommend, "ranked lists of many users into a Parquet file")
    targets.target_option(sub)
    targets.active_option(sub)
    k_option(sub, 20, "how many items a user")
    sub.add_argument("--out", required=True, metavar="FILE", help="Parquet file to write")
    sub.add_argument("--users", metavar="FILE", help="one user id a line; default every user with history")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")
    weight_options(sub)

    sub = command("explain", run_explain, "why an item has its score for a user")
    targets.target_option(sub)
    targets.active_option(sub)
    user_options(sub)
    sub.add_argument("--item", required=True, metavar="ID", help="item, or user or ad with --target")
    all_option(sub)
    fusion_options(sub)


def run_rank(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``rank --workspace DIR --user U [--target T] [--k K] [--weights … | --preset …]``."""
    if options.target != "items":
        options.k = k_of(options)
        return targets.rank(options, progress)
    targets.refuse_for_items(options)
    from mgrec_core.engine.engine import Engine

    engine = Engine.open(options.workspace)
    ranked = engine.rank(options.user, k_of(options, engine.model.n_items), weights_of(options))
    tell_base(options, ranked.base)
    return ranked.to_dict()


def run_recommend(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``recommend --workspace DIR --k K --out FILE [--users FILE] [--weights … | --preset …]``."""
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.lists import write_lists

    check_k(k_of(options))
    users = read_users(Path(options.users)) if options.users else None
    if options.target != "items":
        options.k = k_of(options)
        return targets.recommend(options, users, progress)
    targets.refuse_for_items(options)
    engine = Engine.open(options.workspace)
    weights = engine.resolve(weights_of(options))
    tell_base(options, weights.base)
    hide = engine.workspace.path if options.pseudonymise else None
    k = k_of(options, engine.model.n_items)
    document = write_lists(engine.subject(), users, k, weights, options.out, hide=hide, progress=progress)
    return {**document, "build": engine.build}


def run_explain(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``explain --workspace DIR --user U --item I [--target T] [--weights …]``."""
    if options.target != "items":
        return targets.explain(options, progress)
    targets.refuse_for_items(options)
    from mgrec_core.engine.engine import Engine

    engine = Engine.open(options.workspace)
    explanation = engine.explain(options.user, options.item, weights_of(options))
    tell_base(options, explanation.base)
    return explanation.to_dict(*((None,) if options.all else ()))
