"""What the tables and views of a workspace say, for the Overview page: SQL in, plain values out."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import duckdb

_COUNTS = """
SELECT (SELECT count(*) FROM v_users), (SELECT count(*) FROM v_items), (SELECT count(*) FROM v_events),
       (SELECT count(*) FROM v_pairs), (SELECT count(*) FROM kg), (SELECT count(*) FROM v_social),
       (SELECT min(timestamp) FROM v_events), (SELECT max(timestamp) FROM v_events)
"""


@dataclass(frozen=True)
class Receipt:
    """What the import accepted, repaired and rejected, and why.

    Attributes
    ----------
    files
        (file, target, read, accepted, repaired, rejected)
    reasons
        (file, rule, action, count, explanation)
    examples
        (file, rule) → (row number, content) of a few rows
    """

    files: tuple[tuple[str, str, int, int, int, int], ...]
    reasons: tuple[tuple[str, str, str, int, str], ...]
    examples: dict[tuple[str, str], tuple[tuple[int | None, str], ...]]


@dataclass(frozen=True)
class Facts:
    """Counts, dates, distributions and the receipt of a workspace's data."""

    dataset: str
    source_format: str
    users: int
    items: int
    events: int
    pairs: int
    triples: int
    ties: int
    first: datetime | None
    last: datetime | None
    event_kinds: tuple[tuple[str, int], ...]
    items_per_user: tuple[int, ...]
    users_per_item: tuple[int, ...]
    receipt: Receipt


def read(folder: Path) -> Facts:
    """Return the facts of a workspace, read once for each state of its database.

    Raises
    ------
    WorkspaceBrokenError
        When the database cannot be read.
    """
    stat = (folder / "mgrec.duckdb").stat()
    return _read(str(folder), stat.st_mtime_ns, stat.st_size)


@st.cache_data(max_entries=4, show_spinner="Reading the workspace …")
def _read(path: str, modified: int, size: int) -> Facts:
    import duckdb

    from mgrec_core.foundation.errors import WorkspaceBrokenError
    from mgrec_core.workspace.folder import Workspace

    try:
        with closing(Workspace(Path(path)).connect()) as connection:
            return _facts(connection)
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise WorkspaceBrokenError(
            f"The workspace's database cannot be read ({first}); import again."
        ) from error


def _facts(connection: duckdb.DuckDBPyConnection) -> Facts:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    meta = dict(rows("SELECT key, value FROM meta"))
    users, items, events, pairs, triples, ties, first, last = rows(_COUNTS)[0]
    examples: dict[tuple[str, str], tuple[tuple[int | None, str], ...]] = {}
    for file, rule, number, content in rows("SELECT * FROM import_examples ORDER BY file, rule, row_number"):
        examples[file, rule] = (*examples.get((file, rule), ()), (number, content))
    return Facts(
        dataset=meta.get("dataset", ""),
        source_format=meta.get("format", ""),
        users=users, items=items, events=events, pairs=pairs, triples=triples, ties=ties,
        first=first, last=last,
        event_kinds=tuple(rows("SELECT event, count(*) FROM v_events GROUP BY 1 ORDER BY 2 DESC, 1")),
        items_per_user=tuple(n for (n,) in rows("SELECT n_items FROM v_users")),
        users_per_item=tuple(n for (n,) in rows("SELECT n_users FROM v_items")),
        receipt=Receipt(
            tuple(rows("SELECT * FROM import_files ORDER BY file, target")),
            tuple(rows("SELECT * FROM import_reasons ORDER BY count DESC, file, rule")),
            examples,
        ),
    )  # fmt: skip
