"""How tables are headed: words with a capital, whatever the frame's columns are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
