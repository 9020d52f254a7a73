"""Guesses a mapping from the names of columns and files, and from values; a person looks it through."""

from __future__ import annotations

import re
from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from mgrec_core.data.importers.mapping.known import known, matrix, missing, opinion
from mgrec_core.data.importers.mapping.model import (
    OPTIONAL,
    REQUIRED,
    Mapping,
    TableMapping,
    Target,
    fingerprint,
)
from mgrec_core.data.importers.mapping.names import (
    ABOUT_ITEMS,
    ALIASES,
    fold,
    kind_of_file,
    plain,
    plain_name,
    words,
)
from mgrec_core.data.importers.mapping.nested import lists_of_objects
from mgrec_core.data.importers.mapping.orders import joins, lookups, of_orders
from mgrec_core.data.importers.mapping.roles import Table, roles_of, target_of
from mgrec_core.data.times import time_form
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

__all__ = ["Table", "guess", "guess_items_of_events", "guess_table"]

_NAMED = 0.5
"""Share of values that must look like a time in a column whose name says so."""
_ITEMS_IN_LISTS = ("id", "url", "name")
"""Keys of objects in a list that name an item where none does by its name."""
_PRODUCTS = words(
    "product item article artikel produkt variant merchandise book movie track game producto produit"
)
"""What an object in an order's line is called that describes what was bought."""
_PLAYED = words("plays playcount playtimeforever 播放次数")
_FALLBACKS = {
    "user_id": words("userpseudoid anonymousid visitorid clientid email customeremail billingemail"),
    "item_id": frozenset(("lineitemname",)),
}
"""Columns, folded, that say who or what where the first that does is empty."""


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
        for entry in _entries(table):
            if entry.table in ("interactions", "items", "users") or not _has(found, entry.table):
                found.append(entry)
    samples = {table.name: table.samples for table in tables}
    found = lookups(joins(found, samples), samples)
    if not _has(found, "items"):
        found += [told for table in tables if (told := guess_items_of_events(table))]
    if not _has(found, "interactions"):
        seen = "; ".join(f"{one.name}: {', '.join(one.samples)}" for one in tables)
        raise InputError(
            "no table has columns that look like a user and an item; say in a mapping which they are"
            f" (found {shorten(seen, 300)})"
        )
    columns = fingerprint(one.samples.keys() for one in tables)
    return Mapping(name=plain_name(name), tables=tuple(found), fingerprint=columns)


def _entries(table: Table) -> list[TableMapping]:
    """Return how a table is read: most often in one way, sometimes for several tables."""
    samples = dict(table.samples)
    if special := known(table.name, samples):
        return [_form(TableMapping.model_validate(one), samples) for one in special]
    entries = _of_lists(table)
    flat = guess_table(table)
    if flat and not (entries and flat.table != "interactions"):
        if entries:  # events with one item beside events with many
            given = {"where": [{"column": flat.columns["item_id"], "present": True}]}
            flat = TableMapping.model_validate({**flat.written(), **_plain(flat), **given})
        entries = [flat, *entries]
    return entries + _friends(table)


def guess_table(table: Table) -> TableMapping | None:
    """Return how one table is likely to be read, or None where nothing fits."""
    roles = roles_of(table.samples)
    samples = dict(table.samples)
    target = target_of(roles, table)
    if target in ("users", None) and (wide := matrix(samples, roles.get("user_id"))) and "user_id" in roles:
        columns = {"user_id": roles["user_id"], "item_id": "item", "rating": "rating"}
        return TableMapping.model_validate({
            "table": "interactions", "file": table.name, "columns": columns, **wide
        })  # fmt: skip
    if target is None:
        return None
    allowed = (*REQUIRED[target], *OPTIONAL[target])
    columns = {name: roles[name] for name in allowed if name in roles}
    made: dict[str, Any] = {"table": target, "file": table.name, "columns": columns}
    if target == "interactions":
        made |= _of_events(table, columns)
    return _form(TableMapping.model_validate(made), samples)


