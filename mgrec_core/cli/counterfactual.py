"""What would have to be otherwise for an item to leave a user's list, or to enter it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.options import (
    AddCommand,
    k_of,
    k_option,
    tell_base,
    user_options,
    weight_options,
    weights_of,
)
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.analysis.counterfactual import Counterfactual


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command(
        "counterfactual", run_counterfactual, "what would take an item out of a user's list, or bring it in"
    )
    user_options(sub)
    sub.add_argument("--item", required=True, metavar="ID", help="an item that the user has not had")
    k_option(sub, what="how many items the list has")
    sub.add_argument(
        "--by",
        default="events",
        metavar="WHAT",
        help="what may be taken away: events (default), values, entities, friends",
    )
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")
    weight_options(sub)


def run_counterfactual(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``counterfactual --workspace DIR --user U --item I [--k K] [--by WHAT] [--pseudonymise]``."""
    from mgrec_core.analysis.counterfactual import counterfactual
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.redaction import hide_counterfactual
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    engine = Engine.open(options.workspace)
    weights = engine.resolve(weights_of(options))
    tell_base(options, weights.base)
    k = k_of(options, engine.model.n_items)
    found = counterfactual(engine, options.user, options.item, weights, k=k, by=options.by)
    if options.pseudonymise:
        found = hide_counterfactual(found, Pseudonyms.of(engine.workspace))
    return found.to_dict() if options.json else _for_a_terminal(found)


def _for_a_terminal(found: Counterfactual) -> dict[str, Any]:
    """The answer in sentences, and the tables that prove it."""
    document = found.to_dict()
    tables = {
        "remove": document["remove"],
        "weights": document["weights"],
        "weights_cost": document["weights_cost"],
        "next": [
            {"items": ", ".join(piece.label for piece in one.pieces), "rank_after": one.rank}
            for one in found.next
        ],
        "moves": document["moves"],
    }
    return {
        "answer": " ".join(found.sentences),
        **{name: table for name, table in tables.items() if table},
    }
