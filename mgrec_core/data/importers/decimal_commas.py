"""Attributes that are numbers with decimal commas, as spreadsheets write them beside semicolons."""

from __future__ import annotations

from collections.abc import Mapping

from mgrec_core.data.cleaning import Cells, trimmed
from mgrec_core.data.importers.base import Import
from mgrec_core.data.staged import Staged

_NUMBER = r"\s*[-+]?\d+([.,]\d+)?\s*"


def with_points(
    run: Import, staged: Staged, cells: Cells, attributes: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the attributes, those that are numbers with decimal commas written with points.

    Beside semicolons a comma is a decimal one, but only where every value of the attribute is a
    number: ``1,5`` among words is a name. Values as they are would never be told to be numbers, and
    each price would be a value of its own instead of one in a band.
    """
    if not (cells.decimal_comma and attributes):
        return attributes
    tests = ", ".join(
        f"coalesce(bool_and(regexp_full_match({one}, '{_NUMBER}(\\|{_NUMBER})*'))"
        f" FILTER ({trimmed(one)} IS NOT NULL), false)"
        for one in attributes.values()
    )
    numeric = run.connection.execute(f"SELECT {tests} FROM {staged.table}").fetchone() or ()
    pointed = dict(attributes)
    for (name, expression), numbers in zip(attributes.items(), numeric, strict=True):
        if numbers:
            pointed[name] = f"replace({expression}, ',', '.')"
            cells.check("decimal_comma", f"coalesce(contains({expression}, ','), false)")
    return pointed
