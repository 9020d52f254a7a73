"""The views of one workspace, each read once: what all checks of its quality query."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

_TABLES = {
    "q_events": "SELECT event_id, user_id, item_id, event, rating, timestamp, session_id FROM v_events",
    "q_pairs": "SELECT user_id, item_id, n_events, last_time, rating FROM v_history",
    "q_users": "SELECT user_id, n_items, n_events FROM v_users",
    "q_items": "SELECT item_id, title, description, label, n_users FROM v_items",
    "q_text": "SELECT item_id, text FROM v_item_text",
    "q_values": "SELECT item_id, attribute, value FROM v_item_values",
}


class Snapshot:
    """Temporary tables ``q_…`` made from the views that are dear to compute, and counts of all.

    Parameters
    ----------
    connection
        Open on a workspace; read-only is enough, temporary tables live elsewhere.
    today
        The day that "in the future" is measured from.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, today: date) -> None:
        self.connection = connection
        self.today = today
        for name, query in _TABLES.items():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(query, list(values)).fetchall()

    def row(self, query: str, *values: object) -> tuple[Any, ...]:
        """The only row of a query."""
        (found,) = self.rows(query, *values)
        return found

    def arrays(self, query: str) -> dict[str, NDArray[Any]]:
        """The columns of a query, none of which has NULL, as arrays by name."""
        return {name: np.asarray(c) for name, c in self.connection.execute(query).fetchnumpy().items()}

    def column(self, query: str) -> NDArray[np.float64]:
        """The only column of a query, without NULL, as numbers in the query's order."""
        (found,) = self.arrays(query).values()
        return found.astype(np.float64)

    def run(self, statement: str) -> None:
        """Make a temporary table of a check's own."""
        self.connection.execute(statement)

    def count(self, table: str) -> int:
        """Rows of a view or temporary table whose name this package chose."""
        return int(self.row(f"SELECT count(*) FROM {table}")[0])

    @cached_property
    def users(self) -> int:
        """All users."""
        return self.count("q_users")

    @cached_property
    def active(self) -> int:
        """Users with at least one pair."""
        return self.count("q_users WHERE n_items > 0")

    @cached_property
    def items(self) -> int:
        """The whole catalogue."""
        return self.count("q_items")

    @cached_property
    def events(self) -> int:
        """All events."""
        return self.count("q_events")

    @cached_property
    def pairs(self) -> int:
        """Pairs (user, item) with a positive amount."""
        return self.count("q_pairs")

    @cached_property
    def dated(self) -> int:
        """Events with a timestamp."""
        return self.count("q_events WHERE timestamp IS NOT NULL")

    @cached_property
    def period(self) -> tuple[datetime, datetime] | None:
        """First and last timestamp, or ``None``."""
        first, last = self.row("SELECT min(timestamp), max(timestamp) FROM q_events")
        return (first, last) if first is not None else None

    @cached_property
    def by_day(self) -> bool:
        """Timestamps are days: at least 95 % of the dated events are at midnight."""
        (share,) = self.row(
            "SELECT avg((timestamp = date_trunc('day', timestamp))::INT) FROM q_events WHERE timestamp "
            "IS NOT NULL"
        )
        return share is not None and share >= 0.95
