"""Lists in JSON or Python's notation in a cell, in SQL, with their elements whole."""

from __future__ import annotations

JSON = "json"
"""Says instead of a separator that a cell is such a list."""


def as_json(column: str) -> str:
    """Return SQL for a cell as JSON; Python's notation (``'a'``, ``None``) becomes it, else it is NULL."""
    # Python writes text with an apostrophe in double quotes; the first quote of either kind opens it.
    strings = f"""regexp_replace({column}, '"([^"\\\\]*)"|''([^''\\\\"]*)''', '"\\1\\2"', 'g')"""
    for python, json in (("None", "null"), ("True", "true"), ("False", "false")):
        strings = f"regexp_replace({strings}, '([:\\[,(] *){python}( *[,\\]}}])', '\\1{json}\\2', 'g')"
    return f"CASE WHEN json_valid({column}) THEN CAST({column} AS JSON) ELSE try_cast({strings} AS JSON) END"


def elements(column: str) -> str:
    """Return SQL for the elements of a list in JSON or Python's notation, as a list of JSON."""
    found = as_json(column)
    return f"CASE WHEN json_type({found}) = 'ARRAY' THEN CAST({found} AS JSON[]) END"
