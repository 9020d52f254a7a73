"""A workspace's database written anew: with what a further source adds, or without what is forgotten.

Rows are never deleted in place, since a DuckDB file keeps freed blocks. Either way the new file holds
what one import of the same rows would hold: rows in the importers' order, ids of events counted anew,
the derived knowledge graph derived anew.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import duckdb

from mgrec_core.data.columns.settling import settle
from mgrec_core.data.fingerprint import data_fingerprint
from mgrec_core.data.knowledge.linking import link_names, write_linked
from mgrec_core.data.knowledge.rules import derive, given_triples
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.signals.filling import fill_signals
from mgrec_core.foundation.files import sql_path
from mgrec_core.workspace.connection import SCHEMA_VERSION

#: Order of the rows of each table, as the importers insert them.
ORDERS: dict[str, str] = {
    "users": "user_id",
    "items": "item_id",
    "implied": "kind, id",
    "item_attributes": "ALL",
    "user_attributes": "ALL",
    "columns": "owner, name",
    "tags": "user_id, item_id, tag, timestamp NULLS LAST",
    "events": "timestamp NULLS LAST, user_id, item_id, event, weight NULLS LAST, rating NULLS LAST,"
    " session_id NULLS LAST",
    "kg": "head_id, relation, tail_id",
    "social": "user_id, friend_id",
    "feedback": "user_id, item_id, kind, timestamp NULLS LAST",
    "ads": "ad_id",
    "ad_attributes": "ALL",
    "ad_items": "ALL",
    "ad_events": "user_id, ad_id, kind, timestamp NULLS LAST",
}
RECEIPT = ("import_files", "import_reasons", "import_examples")
_EVENT = "user_id, item_id, event, weight, rating, timestamp, session_id"


@dataclass(frozen=True)
class Rewriting:
    """What the new database is to hold.

    Attributes
    ----------
    rows
        Table → SELECT of its rows; events without ``event_id``, ``kg`` without derived triples.
    strengths
        SELECT of rows of ``event_types`` that hold for kinds that stay.
    receipt
        Receipt table → SELECT of its rows.
    meta
        Facts about the import, without fingerprint and schema version.
    keeps_scale
        Whether ratings mean what they meant in ``earlier``; else their scale is found anew.
    """

    rows: Mapping[str, str]
    strengths: str
    receipt: Mapping[str, str]
    meta: Mapping[str, str] = field(default_factory=dict)
    keeps_scale: bool = False


def added(append: int, options: ImportOptions) -> Rewriting:
    """Rows of the databases ``fresh`` (a further source) and ``earlier`` (the workspace) together.

    Parameters
    ----------
    append
        Which addition this is, from 1; the receipt names its files after it.
    options
        Of both: where a rule against duplicates is off, every row of both is kept.
    """

    def unless_off(rule: str, table: str, query: str) -> str:
        return both.format(table)[1:-1] if rule in options.without else query

    both = "(SELECT * FROM earlier.{0} UNION ALL SELECT * FROM fresh.{0})"
    label = f" || ' (added {append})'"
    receipt = {
        table: f"SELECT * FROM earlier.{table} UNION ALL SELECT * REPLACE (file{label} AS file)"
        f" FROM fresh.{table}"
        for table in RECEIPT
    }
    named = {
        owner: f"SELECT {owner}_id FROM {{0}}.{owner}s WHERE {owner}_id NOT IN"
        f" (SELECT id FROM {{0}}.implied WHERE kind = '{owner}')"
        for owner in ("user", "item")
    }
    implied = " UNION ".join(
        f"SELECT kind, id FROM {both.format('implied')} WHERE kind = '{owner}' AND id NOT IN"
        f" ({text.format('earlier')} UNION {text.format('fresh')})"
        for owner, text in named.items()
    )
    rows = {
        "users": "SELECT user_id FROM earlier.users UNION SELECT user_id FROM fresh.users",
        "items": "SELECT item_id, coalesce(f.title, e.title), coalesce(f.description, e.description)"
        " FROM earlier.items e FULL JOIN fresh.items f USING (item_id)",
        "implied": implied,
        **{f"{owner}_attributes": _attributes(owner) for owner in ("item", "user", "ad")},
        "columns": "SELECT * FROM fresh.columns UNION ALL"
        " SELECT * FROM earlier.columns ANTI JOIN fresh.columns USING (owner, name)",
        "tags": unless_off(
            "duplicate_tag",
            "tags",
            "SELECT user_id, item_id, tag, min(timestamp) AS timestamp"
            f" FROM {both.format('tags')} GROUP BY ALL",
        ),
        # What no rule of the importer caught: dated rows of the source that are there already.
        "events": f"SELECT {_EVENT} FROM earlier.events UNION ALL SELECT {_EVENT} FROM fresh.events"
        f" WHERE {'true OR ' if 'duplicate_event' in options.without else ''}timestamp IS NULL"
        f" OR NOT EXISTS (SELECT 1 FROM earlier.events AS held WHERE {_same()})",
        "kg": "SELECT head_id, relation, tail_id, min(tail_label), list_aggregate(list_sort(list_distinct("
        "flatten(list(string_split(source, ', '))))), 'string_agg', ', '), max(confidence)"
        f" FROM {both.format('kg')} AS given WHERE {given_triples('given')}"
        " GROUP BY head_id, relation, tail_id",
        "social": f"SELECT user_id, friend_id, max(weight) FROM {both.format('social')}"
        " GROUP BY user_id, friend_id",
        "feedback": unless_off("duplicate_feedback", "feedback", _union("feedback")),
        "ads": "SELECT ad_id, coalesce(f.title, e.title),"
        " CASE WHEN f.starts IS NULL AND f.ends IS NULL THEN e.starts ELSE f.starts END,"
        " CASE WHEN f.starts IS NULL AND f.ends IS NULL THEN e.ends ELSE f.ends END"
        " FROM earlier.ads e FULL JOIN fresh.ads f USING (ad_id)",
        "ad_items": _union("ad_items"),
        "ad_events": _union("ad_events"),
    }
    strengths = (
        "SELECT * FROM earlier.event_types UNION ALL SELECT f.*"
        " FROM fresh.event_types AS f ANTI JOIN earlier.event_types USING (event)"
    )
    return Rewriting(rows, strengths, receipt, {"appends": str(append), "import_options": written(options)})


def _union(table: str) -> str:
    """The workspace's rows, and those of the source that it does not hold."""
    return (
        f"SELECT * FROM earlier.{table} UNION ALL"
        f" (SELECT * FROM fresh.{table} EXCEPT SELECT * FROM earlier.{table})"
    )


