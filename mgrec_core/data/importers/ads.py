"""Fills the tables of advertisements from cleaned staging tables."""

from __future__ import annotations

from collections.abc import Mapping

from mgrec_core.data.cleaning import Duplicates, judge, trimmed
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.decimal_commas import with_points
from mgrec_core.data.importers.earlier import reject_held, tell_changes
from mgrec_core.data.staged import Staged

Columns = Mapping[str, str | None]
KINDS = ("shown", "clicked", "redeemed")


def load_ads(run: Import, staged: Staged, columns: Columns, attributes: Mapping[str, str]) -> None:
    """Fill ``ads`` and ``ad_attributes``; of the rows of one ad the first in order is kept.

    Parameters
    ----------
    columns
        ``ad_id``, ``title``, ``starts`` and ``ends`` → SQL column.
    attributes
        Attribute name → SQL expression over the staging table; ``|`` separates values.
    """
    cells = run.cells(staged)
    cells.text("ad_id", columns["ad_id"], required=True)
    cells.text("title", columns.get("title"))
    cells.time("starts", columns.get("starts"), planned=True)
    cells.time("ends", columns.get("ends"), planned=True)
    cells.add("_turned", "starts > ends", 6)
    cells.check("ends_before_start", "_turned")
    attributes = with_points(run, staged, cells, attributes)
    cells.check("updated_ad", "false")  # told by tell_changes
    every = [f"{column} NULLS LAST" for column in staged.columns.values()]
    judged = judge(run.connection, staged, cells, Duplicates("duplicate_ad", ["ad_id"], order=every))
    run.connection.execute(
        "INSERT INTO ads SELECT ad_id, title, CASE WHEN _turned THEN NULL ELSE starts END,"
        f" CASE WHEN _turned THEN NULL ELSE ends END FROM {judged.table}"
        " WHERE _rejected IS NULL ORDER BY ad_id"
    )
    for name, expression in attributes.items():
        run.connection.execute(
            f"INSERT INTO ad_attributes SELECT DISTINCT ad_id, ?, {trimmed('value')} AS value"
            f" FROM (SELECT ad_id, unnest(string_split({expression}, '|')) AS value"
            f" FROM {judged.table} WHERE _rejected IS NULL)"
            f" WHERE {trimmed('value')} IS NOT NULL ORDER BY ALL",
            [name],
        )
    tell_changes(run, judged, "ad")
    run.record(staged, judged, "ads")
    run.drop(staged, judged)


def load_ad_items(run: Import, staged: Staged, columns: Columns) -> None:
    """Fill ``ad_items``; the ads and items must be known by then."""
    cells = run.cells()
    cells.text("ad_id", columns["ad_id"], required=True)
    cells.text("item_id", columns["item_id"], required=True)
    cells.known("_ad_known", columns["ad_id"], "ads")
    cells.known("_item_known", columns["item_id"], "items")
    cells.check("unknown_ad", "NOT _ad_known")
    cells.check("unknown_item", "NOT _item_known")
    again = Duplicates("duplicate_ad_item", ["ad_id", "item_id"])
    judged = judge(run.connection, staged, cells, again)
    reject_held(run, judged, "duplicate_ad_item", "ad_items", ["ad_id", "item_id"])
    run.connection.execute(
        f"INSERT INTO ad_items SELECT ad_id, item_id FROM {judged.table} WHERE _rejected IS NULL ORDER BY ALL"
    )
    run.record(staged, judged, "ad_items")
    run.drop(staged, judged)


def load_ad_events(run: Import, staged: Staged, columns: Columns) -> None:
    """Fill ``ad_events``; the users and ads must be known by then."""
    cells = run.cells()
    cells.text("user_id", columns["user_id"], required=True)
    cells.text("ad_id", columns["ad_id"], required=True)
    cells.text("kind", columns["kind"], required=True, lower=True)
    cells.time("timestamp", columns.get("timestamp"))
    cells.known("_user_known", columns["user_id"], "users")
    cells.known("_ad_known", columns["ad_id"], "ads")
    cells.check("unknown_user", "NOT _user_known")
    cells.check("unknown_ad", "NOT _ad_known")
    cells.check("unknown_ad_event", f"kind NOT IN {KINDS}")
    keys = ["user_id", "ad_id", "kind", "timestamp"]
    judged = judge(run.connection, staged, cells, Duplicates("duplicate_ad_event", keys))
    reject_held(run, judged, "duplicate_ad_event", "ad_events", keys)
    run.connection.execute(
        f"INSERT INTO ad_events SELECT {', '.join(keys)} FROM {judged.table} WHERE _rejected IS NULL"
        " ORDER BY user_id, ad_id, kind, timestamp NULLS LAST"
    )
    run.record(staged, judged, "ad_events")
    run.drop(staged, judged)
