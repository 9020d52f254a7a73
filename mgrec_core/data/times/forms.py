"""The forms that are known, and the one that a column has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

FORMATS = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y/%m/%d %I:%M %p", "%Y/%m/%d %I:%M:%S %p", "%Y年%m月%d日",
    "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d", "%Y-%m",
    "%d-%b-%y", "%d-%b-%Y", "%d-%b-%Y %H:%M:%S", "%d %b %Y", "%d %b %Y %H:%M", "%d %b %Y %H:%M:%S",
    "%d %B %Y", "%d %B %Y %H:%M",
    "%b %d, %Y", "%B %d, %Y", "%b %d, %Y %I:%M %p", "%b %d, %Y, %I:%M %p", "%b %d, %Y, %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%m-%d-%Y",
    "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S %Z", "%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z",
    "%d/%b/%Y", "%m %d, %Y", "Posted %B %d, %Y.",
)  # fmt: skip
"""Forms that are offered by name; ``auto`` reads all of them."""

_MONTHS = (
    "enero ene januar jan janner janvier janv",
    "febrero feb februar fevrier fevr fev",
    "marzo mar marz maerz mrz mars",
    "abril abr april apr avril avr",
    "mayo may mai",
    "junio jun juni juin",
    "julio jul juli juillet juil",
    "agosto ago august aug aout",
    "septiembre setiembre sep sept september septembre",
    "octubre oct oktober okt octobre",
    "noviembre nov november novembre",
    "diciembre dic dezember dez decembre dec",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
"""Spanish, German and French names of months, in lower case and without accents → number."""

_LONG = (
    r"(?i)^(?:[\p{L}]{2,10}\.?,? +)?(\d{1,2})(?:\.|º|er)? *(?:de +)?([\p{L}]{3,10})\.?,? *(?:del? +)?(\d{4})"
)
LONG_DATE = rf"{_LONG}(?:,? +(?:a las |um |à )?(\d{{1,2}}:\d\d(?::\d\d)?)(?: ?(?:uhr|h))?)?$"
"""A date with the name of its month, as people write it: 1 de agosto de 2024, 3. Dez. 2023, 14:30 Uhr."""

SHORT_DATES = ("%d%m%y", "%y%m%d")
"""Dates of six digits, which only a whole column tells from numbers."""

EARLIEST = "1980-01-01"
"""Before it there were no logs: a time that is earlier is a placeholder, or not a time."""

Order = Literal["day", "month"]

UNITS: dict[str, float] = {
    "seconds": 1,
    "milliseconds": 1e-3,
    "microseconds": 1e-6,
    "nanoseconds": 1e-9,
    "days": 86_400,
}
"""Name → seconds, of numbers that count from 1970-01-01 UTC."""

NUMERIC = r"^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d\d)([ ,T].*)?$"
"""A date in numbers: two of one or two digits, a year, and what may follow."""

ORDERED = re.compile(r"%([dm])([/.-])%([dm])[/.-]%[yY]")
"""The beginning of a format with day and month in numbers."""

SERIAL = (30_000, 60_000)  # 1982 to 2064, as spreadsheets count


@dataclass(frozen=True)
class Form:
    """How the times of one column are written.

    Attributes
    ----------
    orders
        Sign between day, month and year (``/``, ``.`` or ``-``) → which of day and month comes first.
    serial
        Whether its numbers are days as spreadsheets count them, from the end of 1899.
    named
        The form that a person chose: a unit of :data:`UNITS` or a format; empty for ``auto``.
    """

    orders: Mapping[str, Order] = field(default_factory=dict)
    serial: bool = False
    named: str = ""


AUTO = Form({".": "day", "/": "month", "-": "day"})


def check_form(form: str) -> str:
    """Return a form of time that a person named, ``auto`` as the empty one.

    Raises
    ------
    InputError
        When it is none.
    """
    form = form.strip()
    if form in ("", "auto"):
        return ""
    if form not in UNITS and "%" not in form:
        raise InputError(
            f"'{shorten(form, 40)}' is no form of time: use auto, {', '.join(UNITS)} or a format such as"
            " %d/%m/%Y %H:%M"
        )
    return form
