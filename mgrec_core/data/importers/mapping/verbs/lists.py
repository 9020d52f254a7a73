"""Lists in a cell in SQL: JSON and Python lists, of names or of objects with names, ``{a,b}``, separators."""

from __future__ import annotations

from mgrec_core.data.cells import literal

JSON, BRACES = "json", "braces"
"""Separators that are none: a JSON or Python list, and a list as PostgreSQL writes it."""

_NAMES = ("name", "title", "label", "value", "text", "id")


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


def joined(column: str, separator: str) -> str:
    """Return SQL for a cell whose list is separated by ``|``, as every reader of attributes expects it.

    Parameters
    ----------
    column
        SQL of the cell.
    separator
        What is between its values, or :data:`JSON` or :data:`BRACES`.
    """
    if separator == "|":
        return column
    if separator == JSON:
        names = ", ".join(f"json_extract_string(one, '$.{name}')" for name in _NAMES)
        value = (
            f"CASE WHEN json_type(one) = 'OBJECT' THEN coalesce({names})"
            " ELSE json_extract_string(one, '$') END"
        )
        text = f"list_transform({elements(column)}, lambda one: replace({value}, '|', '/'))"
        return f"coalesce(array_to_string({text}, '|'), {column})"
    if separator == BRACES:
        inside = f"regexp_replace({column}, '^\\s*\\{{(.*)\\}}\\s*$', '\\1')"
        parts = f"""regexp_extract_all({inside}, '"(?:[^"\\\\]|\\\\.)*"|[^,]+')"""
        plain = """regexp_replace(trim(one), '^"(.*)"$', '\\1')"""
        return f"array_to_string(list_transform({parts}, lambda one: {plain}), '|')"
    return f"replace({column}, {literal(separator)}, '|')"