def _of_events(
    table: Table, columns: dict[str, str], alone: Lookup[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Return what an entry of events has besides its columns; ``columns`` are changed to fit.

    ``alone`` are the columns of the file without those of objects within its cells.
    """
    samples = dict(table.samples)
    rows = samples if alone is None else dict(alone)
    made: dict[str, Any] = {}
    if found := opinion(samples, columns):
        column, words = found
        columns["event"] = column
        made["values"] = {column: words}
        if columns.get("rating") == column:
            del columns["rating"]
    for role in ("user_id", "item_id"):
        if columns[role] in rows and (several := _fallback(rows, columns[role], role)):
            columns[role] = " or ".join(several)[:100]
            made.setdefault("coalesce", {})[columns[role]] = several
    if none := missing(samples, columns):
        made["missing"] = none
    kind = kind_of_file(table.name) or (
        "play" if fold(columns.get("weight", "").rpartition(".")[2]) in _PLAYED else ""
    )
    if kind and "event" not in columns and "rating" not in columns:
        made["constants"] = {"event": kind}
    return made | of_orders(table.name, rows, columns)


def _longest(samples: Lookup[str, Sequence[str]]) -> int:
    return max((len(values) for values in samples.values()), default=0)


def _fallback(samples: Lookup[str, Sequence[str]], first: str, role: str) -> list[str]:
    """Return the column and others that say the same where it is empty; nothing where it never is."""
    if len(samples.get(first, ())) >= _longest(samples):
        return []
    others = [
        column
        for column in samples
        if column != first and samples[column] and plain(column, ALIASES[role].split()) in _FALLBACKS[role]
    ]
    return [first, *others[:1]] if others else []


def _of_lists(table: Table) -> list[TableMapping]:
    """Return entries for a list of objects in a cell that name items: an order's products."""
    outer = roles_of(table.samples)
    for column, inner in lists_of_objects(dict(table.samples)):
        roles = roles_of(inner)
        item = roles.get("item_id") or next(
            (f"{column}.{key}" for key in _ITEMS_IN_LISTS if f"{column}.{key}" in inner), None
        )
        if "user_id" not in outer or item is None:
            continue
        samples = {**table.samples, **inner}
        columns = {"user_id": outer["user_id"], "item_id": item}
        for name in OPTIONAL["interactions"]:
            chosen = (roles.get(name), outer.get(name))
            fitting = [
                one
                for one in chosen
                if one and one != item and (name != "timestamp" or time_form(samples[one], _NAMED))
            ]
            if fitting and (name != "weight" or fitting[0] == roles.get("weight")):
                columns[name] = fitting[0]
        made: dict[str, Any] = {
            "table": "interactions",
            "file": table.name,
            "explode": column,
            "columns": columns,
        }
        made |= _of_events(Table(table.name, samples), columns, alone=table.samples)
        entries = [_form(TableMapping.model_validate(made), samples)]
        attributes = _about_items(inner, {item, *columns.values(), *roles.values()})
        title = {"title": roles["title"]} if "title" in roles and roles["title"] != item else {}
        if title or attributes:
            entries.append(
                TableMapping.model_validate(
                    {
                        "table": "items",
                        "file": table.name,
                        "explode": column,
                        "columns": {"item_id": item, **title},
                        "attributes": attributes,
                    }
                )
            )
        return entries
    return []


def _about_items(inner: Lookup[str, Sequence[str]], used: set[str]) -> dict[str, str]:
    """Return the keys of an order's products that describe them: known names, and what a product holds."""
    found: dict[str, str] = {}
    for column in inner:
        *path, key = column.split(".")
        within = len(path) > 1 and fold(path[-1]) in _PRODUCTS
        described = within and column not in used and not fold(key).endswith("id")
        if fold(key) in ABOUT_ITEMS or described:
            found.setdefault(fold(key) if fold(key) in ABOUT_ITEMS else key, column)
    return found


def _friends(table: Table) -> list[TableMapping]:
    """Return the friendships of a table of users that lists each one's friends in a cell."""
    roles = roles_of(table.samples)
    column = next(
        (one for one in table.samples if fold(one) in ("friends", "friendids", "freunde", "amis", "amigos")),
        "",
    )
    values = [one for one in table.samples.get(column, ()) if one.strip().lower() not in ("none", "")]
    if "user_id" not in roles or not values or all(re.fullmatch(r"\d{1,5}", one) for one in values):
        return []
    separator = max(
        (", ", "|", ";", " ", ","), key=lambda sign: (sum(sign in one for one in values), len(sign))
    )
    return [
        TableMapping.model_validate(
            {
                "table": "social",
                "file": table.name,
                "columns": {"user_id": roles["user_id"], "friend_id": column},
                "missing": {column: ["None"]},
                "explode": {"column": column, "separator": separator},
            }
        )
    ]


def _form(entry: TableMapping, samples: Lookup[str, Sequence[str]]) -> TableMapping:
    """Return the entry with the form of its times; without the column where it holds none."""
    column = entry.columns.get("timestamp")
    if column is None or column not in samples:
        return entry
    form = time_form(samples[column], _NAMED)
    if form:
        return entry.model_copy(update={"timestamp": form})
    return entry.model_copy(update={"columns": {k: v for k, v in entry.columns.items() if k != "timestamp"}})


def _plain(entry: TableMapping) -> dict[str, Any]:
    return {
        "table": entry.table,
        "file": entry.file,
        "columns": entry.columns,
        "constants": entry.constants,
        "timestamp": entry.timestamp,
    }


def guess_items_of_events(table: Table) -> TableMapping | None:
    """Return how the items that a table of events names are described in it, or None where they are not.

    Orders often hold the product's name. The title and text of a review are about the review, and what
    differs between rows of one item is not taken for its title.
    """
    roles = roles_of(table.samples)
    if target_of(roles, table) != "interactions" or {"rating", "description"} <= roles.keys():
        return None
    item = table.samples[roles["item_id"]]
    columns = {"item_id": roles["item_id"]}
    if "title" in roles and _one_each(item, table.samples[roles["title"]]):
        columns["title"] = roles["title"]
    taken = set(roles.values())
    about = {
        column.strip(): column
        for column in table.samples
        if column not in taken and plain(column, ABOUT_ITEMS) in ABOUT_ITEMS
    }
    if len(columns) == 1 and not about:
        return None
    made: dict[str, Any] = {"table": "items", "file": table.name, "columns": columns, "attributes": about}
    if several := _fallback(dict(table.samples), columns["item_id"], "item_id"):
        columns["item_id"] = " or ".join(several)[:100]
        made["coalesce"] = {columns["item_id"]: several}
    return TableMapping.model_validate(made)


def _one_each(keys: Sequence[str], values: Sequence[str]) -> bool:
    """Tell whether each key has one value; where cells are empty rows do not match, and all may be."""
    return len(keys) != len(values) or len(set(zip(keys, values, strict=True))) == len(set(keys))


def _has(found: Sequence[TableMapping], target: Target) -> bool:
    return any(one.table == target for one in found)
