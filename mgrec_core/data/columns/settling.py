"""Settles the role of every attribute column, in the table ``columns``, and tells them in the receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from mgrec_core.data.columns.facts import Owner, measure
from mgrec_core.data.columns.lists import FORMS
from mgrec_core.data.columns.roles import ROLES, VALUES, Facts, Role, decide, told
from mgrec_core.data.receipt import READ_AS, Reason, ReceiptWriter
from mgrec_core.foundation.text import shorten

RULE = "columns"
"""What the receipt calls the line about a file's columns."""

LISTS_OWNERS = "it lists the ids of others"
"""Why a column is an id whose cells were left whole."""

_OWNERS: tuple[Owner, ...] = ("item", "user")
_MOST_NAMED = 12


@dataclass(frozen=True)
class Loaded:
    """A column of a file as it went into the attributes.

    Attributes
    ----------
    file, owner, name
        Where it was, whose it is, what it is called.
    separator
        What its cells were split at, beside the usual ``|``; empty where nothing else.
    values
        Values that it brought.
    lists_owners
        Whether its cells list other users or items and were left whole.
    """

    file: str
    owner: Owner
    name: str
    separator: str = ""
    values: int = 0
    lists_owners: bool = False


def settle(
    connection: duckdb.DuckDBPyConnection,
    loaded: Iterable[Loaded] = (),
    roles: Mapping[str, Role] | None = None,
    separators: Mapping[str, str] | None = None,
) -> None:
    """Write ``columns``: a role for every attribute; those that a person gave stay.

    The same tables give the same rows in the same order.

    Parameters
    ----------
    connection
        The database, its attributes filled.
    loaded
        Columns as the files had them; others are found among the attributes.
    roles, separators
        What a person chose: name in lower case → role, separator.
    """
    roles, separators = roles or {}, separators or {}
    held = {
        (str(owner), str(name)): (str(role), str(separator), str(decided), str(why))
        for owner, name, role, separator, decided, why in connection.execute(
            "SELECT owner, name, role, separator, decided, why FROM columns"
        ).fetchall()
    }
    facts: dict[tuple[str, str], Facts] = {}
    for owner in _OWNERS:
        facts |= {(owner, name): found for name, found in measure(connection, owner).items()}
    brought: dict[tuple[str, str], Loaded] = {}
    for one in loaded:
        if (one.owner, one.name) in facts or not one.values:  # else an importer took it out again
            brought[one.owner, one.name] = one
    rows = []
    for key in sorted({*held, *facts, *brought}):
        name = key[1]
        role, separator, decided, why = held.get(key, ("", "", "guess", ""))
        if found := brought.get(key):
            separator = found.separator
            why = LISTS_OWNERS if found.lists_owners else why
        if chosen := roles.get(name.lower()):
            role, decided, why = chosen, "person", "as was asked for"
        elif decided != "person" and why == LISTS_OWNERS:
            role = "id"
        elif decided != "person":
            several = separator != ""
            role, why = decide(name, facts.get(key, Facts()), several=several)
            if separators.get(name.lower()) and role == "attribute":
                role = "list"
        rows.append([*key, role, separator, decided, why])
    connection.execute("DELETE FROM columns")
    if rows:
        connection.executemany("INSERT INTO columns VALUES (?, ?, ?, ?, ?, ?)", rows)


def tell(connection: duckdb.DuckDBPyConnection, loaded: Iterable[Loaded], receipt: ReceiptWriter) -> None:
    """Say in the receipt, in one line a file, what its columns were taken to be."""
    known: dict[tuple[str, str], Role] = {
        (str(owner), str(name)): role
        for owner, name, role in connection.execute("SELECT owner, name, role FROM columns").fetchall()
        if role in ROLES
    }
    files: dict[str, list[Loaded]] = {}
    for one in loaded:
        if (one.owner, one.name) in known:
            files.setdefault(one.file, []).append(one)
    for file, columns in files.items():
        by_role: dict[Role, list[Loaded]] = {}
        for one in columns:
            by_role.setdefault(known[one.owner, one.name], []).append(one)
        receipt.reasons.append(Reason(file, RULE, READ_AS, len(columns), _line(by_role)))
        for one in columns:
            if one.lists_owners:
                receipt.reasons.append(Reason(file, "lists_of_ids", READ_AS, 1, _offer(one)))


def _line(by_role: Mapping[Role, list[Loaded]]) -> str:
    number = sum(len(columns) for columns in by_role.values())
    parts = []
    used = [told(role, len(by_role[role])) for role in (*VALUES, "text") if role in by_role]
    if used:
        parts.append(_joined(used))
    unused = [role for role in ROLES if role in by_role and role not in (*VALUES, "text")]
    if unused:
        names = [one.name for role in unused for one in by_role[role]]
        counts = _joined([told(role, len(by_role[role])) for role in unused])
        parts.append(f"{counts} not used as interests: {_named(names)}")
    split = [one for columns in by_role.values() for one in columns if one.separator and not one.lists_owners]
    if split:
        parts.append(f"split into values: {_named([_cut(one) for one in split])}")
    return f"{number} column{'' if number == 1 else 's'}: {'; '.join(parts)}"


def _cut(one: Loaded) -> str:
    forms = {"json": "JSON", "python": "Python lists", "braces": "in braces"}
    at = forms[one.separator] if one.separator in FORMS else f"at '{one.separator}'"
    return f"{one.name} ({at})"


def _offer(one: Loaded) -> str:
    file, pair = (
        ("social", "user_id, friend_id") if one.owner == "user" else ("kg", "head_id, relation, tail_id")
    )
    return (
        f"the column '{shorten(one.name, 60)}' lists other {one.owner}s' ids; as a file {file} ({pair})"
        " with a row for each they are used, in this column they are not"
    )


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    listed = ", ".join(shorten(name, 60) for name in names[:_MOST_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
