"""Which rows a database keeps when a user, an item or an event is forgotten.

What is left is what an import of the source without that user, item or event gives. Ids that only
events or friendships brought in (``implied``) go with the last of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import duckdb

from mgrec_core.data.cleaning import literal
from mgrec_core.data.importers.rewriting import ORDERS, RECEIPT, Rewriting
from mgrec_core.data.knowledge.rules import given_triples
from mgrec_core.data.options import ImportOptions
from mgrec_core.foundation.errors import NotFoundError

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
            query = " UNION ALL ".join(
                f"SELECT 1 FROM {table} WHERE {column} = $id"
                for table, columns in holders(connection, kind).items()
                for column in columns
            )
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
    keep = _rules(connection, target)
    kept: dict[str, str] = {
        table: f"SELECT * FROM earlier.{table} WHERE {keep(table)}" for table in ORDERS if table != "implied"
    }
    kept["events"] = f"SELECT * EXCLUDE (event_id) FROM earlier.events WHERE {keep('events')}"
    gone = _gone(connection, kept)
    for kind in ("user", "item"):
        for table in [name for name in holders(connection, kind) if name in kept and name != "events"]:
            if (kind, table) not in ((("user", "tags"), ("user", "social"))):  # known or not, these count
                kept[table] += f" AND {kind}_id NOT IN (SELECT id FROM ({gone}) WHERE kind = '{kind}')"
    kept["implied"] = f"SELECT * FROM earlier.implied WHERE {keep('implied')} EXCEPT ({gone})"
    kept["kg"] += f" AND {given_triples('kg')}"
    examples = connection.execute("SELECT * FROM earlier.import_examples").fetchall()
    connection.execute("CREATE OR REPLACE TEMP TABLE kept_examples AS FROM earlier.import_examples LIMIT 0")
    if rows := [row for row in examples if not target.mentioned(str(row[3]))]:
        connection.executemany("INSERT INTO kept_examples VALUES (?, ?, ?, ?)", rows)
    receipt = {table: f"SELECT * FROM earlier.{table}" for table in RECEIPT}
    receipt["import_examples"] = "SELECT * FROM temp.kept_examples"
    # Who leaves does not change what the ratings of the others mean.
    return Rewriting(kept, "SELECT * FROM earlier.event_types", receipt, keeps_scale=True)


def _gone(connection: duckdb.DuckDBPyConnection, kept: dict[str, str]) -> str:
    """Return SQL for the kind and id of what only events or friendships had brought that go."""
    rows = connection.execute("SELECT value FROM earlier.meta WHERE key = 'import_options'").fetchall()
    off = ImportOptions.from_dict(json.loads(rows[0][0])).without if rows else frozenset()
    bring = {
        "user": [("events", "user_id"), ("social", "user_id"), ("social", "friend_id")],
        "item": [("events", "item_id")],
    }
    if "unknown_user" in off:
        bring["user"] += [("feedback", "user_id")]
    if "unknown_item" in off:
        bring["item"] += [("tags", "item_id"), ("feedback", "item_id"), ("kg", "head_id")]
    return " UNION ALL ".join(
        f"SELECT kind, id FROM earlier.implied WHERE kind = '{kind}' AND id NOT IN ("
        + " UNION ".join(f"SELECT {column} FROM ({kept[table]})" for table, column in sources)
        + ")"
        for kind, sources in bring.items()
    )


def _rules(connection: duckdb.DuckDBPyConnection, target: Target) -> Callable[[str], str]:
    """Return, for each table, the SQL condition of the rows to keep."""
    id = literal(target.id)
    if target.kind == "event":
        return lambda table: f"event_id <> {target.id}" if table == "events" else "true"
    rules = {
        table: " AND ".join(f"{column} <> {id}" for column in columns)
        for table, columns in holders(connection, target.kind).items()
    }
    rules["implied"] = f"NOT (kind = '{target.kind}' AND id = {id})"
    ends = ("head_id", "tail_id")
    if target.kind == "item":  # names that are linked to the item are the item
        meant = f"SELECT node_id FROM earlier.kg_links WHERE item_id = {id} AND verdict = 'accepted'"
        rules["kg"] = " AND ".join(f"{end} <> {id} AND {end} NOT IN ({meant})" for end in ends)
    elif not target.id.isdigit():
        # A user's id may well be an item's or, as a number, an entity's: those stay.
        itself = " AND ".join(f"{end} <> {id}" for end in ends)
        rules["kg"] = f"({id} IN (SELECT item_id FROM earlier.items) OR {itself})"
    return lambda table: rules.get(table, "true")


def holders(connection: duckdb.DuckDBPyConnection, kind: Kind) -> dict[str, list[str]]:
    """Tables with columns of users' or items' ids, and those columns; the graph's nodes are apart.

    Parameters
    ----------
    connection
        A database with the canonical tables, or where one is attached.
    kind
        ``user`` or ``item``.
    """
    columns = {"user": ("user_id", "friend_id"), "item": ("item_id",)}.get(kind, ())
    rows = connection.execute(
        "SELECT DISTINCT c.table_name, c.column_name FROM duckdb_columns() AS c JOIN duckdb_tables() AS t"
        " USING (database_name, schema_name, table_name) WHERE c.column_name IN ? ORDER BY ALL",
        [list(columns)],
    ).fetchall()
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return {table: found[table] for table in (*ORDERS, "kg_links") if table in found}
