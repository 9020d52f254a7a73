"""One item, two lists side by side, and what of a workspace is damaged."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from typing import Any

from mgrec_core.cli.options import AddCommand, fusion_options, tell_base, weights_of
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("item", run_item, "an item's neighbours, how well it is known, and who gets to see it")
    sub.add_argument("--item", required=True, metavar="ID")
    sub.add_argument("--k", type=int, default=10, help="neighbours, and length of everybody's lists")
    sub.add_argument(
        "--segment", default="activity", metavar="S",
        help="groups of the audience: activity (default), taste, cold-users, an attribute, cohort:NAME",
    )  # fmt: skip
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the users of the audience")
    fusion_options(sub)

    sub = command("compare", run_compare, "two users, or one under two presets: what makes the difference")
    sub.add_argument("--user", required=True, metavar="ID")
    sub.add_argument("--with-user", metavar="ID", help="the other user, under the same weights")
    sub.add_argument("--with-preset", metavar="NAME", help="the other weights, of the same user")
    sub.add_argument("--k", type=int, default=10, help="length of the lists (default 10)")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")
    fusion_options(sub)

    command("doctor", run_doctor, "what of a workspace is damaged, and what mends it; changes nothing")


def run_doctor(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``doctor --workspace DIR``; exit 1 where something is damaged, missing or unread."""
    from mgrec_core.operations.doctor import examine

    found = examine(options.workspace)
    options.outcome = 0 if found["whole"] else 1
    return found if options.json else found | _for_a_terminal(found["findings"])


def _for_a_terminal(findings: list[dict[str, str]]) -> dict[str, Any]:
    """The findings, and apart from them what mends them, once: no frame around what is to be copied."""
    mends: dict[str, list[str]] = {}
    for one in findings:
        mends.setdefault(one["mend"], []).append(one["file"])
    return {
        "findings": [{name: value for name, value in one.items() if name != "mend"} for one in findings],
        "notes": [
            f"for {files[0]}{f' and {len(files) - 1} more' if files[1:] else ''}: {mend}"
            for mend, files in mends.items()
        ],
    }


def run_item(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``item --workspace DIR --item I [--k K] [--segment S] [--pseudonymise] [--weights …]``."""
    from mgrec_core.analysis.item import item_document
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.redaction import hide_audience
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    engine = Engine.open(options.workspace)
    weights = engine.resolve(weights_of(options))
    tell_base(options, weights.base)
    asked = {"segment": options.segment, "progress": progress}
    if not options.pseudonymise:
        return item_document(engine, options.item, weights, options.k, **asked)
    key = Pseudonyms.of(engine.workspace)
    hide = partial(hide_audience, key=key)
    return key.hide(item_document(engine, options.item, weights, options.k, hide=hide, **asked))


def run_compare(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``compare --workspace DIR --user U (--with-user V | --with-preset NAME) [--k K] [--pseudonymise]``."""
    if bool(options.with_user) == bool(options.with_preset):
        raise InputError("compare with one thing: --with-user ID or --with-preset NAME")
    from mgrec_core.analysis.comparison import Side, compare
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.redaction import hide_comparison
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    engine = Engine.open(options.workspace)
    weights = engine.resolve(weights_of(options))
    tell_base(options, weights.base)
    if options.with_user:
        sides = [Side(user, weights, f"user {user}") for user in (options.user, options.with_user)]
    else:
        # The same fusion mode and α; λ and the base are the preset's.
        other = engine.resolve(replace(weights_of(options), values={}, base="", preset=options.with_preset))
        sides = [
            Side(options.user, weights, options.preset or "the weights given"),
            Side(options.user, other, options.with_preset),
        ]
    found = compare(engine, sides[0], sides[1], options.k)
    if options.pseudonymise:
        found = hide_comparison(found, Pseudonyms.of(engine.workspace))
    return found.to_dict()
