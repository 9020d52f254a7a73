"""What the tables say of users and items, for pages and exports."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import duckdb
import pandas as pd

from mgrec_core.data.item_texts import item_texts
from mgrec_core.data.signals.variants import UserEvents
from mgrec_core.foundation.results import UserProfile
from mgrec_core.workspace.connection import database_error
from mgrec_core.workspace.folder import Workspace


class Tables:
    """Queries over one workspace's views; one read-only connection, a cursor a call."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._workspace.connect()

    def _query(self, sql: str, *parameters: object) -> pd.DataFrame:
        cursor = self._connection.cursor()
        try:
            cursor.execute("USE mgrec")
            return cursor.execute(sql, list(parameters)).df()
        except duckdb.Error as error:
            raise database_error(self._workspace.database, error) from None

    def history(self, user_id: str) -> pd.DataFrame:
        """A user's pairs, liked and disliked, newest first (undated ones by their signal)."""
        return self._query(
            """SELECT p.item_id, i.label AS title, p.n_events, p.signal, p.rating, p.last_time
               FROM v_history p JOIN v_items i USING (item_id) WHERE p.user_id = ?
               ORDER BY p.last_time DESC NULLS LAST, p.signal DESC, p.item_id""",
            user_id,
        )

    def user_events(self, user_id: str) -> UserEvents:
        """What a user's events say, item by item."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("USE mgrec")
            return UserEvents.read(cursor, user_id)
        except duckdb.Error as error:
            raise database_error(self._workspace.database, error) from None

    def profile(self, user_id: str) -> UserProfile:
        """Counts, times and attributes of one user."""
        counts = self._query(
            """SELECT count(DISTINCT item_id) AS n_items, count(*) AS n_events,
                      min(timestamp) AS first_time, max(timestamp) AS last_time
               FROM v_events WHERE user_id = ?""",
            user_id,
        ).iloc[0]
        attributes = self._query(
            """SELECT attribute, string_agg(value, ', ' ORDER BY value) AS value
               FROM v_user_attributes WHERE user_id = ? GROUP BY attribute ORDER BY attribute""",
            user_id,
        )
        friends = self._query("SELECT count(*) AS n FROM v_social WHERE user_id = ?", user_id)
        return UserProfile(
            user_id=user_id,
            n_items=int(counts["n_items"]),
            n_events=int(counts["n_events"]),
            first_time=_time(counts["first_time"]),
            last_time=_time(counts["last_time"]),
            n_friends=int(friends["n"].iloc[0]),
            attributes=dict(zip(attributes["attribute"], attributes["value"], strict=True)),
        )

    def item_attributes(self, item_id: str) -> dict[str, str]:
        """All values of each attribute of an item, joined by commas."""
        values = self._query(
            """SELECT attribute, string_agg(value, ', ' ORDER BY value) AS value
               FROM v_item_attributes WHERE item_id = ? GROUP BY attribute ORDER BY attribute""",
            item_id,
        )
        return dict(zip(values["attribute"], values["value"], strict=True))

    def item_text(self, item_id: str, template: str) -> str:
        """What the language model reads of an item; empty where there is no text."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("USE mgrec")
            return item_texts(cursor, template, item_id).get(item_id) or ""
        except duckdb.Error as error:
            raise database_error(self._workspace.database, error) from None

    def attribute_values(self, of: str) -> pd.DataFrame:
        """Every attribute value of users or items: id, attribute, value."""
        one = "user" if of == "users" else "item"
        return self._query(f"SELECT {one}_id AS id, attribute, value FROM v_{one}_attributes ORDER BY ALL")

    def users(self) -> pd.DataFrame:
        """Every user with its counts, and one column an attribute."""
        users = self._query("SELECT user_id, n_items, n_events, last_time FROM v_users ORDER BY user_id")
        values = self._query(
            "SELECT user_id AS id, attribute, min(value) AS value FROM v_user_attributes GROUP BY ALL"
        )
        return _widen(users, values, "user_id")

    def items(self) -> pd.DataFrame:
        """Every item with its users, and one column an attribute."""
        items = self._query("SELECT item_id, label AS title, n_users FROM v_items ORDER BY item_id")
        values = self._query(
            "SELECT item_id AS id, attribute, min(value) AS value FROM v_item_attributes GROUP BY ALL"
        )
        return _widen(items, values, "item_id")


def _widen(frame: pd.DataFrame, values: pd.DataFrame, key: str) -> pd.DataFrame:
    """Add one column an attribute; an attribute named like a column gets a trailing underscore."""
    if values.empty:
        return frame
    wide = values.pivot(index="id", columns="attribute", values="value")
    wide.columns = [f"{name}_" if name in frame.columns else str(name) for name in wide.columns]
    return frame.join(wide, on=key)


def _time(value: Any) -> pd.Timestamp | None:
    return None if pd.isna(value) else pd.Timestamp(value)
