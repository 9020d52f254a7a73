"""SQL that makes ids and names readable that a till, a spreadsheet or a statistics program wrote."""

from __future__ import annotations

from mgrec_core.data.cleaning import trimmed

_DECIMAL = r"(-?\d{1,15})\.0+"  # of more digits a floating-point number may have lost the last
_LAST_DAY = 100_000  # in 2243; as seconds it would still be the second of January 1970
_SCIENTIFIC = r"\d(\.\d+)?[eE]\+?(0?\d|10)"  # from 1e11 on a spreadsheet does not show all digits


def whole_id(column: str) -> str:
    """Return SQL for an id that was written as a decimal number: 17850.0 is 17850, 9e+05 is 900000."""
    text = trimmed(column)
    return (
        f"CASE WHEN regexp_full_match({text}, '{_DECIMAL}') THEN regexp_extract({text}, '{_DECIMAL}', 1)"
        f" WHEN regexp_full_match({text}, '{_SCIENTIFIC}')"
        f" THEN coalesce(CAST(try_cast({text} AS HUGEINT) AS VARCHAR), {text}) ELSE {text} END"
    )


def is_decimal_id(column: str) -> str:
    """Return SQL that is true where :func:`whole_id` changes an id."""
    return f"regexp_full_match({trimmed(column)}, '{_DECIMAL}|{_SCIENTIFIC}')"


def is_days(column: str) -> str:
    """Return SQL that is true where a date counts days since 1970, as statistics programs write it."""
    number = f"try_cast({trimmed(column)} AS DOUBLE)"
    return f"coalesce({number} BETWEEN 1 AND {_LAST_DAY}, false)"


def from_days(column: str) -> str:
    """Return SQL for a date as text, days since 1970 as ISO 8601; anything else stays as it is."""
    number = f"try_cast({trimmed(column)} AS DOUBLE)"
    day = f"CAST(DATE '1970-01-01' + CAST(floor({number}) AS INTEGER) AS VARCHAR)"
    return f"CASE WHEN {is_days(column)} THEN {day} ELSE {column} END"


def readable(column: str) -> str:
    """Return SQL for a text in sentence case where it is mostly capitals, its spaces single.

    >>> import duckdb
    >>> duckdb.execute(f"SELECT {readable('t')} FROM (SELECT 'SET OF 3  CAKE TINS ' AS t)").fetchone()
    ('Set of 3 cake tins',)
    """
    text = rf"trim(regexp_replace({column}, '\s+', ' ', 'g'))"
    capitals = rf"length(regexp_replace({column}, '[^\p{{Lu}}]', '', 'g'))"
    small = rf"length(regexp_replace({column}, '[^\p{{Ll}}]', '', 'g'))"
    return (
        f"nullif(CASE WHEN {capitals} > {small} AND {capitals} > 1"
        f" THEN upper(left({text}, 1)) || lower(substr({text}, 2)) ELSE {text} END, '')"
    )
