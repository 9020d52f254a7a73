"""The points of a map: what is known of each, and their keys ``users:ID`` and ``items:ID``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages.ui.session import lookups

if TYPE_CHECKING:
    import numpy as np

    from mgrec_core.analysis.profile import Features
    from mgrec_core.engine.engine import Engine

ATTRIBUTE = "attribute:"
"""Before an attribute's name in a column: an attribute may be called ``id`` or ``x``."""

_OF_USERS = {"user_id": "id", "n_items": "n_items", "n_events": "n_events", "last_time": "last_time"}
_OF_ITEMS = {"item_id": "id", "title": "title", "n_users": "n_users"}


def kinds(of: str) -> tuple[str, ...]:
    """Return the kinds of points on a map of users, items or both."""
    return ("users", "items") if of == "both" else (of,)


def split_key(key: str) -> tuple[str, str]:
    """Return kind and id.

    Examples
    --------
    >>> split_key("items:a:b")
    ('items', 'a:b')
    """
    kind, _, identity = key.partition(":")
    return kind, identity


def known(engine: Engine, of: str) -> pd.DataFrame:
    """Return one row a point: kind, id, label, n, and its attributes.

    ``n`` counts the items of a user and the users of an item; the column of an attribute has
    :data:`ATTRIBUTE` before its name.
    """
    return _known(str(engine.build), of, engine)


@st.cache_resource(max_entries=6, show_spinner=False)
def _known(build: str, of: str, _engine: Engine) -> pd.DataFrame:
    parts = []
    if "users" in kinds(of):
        users = _named(lookups.users_frame(_engine), _OF_USERS)
        parts.append(users.assign(kind="users", label="User " + users["id"], n=users["n_items"]))
    if "items" in kinds(of):
        items = _named(lookups.items_frame(_engine), _OF_ITEMS)
        parts.append(items.assign(kind="items", label=items["title"].fillna(items["id"]), n=items["n_users"]))
    return pd.concat(parts, ignore_index=True)


def _named(frame: pd.DataFrame, fixed: dict[str, str]) -> pd.DataFrame:
    return frame.rename(columns={c: fixed.get(c, f"{ATTRIBUTE}{c}") for c in map(str, frame.columns)})


def attributes(engine: Engine, of: str) -> list[str]:
    """Return the names of the points' attributes."""
    columns = [str(c) for c in known(engine, of).columns]
    return [c.removeprefix(ATTRIBUTE) for c in columns if c.startswith(ATTRIBUTE)]


def features(engine: Engine, of: str) -> Features:
    """Return the attribute values of users, items or both, read once a build."""
    return _features(str(engine.build), of, engine)


@st.cache_resource(max_entries=6, show_spinner="Reading attributes …")
def _features(build: str, of: str, _engine: Engine) -> Features:
    from mgrec_core.analysis.profile import features_of

    return features_of(_engine, of)


def rows_of(engine: Engine, of: str, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return the rows of a map's points in the order of users, items, or users and then items."""
    users = {u: n for n, u in enumerate(engine.user_ids)} if "users" in kinds(of) else {}
    items = {i: n + len(users) for n, i in enumerate(engine.item_ids)} if "items" in kinds(of) else {}
    both = {"users": users, "items": items}
    rows = [both[kind].get(identity, -1) for kind, identity in zip(frame["kind"], frame["id"], strict=True)]
    return pd.Series(rows, dtype="int64").to_numpy()
