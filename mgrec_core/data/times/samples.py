"""What the first values of a column look like, for the guess of a mapping."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from mgrec_core.data.times.forms import FORMATS, LONG_DATE, MONTHS, NUMERIC, SERIAL, SHORT_DATES

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$")
_DATES = re.compile(NUMERIC)
_LONG = re.compile(LONG_DATE.replace(r"[\p{L}]", r"[^\W\d_]"))
_ANY_YEAR = re.compile(r"(19[89]\d|20\d\d)(\d\d)(\d\d)(\d\d){0,3}$")
SURE = 0.95
"""Share of values that must look like a time, in a column whose name does not say that it is one."""


def time_form(values: Sequence[str], share: float = SURE) -> str:
    """Return the form of time of some values for a mapping: ``auto``, ``days``, or empty when they are none.

    Parameters
    ----------
    values
        Texts that are not empty.
    share
        How many of them must have the form, in (0, 1]. Below :data:`SURE` the column's name says that
        it has times, and years and days of a spreadsheet are times too.

    Examples
    --------
    >>> time_form(["24.12.2023 18:00"]), time_form(["1703440800"]), time_form(["19000"]), time_form(["x"])
    ('auto', 'auto', 'days', '')
    """
    if not values:
        return "auto"
    numbers = [number for value in values if (number := _as_number(value)) is not None]
    if len(numbers) >= share * len(values) and not all(_ANY_YEAR.match(value.strip()) for value in values):
        low, high = min(numbers), max(numbers)
        named = share < SURE and any(first <= low and high <= last for first, last in (SERIAL, (1980, 2100)))
        if low >= 1e8 or named or (share < SURE and _are_short(values)):
            return "auto"
        return "days" if low >= 3650 and high <= 40_000 else ""
    fits = sum(_looks_like_time(value.strip()) for value in values)
    return "auto" if fits >= share * len(values) else ""


def _looks_like_time(value: str) -> bool:
    if _ISO.match(value) or _ANY_YEAR.match(value) or _DATES.match(value) or "/Date(" in value:
        return True
    if long := _LONG.match(value):
        letters = unicodedata.normalize("NFKD", long[2].lower())
        if "".join(one for one in letters if not unicodedata.combining(one)) in MONTHS:
            return True
    return any(_has_form(value, form) for form in FORMATS)


def _are_short(values: Sequence[str]) -> bool:
    """Whether all values are six digits that are a date in one form."""
    six = all(re.fullmatch(r"\d{6}", value.strip()) for value in values)
    return six and any(all(_has_form(value.strip(), form) for value in values) for form in SHORT_DATES)


def _has_form(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
