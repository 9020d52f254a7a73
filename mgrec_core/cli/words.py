"""A user's interests: as themes, and in words."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.foundation.themes import UserThemes


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command(
        "interests", run_interests, "a user's interests as named themes, granularity by granularity"
    )
    sub.add_argument("--user", required=True, metavar="ID")
    sub.add_argument("--granularity", metavar="G", help="only this one")
    sub.add_argument("--top", type=int, default=5, help="typical items of a theme, at most 20 (default 5)")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")

    sub = command("describe", run_describe, "a user's interests in words, granularity by granularity")
    sub.add_argument("--user", required=True, metavar="ID")
    sub.add_argument(
        "--generator",
        metavar="PATH_OR_ADDRESS",
        help="a causal language model that writes: its folder, or https://HOST/v1#MODEL; default: a template",
    )
    sub.add_argument(
        "--send-texts",
        action="store_true",
        help="let the evidence leave this machine to the generator's address",
    )
    sub.add_argument("--top", type=int, default=8, help="pieces of evidence a granularity (default 8)")
    sub.add_argument("--pseudonymise", action="store_true", help="pseudonyms for the ids of users")


def run_interests(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``interests --workspace DIR --user U [--granularity G] [--top N] [--pseudonymise]``."""
    from mgrec_core.analysis.in_words import PEOPLE
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.redaction import hide_themes
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    engine = Engine.open(options.workspace)
    found = engine.themes(options.user, options.top, granularity=options.granularity)
    if options.pseudonymise:
        people = {name for name, g in engine.model.granularities.items() if g.kind in PEOPLE}
        found = hide_themes(found, people, Pseudonyms.of(engine.workspace))
    return found.to_dict() if options.json else _for_a_terminal(found)


def _for_a_terminal(found: UserThemes) -> dict[str, Any]:
    tables = {
        g: [
            {
                "interest": theme.phrase,
                "share": f"{theme.share:.0%}",
                "trend": "" if theme.trend is None else f"{100 * theme.trend:+.0f} points",
                "typical": "; ".join(
                    title or item for item, title in zip(theme.items, theme.titles, strict=True)
                ),
                "evidence": len(theme.evidence),
            }
            for theme in themes
        ]
        or "nothing in the data speaks of this user here"
        for g, themes in found.granularities.items()
    }
    trend = (
        "share is of the user's vector; trend: share of the newer half of the history against the older half"
    )
    return {"user_id": found.user_id, **tables, "notes": [trend]}


def run_describe(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``describe --workspace DIR --user U [--generator G] [--send-texts] [--top N] [--pseudonymise]``."""
    from mgrec_core.analysis.in_words import PEOPLE, in_words, refusals
    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.redaction import hide_profile
    from mgrec_core.language.generation import load_generator
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    if options.send_texts and options.generator is None:
        raise InputError("--send-texts is for a model behind an address: name it with --generator")
    engine = Engine.open(options.workspace)
    generator = load_generator(options.generator) if options.generator is not None else None
    found = in_words(
        engine, options.user, generator, send_texts=options.send_texts, top=options.top, progress=progress
    )
    if options.pseudonymise:
        people = {name for name, g in engine.model.granularities.items() if g.kind in PEOPLE}
        found = hide_profile(found, people, Pseudonyms.of(engine.workspace))
    if options.json:
        return found
    notes = [
        f"{', '.join(names)}: the template's text stands in for the model's: {why}"
        for why, names in refusals(found)
    ]
    return {
        "user_id": found["user_id"],
        "generator": found["generator"] or "none, a template writes",
        **{name: one["text"] for name, one in found["granularities"].items()},
        **({"notes": notes} if notes else {}),
    }
