"""Guesses a mapping from the names of columns and from what is in them; a person looks it through."""

from __future__ import annotations

import re
from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from mgrec_core.data.importers.mapping.model import (
    OPTIONAL,
    REQUIRED,
    Mapping,
    TableMapping,
    Target,
    fingerprint,
)
from mgrec_core.data.signals.kinds import is_kind
from mgrec_core.data.times import time_form
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

ALIASES: dict[str, str] = {
    "user_id": "user userid uid customer customerid client clientid member memberid visitor visitorid account"
    " accountid household householdid reviewerid buyer player playerid viewer reader subscriber person who"
    " kunde kundennummer nutzer",
    "item_id": "item itemid iid product productid sku asin article articleid movie movieid track trackid song"
    " songid book bookid isbn news newsid game gameid ad adid creative video videoid stockcode content"
    " contentid business businessid what artikel artikelnummer",
    "timestamp": "timestamp time ts datetime date when created createdat createdon eventtime eventtimestamp"
    " purchasedate orderdate invoicedate ordered at datum zeit unixtime unixreviewtime day",
    "event": "event eventtype eventname behavior behaviour behaviortype action activity interaction"
    " interactiontype type",
    "rating": "rating rate score stars overall grade bewertung",
    "weight": "weight quantity qty amount count plays playcount hours duration pieces units times menge"
    " anzahl",
    "session_id": "session sessionid basket basketid order orderid invoice invoiceno visit visitid",
    "title": "title name itemname itemtitle productname producttitle movietitle headline bezeichnung titel",
    "description": "description desc text body abstract summary overview beschreibung",
    "head_id": "head headid subject source sourceid h",
    "relation": "relation relationid rel predicate property r",
    "tail_id": "tail tailid object target targetid t",
    "tail_label": "taillabel label",
    "friend_id": "friend friendid followee followed followeeid contact contactid trustee friendwith",
    "kind": "kind feedback reaction",
    "tag": "tag tagvalue keyword",
}
"""Canonical column → names that usually mean it, in lower case without signs."""

ABOUT_ITEMS: tuple[str, ...] = (
    "category", "categoryname", "genre", "genres", "brand", "department", "manufacturer", "author", "artist",
    "album", "publisher", "kategorie", "warengruppe", "marke",
)  # fmt: skip
"""Names, in lower case without signs, of columns that describe the item of an event and not the event."""

_NAMED = 0.5
"""Share of values that must look like a time in a column whose name says so."""


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


def guess(tables: Sequence[Table], name: str = "mapping") -> Mapping:
    """Return the likeliest mapping of some tables.

    Parameters
    ----------
    tables
        What the source offers.
    name
        What the mapping will be called.

    Raises
    ------
    InputError
        When no table has anything that looks like users with items, or too many have, or names do not fit.
    """
    try:
        return _guessed(tables, name)
    except ValidationError:
        raise InputError(
            "no mapping can be written for these tables: there are more than 1,000, or a name is longer than"
            " 300 characters or no text; give fewer tables, or rename"
        ) from None


def _guessed(tables: Sequence[Table], name: str) -> Mapping:
    found: list[TableMapping] = []
    for table in tables:
        entry = guess_table(table)
        if entry and (entry.table in ("interactions", "items", "users") or not _has(found, entry.table)):
            found.append(entry)
    if not _has(found, "items"):
        found += [entry for table in tables if (entry := guess_items_of_events(table))]
    if not _has(found, "interactions"):
        seen = "; ".join(f"{one.name}: {', '.join(one.samples)}" for one in tables)
        raise InputError(
            "no table has columns that look like a user and an item; say in a mapping which they are"
            f" (found {shorten(seen, 300)})"
        )
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:64] or "mapping"
    return Mapping(
        name=clean, tables=tuple(found), fingerprint=fingerprint(one.samples.keys() for one in tables)
    )


def guess_table(table: Table) -> TableMapping | None:
    """Return how one table is likely to be read, or None where nothing fits."""
    roles = _roles(table.samples)
    target = _target(roles, table)
    if target is None:
        return None
    known = (*REQUIRED[target], *OPTIONAL[target])
    columns = {name: roles[name] for name in known if name in roles}
    form = "auto"
    if "timestamp" in columns:
        form = time_form(table.samples[columns["timestamp"]], _NAMED)
        if not form:
            del columns["timestamp"]
            form = "auto"
    return TableMapping(table=target, file=table.name, columns=columns, timestamp=form)


def guess_items_of_events(table: Table) -> TableMapping | None:
    """Return how the items that a table of events names are described in it, or None where they are not.

    Orders often hold the product's name. The title and text of a review are about the review, and what
    differs between rows of one item is not taken for its title.
    """
    roles = _roles(table.samples)
    if _target(roles, table) != "interactions" or {"rating", "description"} <= roles.keys():
        return None
    item = table.samples[roles["item_id"]]
    columns = {"item_id": roles["item_id"]}
    if "title" in roles and _one_each(item, table.samples[roles["title"]]):
        columns["title"] = roles["title"]
    taken = set(roles.values())
    about = {
        column.strip(): column
        for column in table.samples
        if column not in taken and _plain(column, ABOUT_ITEMS) in ABOUT_ITEMS
    }
    if len(columns) == 1 and not about:
        return None
    return TableMapping(table="items", file=table.name, columns=columns, attributes=about)


def _one_each(keys: Sequence[str], values: Sequence[str]) -> bool:
    """Tell whether each key has one value; where cells are empty rows do not match, and all may be."""
    return len(keys) != len(values) or len(set(zip(keys, values, strict=True))) == len(set(keys))


def _plain(name: str, wanted: Sequence[str]) -> str:
    """Return a name without signs; of ``product.id`` also its last part, where only that is known."""
    whole, last = (re.sub(r"[^a-z0-9]", "", one.lower()) for one in (name, name.rpartition(".")[2]))
    return whole if whole in wanted else last


def _roles(samples: Lookup[str, Sequence[str]]) -> dict[str, str]:
    """Return canonical column → column, by name first, then by what is in it."""
    roles: dict[str, str] = {}
    taken: set[str] = set()
    for role, names in ALIASES.items():
        wanted = [role.replace("_", ""), *names.split()]
        ranked = [
            (wanted.index(plain), column)
            for column in samples
            if column not in taken and (plain := _plain(column, wanted)) in wanted
        ]
        if ranked:
            roles[role] = min(ranked)[1]
            taken.add(roles[role])
    free = [column for column in samples if column not in taken]
    if "event" not in roles:
        kinds = [c for c in free if samples[c] and all(is_kind(v) for v in samples[c])]
        roles.update({"event": kinds[0]} if kinds else {})
    if "timestamp" not in roles:
        dated = [c for c in free if len(samples[c]) > 1 and _dated(samples[c])]
        roles.update({"timestamp": dated[0]} if dated else {})
    return roles


def _dated(values: Sequence[str]) -> bool:
    return time_form(values) not in ("", "days")


def _target(roles: Lookup[str, str], table: Table) -> Target | None:
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


def _has(found: Sequence[TableMapping], target: Target) -> bool:
    return any(one.table == target for one in found)
