"""Which rows a database keeps when a user, an item or an event is forgotten.

What is left is what an import of the source without that user, item or event gives. Ids that only
events or friendships brought in (``implied``) go with the last of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import duckdb

from mgrec_core.data.cleaning import literal
from mgrec_core.data.derive_kg import given_triples
from mgrec_core.data.importers.rewriting import ORDERS, RECEIPT, Rewriting
from mgrec_core.errors import NotFoundError

Kind = Literal["user", "item", "event"]

#: Ids shorter than this are looked for as whole words only.
LEAST_DISTINCTIVE = 4


@dataclass(frozen=True)
class Target:
    """What is to be forgotten.

    Attributes
    ----------
    kind, id
        A user's or an item's id, or an event's number.
    texts
        What tells it in files: the id, and an item's title and description. Empty for an event.
    pair
        An event's user and item.
    """

    kind: Kind
    id: str
    texts: tuple[str, ...]
    pair: tuple[str, ...] = ()

    @classmethod
    def find(cls, connection: duckdb.DuckDBPyConnection, kind: Kind, id: str) -> Target:
        """Look it up in the tables.

        Raises
        ------
        NotFoundError
            The workspace has no such user, item or event.
        """
        if kind == "event":
            found = (
                connection.execute(
                    "SELECT user_id, item_id FROM events WHERE event_id = ?", [int(id)]
                ).fetchall()
                if re.fullmatch(r"\d{1,18}", id)
                else []
            )
            if found:
                return cls(kind, str(int(id)), (), tuple(found[0]))
        else:
            places = [f"{kind}s", "tags", "feedback"]
            query = " UNION ALL ".join(f"SELECT 1 FROM {place} WHERE {kind}_id = $id" for place in places)
            if connection.execute(query, {"id": id}).fetchall():
                titles = "SELECT title, description FROM items WHERE item_id = ?"
                rows = connection.execute(titles, [id]).fetchall() if kind == "item" else []
                return cls(kind, id, (id, *(text for row in rows for text in row if text)))
        raise NotFoundError(f"there is no {kind} {id!r} in this workspace: nothing was changed")

    def mentioned(self, text: str) -> bool:
        """Return whether a text names it, in any case of letters."""
        if self.kind == "event":
            return all(_names(text, one) for one in self.pair)
        return any(_names(text, one) for one in self.texts)


def _names(text: str, what: str) -> bool:
    text, what = text.casefold(), what.casefold()
    if len(what) >= LEAST_DISTINCTIVE:
        return what in text or _cut(text, what)
    return re.search(rf"(?<!\w){re.escape(what)}(?!\w)", text) is not None


def _cut(text: str, what: str) -> bool:
    """Return whether the text was cut (``…``) within ``what``."""
    end = text.removesuffix("…")
    start = end[-len(what) :]
    return end != text and any(what.startswith(start[n:]) for n in range(len(start) - LEAST_DISTINCTIVE + 1))


def without(connection: duckdb.DuckDBPyConnection, target: Target) -> Rewriting:
    """Rows of the database ``earlier`` but those of the target."""
    keep = _rules(target)
    kept: dict[str, str] = {
        table: f"SELECT * FROM earlier.{table} WHERE {keep(table)}" for table in ORDERS if table != "implied"
    }
    kept["events"] = f"SELECT * EXCLUDE (event_id) FROM earlier.events WHERE {keep('events')}"
    gone = (
        "SELECT kind, id FROM earlier.implied WHERE"
        f" kind = 'user' AND id NOT IN (SELECT user_id FROM ({kept['events']}) UNION SELECT user_id FROM"
        f" ({kept['social']}) UNION SELECT friend_id FROM ({kept['social']}))"
        f" OR kind = 'item' AND id NOT IN (SELECT item_id FROM ({kept['events']}))"
    )
    for table in ("users", "user_attributes", "feedback"):
        kept[table] += f" AND user_id NOT IN (SELECT id FROM ({gone}) WHERE kind = 'user')"
    for table in ("items", "item_attributes", "tags", "feedback"):
        kept[table] += f" AND item_id NOT IN (SELECT id FROM ({gone}) WHERE kind = 'item')"
    kept["implied"] = f"SELECT * FROM earlier.implied WHERE {keep('implied')} EXCEPT {gone}"
    kept["kg"] += f" AND {given_triples('kg')}"
    examples = connection.execute("SELECT * FROM earlier.import_examples").fetchall()
    connection.execute("CREATE OR REPLACE TEMP TABLE kept_examples AS FROM earlier.import_examples LIMIT 0")
    if rows := [row for row in examples if not target.mentioned(str(row[3]))]:
        connection.executemany("INSERT INTO kept_examples VALUES (?, ?, ?, ?)", rows)
    receipt = {table: f"SELECT * FROM earlier.{table}" for table in RECEIPT}
    receipt["import_examples"] = "SELECT * FROM temp.kept_examples"
    return Rewriting(kept, "SELECT event, strength FROM earlier.event_types", receipt)


def _rules(target: Target) -> Callable[[str], str]:
    """Return, for each table, the SQL condition of the rows to keep."""
    id = literal(target.id)
    if target.kind == "event":
        return lambda table: f"event_id <> {target.id}" if table == "events" else "true"
    rules = {"implied": f"NOT (kind = '{target.kind}' AND id = {id})"}
    own = f"{target.kind}_id <> {id}"
    tables = {
        "user": ("users", "user_attributes", "tags", "events", "feedback"),
        "item": ("items", "item_attributes", "tags", "events", "feedback"),
    }
    rules |= dict.fromkeys(tables[target.kind], own)
    if target.kind == "user":
        rules["social"] = f"user_id <> {id} AND friend_id <> {id}"
    # In the graph a user's id may well be an item's or, as a number, an entity's: those stay.
    elsewhere = "" if target.kind == "item" else f"{id} IN (SELECT item_id FROM earlier.items) OR "
    if target.kind == "item" or not target.id.isdigit():
        rules["kg"] = f"({elsewhere}head_id <> {id} AND tail_id <> {id})"
    return lambda table: rules.get(table, "true")
