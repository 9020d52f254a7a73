"""What pages look up in a build again and again, read once a build for all sessions."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mgrec_core.evaluation.segments import attributes
from pages.ui import text

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

MANY = 20_000
"""Above this many users the browser gets only those that match what was typed."""
MATCHES = 500
"""So many of those are offered then."""


def typical(engine: Engine) -> str:
    """Return the user with the median number of items: the one to start with."""
    frame = users_frame(engine)
    frame = frame[frame["n_items"] > 0].sort_values(["n_items", "user_id"])
    return str(frame["user_id"].iloc[len(frame) // 2]) if len(frame) else ""


def users_frame(engine: Engine) -> pd.DataFrame:
    """Return one row a user, read once a build."""
    return _users_frame(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _users_frame(build: str, _engine: Engine) -> pd.DataFrame:
    return _engine.users_frame()


def attributes_of(workspace: str, engine: Engine) -> dict[str, pd.Series]:
    """Return the attributes of users that groups can be made of, read once a build."""
    return _attributes_of(workspace, str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _attributes_of(workspace: str, build: str, _engine: Engine) -> dict[str, pd.Series]:
    with contextlib.closing(_engine.workspace.connect()) as connection:
        return attributes(connection)


def items_frame(engine: Engine) -> pd.DataFrame:
    """Return one row an item, read once a build."""
    return _items_frame(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _items_frame(build: str, _engine: Engine) -> pd.DataFrame:
    return _engine.items_frame()


def ordered_ids(engine: Engine) -> list[str]:
    """Return the users in the order people expect: numbers by size, anything else by spelling."""
    return _ordered_ids(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _ordered_ids(build: str, _engine: Engine) -> list[str]:
    ids = list(_engine.user_ids)
    return sorted(ids, key=lambda u: (len(u), u)) if all(u.isdecimal() for u in ids) else ids


def item_labels(engine: Engine) -> dict[str, str]:
    """Return item id → title for people to search in, in order of popularity."""
    return _item_labels(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _item_labels(build: str, _engine: Engine) -> dict[str, str]:
    frame = items_frame(_engine).sort_values(["n_users", "item_id"], ascending=[False, True])
    return {
        i: text.shorten(t if isinstance(t, str) and t else i, 90)
        for i, t in zip(frame["item_id"], frame["title"], strict=True)
    }


def known_ids(engine: Engine) -> tuple[frozenset[str], frozenset[str]]:
    """Return all user ids and item ids of the build, as sets."""
    return _ids(str(engine.build), engine)


@st.cache_resource(max_entries=4, show_spinner=False)
def _ids(build: str, _engine: Engine) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_engine.user_ids), frozenset(_engine.item_ids)
