"""What is counted of attribute columns to tell their roles: one pass over their different values."""

from __future__ import annotations

from typing import Literal

import duckdb

from mgrec_core.data.cells import literal
from mgrec_core.data.columns.roles import Facts

Owner = Literal["item", "user"]

URL = r"(?i)^((https?:|ftp:)?//\S+|www\.\S+\.\S+)$"
_PICTURE = r"(?i)^\S+\.(jpe?g|png|gif|webp|avif|bmp|svg|tiff?)([?#]\S*)?$"
DIGEST = (
    r"(?i)^([0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{128}"
    r"|\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?)$"
)
_CLOCK = r"\d{1,2}:\d{1,2}(:\d\d)?"
DATE = (
    r"^((1[5-9]|20)\d\d[-/.]\d{1,2}([-/.]\d{1,2})?([T ].*)?"
    r"|\d{1,2}[-/. ]{1,2}(\d{1,2}|[A-Za-z]{3,9}\.?)[-/., ]+\d{2,4}([T ,].*)?"
    r"|([A-Za-z]{3,9},? )?[A-Za-z]{3,9}\.? \d{1,2}(st|nd|rd|th)?,? \d{4}.*"
    r"|[A-Za-z]{3,9}, \d{1,2} [A-Za-z]{3,9} \d{4}.*"
    rf"|{_CLOCK}(\s*[-–]\s*{_CLOCK})?)$"
)
_COMPACT = r"^(1[89]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
STRUCTURE = r"""^\s*[\[{].*['"]\s*:"""

_TESTS = {
    "url": f"regexp_matches(value, {literal(URL)})",
    "picture": f"regexp_matches(value, {literal(_PICTURE)})",
    "digest": f"regexp_matches(value, {literal(DIGEST)})",
    "date": f"regexp_matches(value, {literal(DATE)})",
    "compact_date": f"regexp_matches(value, {literal(_COMPACT)})",
    # Seconds since 1980 up to 2100, and the same as milliseconds.
    "moment": "coalesce(number BETWEEN 3e8 AND 4.1e9 OR number BETWEEN 3e11 AND 4.1e12, false)",
    "number": "number IS NOT NULL",
    "whole": r"regexp_matches(value, '^\d{1,18}$')",
    "structure": f"regexp_matches(value, {literal(STRUCTURE)})",
    "code": r"regexp_matches(value, '^[A-Za-z0-9_/:#-]*\d[A-Za-z0-9_/:#-]*$')",
}


def measure(connection: duckdb.DuckDBPyConnection, owner: Owner) -> dict[str, Facts]:
    """Count every attribute column of items or users, as it stands in its table.

    The same rows in any order give the same facts.
    """
    shares = ", ".join(f"avg(CASE WHEN {test} THEN 1 ELSE 0 END) AS {name}" for name, test in _TESTS.items())
    rows = connection.execute(
        f"""WITH every AS (
            SELECT attribute, value, count(*) AS n, try_cast(value AS DOUBLE) AS number
            FROM {owner}_attributes GROUP BY ALL
        ), owners AS (
            SELECT attribute, count(DISTINCT {owner}_id) AS owners FROM {owner}_attributes GROUP BY attribute
        )
        SELECT attribute, sum(n)::BIGINT AS n, any_value(owners) AS owners, count(*) AS different, {shares},
            avg(length(value)) AS len,
            avg(length(value) - length(replace(value, ' ', '')) + 1) AS words,
            list_max(map_values(histogram(length(value)))) / count(*) AS same_length,
            min(length(value)) AS shortest,
            coalesce(max(number) - min(number), 0) AS span
        FROM every JOIN owners USING (attribute) GROUP BY attribute"""
    ).fetchall()
    return {str(name): Facts(*rest) for name, *rest in rows}