def _attributes(owner: str) -> str:
    """The source's values of an attribute replace the workspace's, attribute by attribute."""
    return (
        f"SELECT * FROM fresh.{owner}_attributes UNION ALL SELECT * FROM earlier.{owner}_attributes"
        f" ANTI JOIN fresh.{owner}_attributes USING ({owner}_id, attribute)"
    )


def _same() -> str:
    return " AND ".join(f"held.{key} IS NOT DISTINCT FROM events.{key}" for key in _EVENT.split(", "))


def write(connection: duckdb.DuckDBPyConnection, target: Path, new: Rewriting) -> None:
    """Write the new database.

    Parameters
    ----------
    connection
        Where the databases that ``new`` names are attached.
    target
        File to create.
    new
        What it is to hold; meta of ``earlier`` is kept where ``new`` says nothing else.
    """
    connection.execute(f"ATTACH {sql_path(target)} AS whole")
    home = connection.execute("SELECT current_database()").fetchall()[0][0]
    connection.execute("USE whole")
    try:
        connection.execute(sql("schema.sql"))
        for table, order in ORDERS.items():
            number = "row_number() OVER () - 1, " if table == "events" else ""
            connection.execute(
                f"INSERT INTO {table} SELECT {number}* FROM"
                f" (SELECT * FROM ({new.rows[table]}) ORDER BY {order})"
            )
        for table, rows in new.receipt.items():
            connection.execute(f"INSERT INTO {table} {rows}")
        facts = dict(connection.execute("SELECT key, value FROM earlier.meta").fetchall()) | dict(new.meta)
        options = ImportOptions.from_dict(json.loads(facts.get("import_options", "{}")))
        fill_signals(connection, options.strengths, options.ratings, new.strengths)
        if new.keeps_scale:
            for table in ("rating_scale", "no_rating"):
                connection.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM earlier.{table}")
        settle(connection)
        link_names(connection)
        _keep_decisions(connection)
        derive(connection)
        connection.execute(sql("views.sql"))
        write_meta(connection, facts)
        connection.execute("CHECKPOINT whole")
    finally:
        connection.execute(f'USE "{home}"')
        with contextlib.suppress(duckdb.Error):
            connection.execute("DETACH whole")


def _keep_decisions(connection: duckdb.DuckDBPyConnection) -> None:
    """Hold what people decided about names in the graph, of the names that are still there."""
    changed = connection.execute(
        "UPDATE kg_links SET verdict = held.verdict, decided = held.decided"
        " FROM (SELECT * FROM earlier.kg_links WHERE decided = 'person') AS held"
        " WHERE kg_links.node_id = held.node_id AND kg_links.item_id = held.item_id"
    ).fetchall()
    if changed[0][0]:
        write_linked(connection)


def write_meta(connection: duckdb.DuckDBPyConnection, facts: Mapping[str, str]) -> None:
    """Fill ``meta``, with the fingerprint of the tables and the schema's version."""
    own = {"data_fingerprint": data_fingerprint(connection), "schema_version": SCHEMA_VERSION}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", list((dict(facts) | own).items()))


def written(options: ImportOptions) -> str:
    """Return import options as ``meta`` keeps them."""
    return json.dumps(options.to_dict(), ensure_ascii=False)


def sql(name: str) -> str:
    """Return a file of SQL that ships with this package."""
    return resources.files("mgrec_core.data").joinpath(name).read_text(encoding="utf-8")
