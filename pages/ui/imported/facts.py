"""What the tables and views of a workspace say, for the Overview page: SQL in, plain values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import duckdb

_COUNTS = """
SELECT (SELECT count(*) FROM v_users), (SELECT count(*) FROM v_items), (SELECT count(*) FROM v_events),
       (SELECT count(*) FROM v_pairs), (SELECT count(*) FROM v_social),
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
    from mgrec_core.workspace.folder import Workspace

    with Workspace(Path(path)).reading() as connection:
        return _facts(connection)


def _facts(connection: duckdb.DuckDBPyConnection) -> Facts:
    from mgrec_core.data.receipt import COUNTED, count_rows, read_receipt
    from mgrec_core.workspace.connection import read_meta

    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    meta = read_meta(connection)
    users, items, events, pairs, ties, first, last = rows(_COUNTS)[0]
    files, reasons, rejected = read_receipt(connection)
    examples: dict[tuple[str, str], tuple[tuple[int | None, str], ...]] = {}
    for one in rejected:
        examples[one.file, one.rule] = (
            *examples.get((one.file, one.rule), ()),
            (one.row_number, one.content),
        )
    return Facts(
        dataset=meta.get("dataset", ""),
        source_format=meta.get("format", ""),
        users=users, items=items, events=events, pairs=pairs, ties=ties,
        triples=count_rows(connection, COUNTED["kg"]),
        first=first, last=last,
        event_kinds=tuple(rows("SELECT event, count(*) FROM v_events GROUP BY 1 ORDER BY 2 DESC, 1")),
        items_per_user=tuple(n for (n,) in rows("SELECT n_items FROM v_users")),
        users_per_item=tuple(n for (n,) in rows("SELECT n_users FROM v_items")),
        receipt=Receipt(
            tuple((f.file, f.target, f.read, f.accepted, f.repaired, f.rejected) for f in files),
            tuple((r.file, r.rule, r.action, r.count, r.explanation) for r in reasons),
            examples,
        ),
    )  # fmt: skip
