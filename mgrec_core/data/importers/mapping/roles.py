"""What the columns of a table are likely to be, and so which canonical table it fills."""

from __future__ import annotations

import re
from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import dataclass

from mgrec_core.data.importers.mapping.model import Target
from mgrec_core.data.importers.mapping.names import ALIASES, OPINIONS, STATUS, fold, plain
from mgrec_core.data.signals.kinds import is_kind
from mgrec_core.data.times import time_form


@dataclass(frozen=True)
class Table:
    """A file, sheet or table as far as guessing needs it.

    Attributes
    ----------
    name
        As the source lists it.
    samples
        Column → its first values that are not empty.
    """

    name: str
    samples: Lookup[str, Sequence[str]]


def roles_of(samples: Lookup[str, Sequence[str]]) -> dict[str, str]:
    """Return canonical column → column, by name first, then by what is in it."""
    roles: dict[str, str] = {}
    taken: set[str] = set()
    for role, names in ALIASES.items():
        wanted = [role.replace("_", ""), *names.split()]
        ranked = [
            (not samples[column], wanted.index(name), column)
            for column in samples
            if column not in taken
            and (name := plain(column, wanted)) in wanted
            and (role not in ("rating", "weight") or _measures(samples[column]))
        ]
        if ranked:
            roles[role] = min(ranked)[-1]
            taken.add(roles[role])
    free = [column for column in samples if column not in taken]
    if "event" not in roles:
        kinds = [
            c for c in free if samples[c] and fold(c) not in STATUS and all(is_kind(v) for v in samples[c])
        ]
        roles.update({"event": kinds[0]} if kinds else {})
    if "timestamp" not in roles:
        dated = [c for c in free if len(samples[c]) > 1 and not fold(c).endswith("id") and _dated(samples[c])]
        roles.update({"timestamp": dated[0]} if dated else {})
    return roles


def _measures(values: Sequence[str]) -> bool:
    """Tell whether values are numbers, or yes and no, for the most part: "note" may be a mark or a text."""
    fitting = sum(
        one.strip().lower() in OPINIONS
        or re.fullmatch(r"[-+]?\d[\d.,' ]*|nan|[-+]?inf", one.strip().lower()) is not None
        for one in values
    )
    return 2 * fitting >= len(values)


def _dated(values: Sequence[str]) -> bool:
    return time_form(values) not in ("", "days")


def target_of(roles: Lookup[str, str], table: Table) -> Target | None:
    """Return which canonical table a table with these columns fills, or None."""
    has = roles.keys()
    stem = re.split(r"[.\[\]]", table.name.partition(" [")[2] or table.name)[0].lower()
    if {"head_id", "relation", "tail_id"} <= has:
        return "kg"
    if {"user_id", "friend_id"} <= has and "item_id" not in has:
        return "social"
    if {"user_id", "item_id"} <= has:
        if "tag" in has:
            return "tags"
        return "feedback" if "kind" in has and "feedback" in stem else "interactions"
    if "item_id" in has:
        return "items"
    return "users" if "user_id" in has else None
