"""Which form the times of a column have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

FORMATS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d%H%M%S", "%Y%m%d", "%d-%b-%Y", "%d %b %Y", "%d %B %Y",
    "%b %d, %Y", "%B %d, %Y", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%a %b %d %H:%M:%S %Y", "Posted %B %d, %Y.",
)  # fmt: skip
"""Forms of time that are tried where a value is neither ISO 8601 nor a number that counts from 1970."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(?!.* [+-]\d{4}$).*)?$")
_SURE = 0.95
"""Share of values that must look like a time."""


def time_form(values: Sequence[str], share: float = _SURE) -> str:
    """Return the form of time of some values for :attr:`TableMapping.timestamp`; empty when they are none.

    Parameters
    ----------
    values
        Texts that are not empty.
    share
        How many of them must have the form, in (0, 1].

    Examples
    --------
    >>> time_form(["24.12.2023 18:00"]), time_form(["1703440800"]), time_form(["19000"]), time_form(["x"])
    ('%d.%m.%Y %H:%M', 'auto', 'days', '')
    """
    if not values:
        return "auto"
    numbers = [number for value in values if (number := _number(value)) is not None]
    if len(numbers) >= share * len(values) and not all(len(value) in (8, 14) for value in values):
        low, high = min(numbers), max(numbers)
        if low >= 3650 and high <= 40_000:
            return "days"
        return "auto" if all(_since_1970(number) for number in (low, high)) else ""

    def fits(form: str) -> bool:
        good = 0
        for value in values:
            try:
                datetime.strptime(value.strip(), form)
                good += 1
            except ValueError:
                continue
        return good >= share * len(values)

    if sum(bool(_ISO.match(value.strip())) for value in values) >= share * len(values):
        return "auto"
    return next((form for form in FORMATS if fits(form)), "")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _since_1970(number: float) -> bool:
    """Tell whether a number is one of seconds, milli-, micro- or nanoseconds from 1973 to 2096."""
    return any(1e8 * unit <= number <= 4e9 * unit for unit in (1, 1e3, 1e6, 1e9))
