"""What a workspace holds already, beside a source that is added to it.

While a source is added, the workspace's database is attached as ``earlier``. Everywhere else there
is no such database, and nothing here does anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import duckdb

from mgrec_core.data.cleaning import Judged
from mgrec_core.data.importers.state import RunState
from mgrec_core.data.options import ImportOptions
from mgrec_core.foundation.files import sql_path


def attach(connection: duckdb.DuckDBPyConnection, database: Path | None) -> ImportOptions:
    """Make the views ``known_users``, ``known_items`` and ``known_ads``: ids of source and workspace.

    Parameters
    ----------
    connection
        The database that the source is read into, with its empty tables.
    database
        The workspace's database, attached read-only as ``earlier``; None where nothing is added to.

    Returns
    -------
    ImportOptions
        What was chosen when the workspace was imported; the defaults where nothing is added to.
    """
    kept = ImportOptions()
    if database is not None:
        connection.execute(f"ATTACH {sql_path(database)} AS earlier (READ_ONLY)")
        rows = connection.execute("SELECT value FROM earlier.meta WHERE key = 'import_options'").fetchall()
        kept = ImportOptions.from_dict(json.loads(rows[0][0])) if rows else kept
    for owner in ("user", "item", "ad"):
        held = f" UNION SELECT {owner}_id FROM earlier.{owner}s" if database is not None else ""
        connection.execute(
            f"CREATE TEMP VIEW known_{owner}s AS SELECT {owner}_id FROM main.{owner}s AS own{held}"
        )
    return kept


def reject_held(
    run: RunState,
    judged: Judged,
    rule: str,
    table: str,
    keys: Sequence[str],
    *,
    among: str = "true",
    when: str = "true",
) -> None:
    """Reject good rows that say what the workspace holds already.

    Parameters
    ----------
    run, judged
        The running import and the cleaned rows of one file.
    rule
        The rejecting rule they break.
    table
        Table of the workspace.
    keys
        Columns (of both) in which they are equal, NULLs too; or pairs "new = old" in SQL.
    among
        SQL condition for the rows of the workspace (``held``) that count.
    when
        SQL condition for the rows of the file (``new``) that can be duplicates at all.
    """
    if not run.adds or rule in run.off:
        return
    same = " AND ".join(key if " " in key else f"new.{key} IS NOT DISTINCT FROM held.{key}" for key in keys)
    run.connection.execute(
        f"UPDATE {judged.table} SET _rejected = ? WHERE _row IN (SELECT new._row FROM {judged.table} AS new"
        f" SEMI JOIN (SELECT * FROM earlier.{table} AS held WHERE {among}) AS held ON {same}"
        f" WHERE new._rejected IS NULL AND ({when}))",
        [rule],
    )


def tell_changes(run: RunState, judged: Judged, owner: Literal["item", "user", "ad"]) -> None:
    """Mark rows of items, users or advertisements that the workspace knows: said again, or changed.

    Called when the file's rows are in the tables. A row changes what it gives otherwise than before: a
    title, a description, the values of an attribute. What it does not give stays.
    """
    if not run.adds:
        return
    given = {"item": ("title", "description"), "ad": ("title", "starts", "ends"), "user": ()}[owner]
    changes = [
        f"SELECT {owner}_id FROM (SELECT {owner}_id, attribute, list(value ORDER BY value) AS said"
        f" FROM {owner}_attributes GROUP BY ALL) LEFT JOIN (SELECT {owner}_id, attribute,"
        f" list(value ORDER BY value) AS held FROM earlier.{owner}_attributes GROUP BY ALL)"
        f" USING ({owner}_id, attribute) WHERE said IS DISTINCT FROM held"
    ]
    changes += [
        f"SELECT {owner}_id FROM {owner}s AS own JOIN earlier.{owner}s AS held USING ({owner}_id)"
        f" WHERE own.{column} IS NOT NULL AND own.{column} IS DISTINCT FROM held.{column}"
        for column in given
    ]
    if owner == "user":  # one who was only met in events has a profile now
        changes.append("SELECT id FROM earlier.implied WHERE kind = 'user'")
    changed = " UNION ".join(changes)
    held = f"{owner}_id IN (SELECT {owner}_id FROM earlier.{owner}s)"
    bit = 1 << judged.repairs.index(f"updated_{owner}")
    run.connection.execute(
        f"UPDATE {judged.table} SET"
        f" _rejected = CASE WHEN {owner}_id NOT IN ({changed}) THEN 'duplicate_{owner}' END,"
        f" _repairs = _repairs | CASE WHEN {owner}_id IN ({changed}) THEN {bit} ELSE 0 END"
        f" WHERE _rejected IS NULL AND {held}"
    )
