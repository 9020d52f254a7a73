"""What is written where no mapping can be guessed: the columns that were found, and where to put them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mgrec_core.data.importers.mapping.model import OPTIONAL, REQUIRED, Target
from mgrec_core.data.importers.mapping.names import plain_name
from mgrec_core.data.importers.mapping.roles import Table
from mgrec_core.foundation.text import shorten

CHOOSE = "CHOOSE"
"""Stands where a person has to write the name of a column."""

_TABLES = 50
_COLUMNS = 200


def skeleton(tables: Sequence[Table], name: str, problem: str) -> str:
    """Return a mapping's YAML to be filled in by hand.

    Parameters
    ----------
    tables
        What the source offers.
    name
        What the mapping will be called.
    problem
        Why none could be guessed.
    """
    widest = max(tables, key=lambda one: len(one.samples))
    lines = [
        f"# {shorten(problem, 400)}",
        f"# Write a column's name, as it stands in the lists below, in place of each {CHOOSE}, take the",
        "# sign # away where a further line is needed, and import with --mapping THIS-FILE.",
        f"name: {plain_name(name)}",
        "tables:",
    ]
    for table in (widest, *(one for one in tables[:_TABLES] if one is not widest)):
        target: Target = "interactions" if table is widest else "items"
        sign = "" if table is widest else "#"
        shown = ", ".join(_quoted(column) for column in list(table.samples)[:_COLUMNS])
        lines += [
            f"# {_quoted(table.name)} has the columns {shown or '(none)'}",
            f"{sign}- table: {target}",
            f"{sign}  file: {json.dumps(table.name, ensure_ascii=False)}",
            f"{sign}  columns:",
            *(f"{sign}    {one}: {CHOOSE}" for one in REQUIRED[target]),
            *(f"{sign or '    #'}{'    ' if sign else ''}{one}: {CHOOSE}" for one in OPTIONAL[target]),
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(shorten(text, 100), ensure_ascii=False)
