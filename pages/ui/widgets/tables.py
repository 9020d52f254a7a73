"""How tables are headed, and which of their rows was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st


def heads(columns: Iterable[object], known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the column configuration of a table, with a head for each column that has none.

    Parameters
    ----------
    columns
        Names of the table's columns.
    known
        What is configured already, by column; a label that is set there stays.
    """
    found: dict[str, Any] = {}
    for column in map(str, columns):
        given = (known or {}).get(column)
        given = {"label": given} if isinstance(given, str) else dict(given or st.column_config.Column())
        if not given.get("label"):
            words = column.replace("_", " ")
            given["label"] = words[0].upper() + words[1:] if words[:1].isascii() and words else words
        found[column] = given
    return found


def picked(key: str, ids: Sequence[str]) -> str:
    """Return the id of the first row that is chosen in a table, empty when there is none."""
    rows = st.session_state[key].get("selection", {}).get("rows", [])
    return str(ids[rows[0]]) if rows and rows[0] < len(ids) else ""
