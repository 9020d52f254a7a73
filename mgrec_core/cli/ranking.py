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
from mgrec_core.foundation.errors import InputError
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
    sub.add_argument(
        "--words",
        action="store_true",
        help="which words of the item's text speak for it, by integrated gradients (loads a language model)",
    )
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
    """``explain --workspace DIR --user U --item I [--target T] [--words] [--weights …]``."""
    if options.target != "items":
        if options.words:
            raise InputError("--words is for items: people and advertisements have no text of their own here")
        return targets.explain(options, progress)
    targets.refuse_for_items(options)
    from mgrec_core.engine.engine import Engine

    engine = Engine.open(options.workspace)
    explanation = engine.explain(options.user, options.item, weights_of(options), ways=True)
    tell_base(options, explanation.base)
    document = explanation.to_dict(*((None,) if options.all else ()))
    if options.words:
        from mgrec_core.engine.words import item_words

        progress("reading the words", 0, 1)
        document["words"] = item_words(engine, options.user, options.item).to_dict()
    return document if options.json else _for_a_terminal(document)


def _for_a_terminal(document: dict[str, Any]) -> dict[str, Any]:
    """The explanation with what lies inside of its rows as text."""
    evidence = {
        g: [
            {name: value for name, value in row.items() if name not in ("through", "joins")}
            | ({"through": _through(row)} if row.get("through") else {})
            for row in held
        ]
        for g, held in document["evidence"].items()
    }
    unsaid = [name for name in ("note", "rank_if_unseen") if not document.get(name)]
    shown = {name: value for name, value in document.items() if name not in unsaid} | {"evidence": evidence}
    if "words" in document:
        told = document["words"]
        said = ", ".join(f"{one['word']} {one['value']:+.3f}" for one in told["words"])
        shown["words"] = {**{name: v for name, v in told.items() if name != "words"}, "parts": said}
    return shown


def _through(row: dict[str, Any]) -> str:
    ways = []
    for way in row["through"]:
        by = f" by {' or '.join(way['relations'])}" if way["relations"] else ""
        ways.append(f"{way['label'] or way['id']}{by} {way['value']:+.3f}")
    if row.get("joins"):
        ways.append(f"joined with the item by {' or '.join(row['joins'])}")
    return "; ".join(ways)
