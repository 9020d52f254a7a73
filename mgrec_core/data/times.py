"""The forms of time: which are known, which one a column has, and how its cells are read in SQL.

Most values say themselves what they are: numbers that count from 1970 (1e8 seconds and more), ISO 8601,
eight digits that are a date, names of months. What a value alone cannot say, its whole column does:
whether 01/02/2023 is in January or February, and whether 43101 is a day as spreadsheets count them.
A form that fails where another reads every value is wrong; where both read all, a person has to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import duckdb

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

_NUMERIC = r"^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d\d)([ ,T].*)?$"
_OPEN = ("a > 12 AND b <= 12", "b > 12 AND a <= 12", "a <= 12 AND b <= 12 AND a <> b", "true")
_ORDERED = re.compile(r"%([dm])([/.-])%([dm])[/.-]%[yY]")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S %z")
_DIGITS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_BASIC = r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)"  # ISO 8601 without hyphens and colons
_SERIAL = (30_000, 60_000)  # 1982 to 2064, as spreadsheets count
_EXAMPLES = 5
_SHARE_MIXED = 0.01
"""Share of a column whose dates can only be read in the other order, above which it has no order at all."""


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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


@dataclass(frozen=True)
class Doubt:
    """Dates that two forms read alike.

    Attributes
    ----------
    forms
        Both, the one with the day first before the other.
    rows
        A few values with what each form reads them as.
    """

    forms: tuple[str, str]
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Survey:
    """What a whole column of times says about its form.

    Attributes
    ----------
    form
        How it is to be read.
    told
        What was taken to be, where a value alone does not say it: for the receipt.
    doubts
        What the column leaves open, where that is asked rather than refused.
    """

    form: Form
    told: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def survey(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    text: str,
    *,
    where: str,
    named: str = "",
    asks: bool = False,
) -> Survey:
    """Decide on a column's form from all of its values.

    Parameters
    ----------
    connection, table
        Where the column is.
    text
        SQL for its cells as texts without surrounding spaces, NULL where there is nothing.
    where
        What the column is called in messages.
    named
        The form that a person chose, as :func:`check_form` gives it.
    asks
        Whether a doubt is left open for a person to settle, as a preview does, rather than refused.

    Raises
    ------
    InputError
        When two forms read every value, or neither of two reads most of them.
    """
    first = ", ".join(f"substr(t, {place}, 1) IN ('/', '.', '-')" for place in (2, 3)).replace(
        ", subs", " OR subs"
    )
    doubtful = f"{first} OR (strlen(t) < 9 AND t <> '0') OR substr(t, 6, 1) = '.'"
    some = f"SELECT 1 FROM (SELECT {text} AS t FROM {table}) WHERE {doubtful} LIMIT 1"
    if not connection.execute(some).fetchall():
        return Survey(Form(AUTO.orders, named=named))  # each value says itself what it is
    by_sign = ", ".join(
        f"count(*) FILTER (d.sign = {_text(sign)} AND {rule})" for sign in AUTO.orders for rule in _OPEN
    )
    numeric = "substr(t, 2, 1) IN ('/', '.', '-') OR substr(t, 3, 1) IN ('/', '.', '-')"
    parts = f"regexp_extract(t, {_text(_NUMERIC)}, ['first', 'sign', 'second', 'year', 'rest'])"
    counts = (
        connection.execute(
            f"SELECT count(*) FILTER (n BETWEEN {_SERIAL[0]} AND {_SERIAL[1]}),"
            f" count(*) FILTER (n <> 0 OR n IS NULL), {by_sign} FROM"
            " (SELECT n, d, try_cast(d.first AS INTEGER) AS a, try_cast(d.second AS INTEGER) AS b FROM"
            f" (SELECT try_cast(t AS DOUBLE) AS n, CASE WHEN n IS NULL AND ({numeric}) THEN {parts} END AS d"
            f" FROM (SELECT {text} AS t FROM {table}) WHERE t IS NOT NULL))"
        ).fetchone()
        or (0,) * 14
    )
    serial = bool(counts[0]) and counts[0] == counts[1]
    orders: dict[str, Order] = {}
    told = ["its numbers are days as spreadsheets count them (43101 is 2018-01-01)"] if serial else []
    doubts = []
    chosen = _ORDERED.match(named)
    for place, sign in enumerate(AUTO.orders):
        days, months, open_, found = counts[2 + 4 * place : 6 + 4 * place]
        if not found:
            continue
        if chosen and chosen[2] == sign:
            orders[sign] = "day" if chosen[1] == "d" else "month"
            _check_chosen(where, orders[sign], sign, days, months)
            continue
        order, said = _order(where, sign, (days, months, open_))
        orders[sign] = order
        told += said
        if open_ and not days and not months and sign != ".":
            doubt = _doubt(connection, table, text, sign)
            if not asks:
                raise InputError(_doubtful(where, doubt))
            doubts.append(doubt)
    return Survey(Form(orders, serial, named), tuple(told), tuple(doubts))


def _forms(sign: str) -> tuple[str, str]:
    return f"%d{sign}%m{sign}%Y", f"%m{sign}%d{sign}%Y"


def _check_chosen(where: str, order: Order, sign: str, days: int, months: int) -> None:
    """Refuse a form that a person or a mapping named where only the other one reads every value."""
    forms = _forms(sign)
    given, other = forms if order == "day" else forms[::-1]
    unread, unread_by_other = (months, days) if order == "day" else (days, months)
    if unread and not unread_by_other:
        raise InputError(
            f"{where}: the form {given} cannot read {unread:,} of the times, and {other} reads all of them;"
            f" say {other} instead, or auto"
        )


def _order(where: str, sign: str, counts: tuple[int, int, int]) -> tuple[Order, list[str]]:
    days, months, open_ = counts  # readable only with the day first, only with the month first, with both
    day_first, month_first = _forms(sign)
    order: Order = "day" if days > months else "month" if months > days else AUTO.orders[sign]
    form = day_first if order == "day" else month_first
    if min(days, months) > _SHARE_MIXED * (days + months):
        raise InputError(
            f"{where}: some dates have the day first and some the month ({days:,} can only be {day_first},"
            f" {months:,} only {month_first}), so that the others cannot be told; write them in one form"
        )
    if not days and not months and open_ and sign == ".":
        return order, [f"its dates are {form}, as dates with dots are; if they are not, name their form"]
    if not days and not months:
        return order, []
    rest = f"; {min(days, months):,} are not in that form" if min(days, months) else ""
    return order, [f"its dates are {form}, which {max(days, months):,} of them show{rest}"]


def _doubt(connection: duckdb.DuckDBPyConnection, table: str, text: str, sign: str) -> Doubt:
    """Return a few of the dates that two forms read, with both readings."""
    readings = ", ".join(
        f"strftime({_worded('t', Form({sign: order}))}, '%-d %B %Y')" for order in ("day", "month")
    )
    rows = connection.execute(
        f"SELECT t, {readings} FROM (SELECT DISTINCT {text} AS t FROM {table})"
        f" WHERE regexp_matches(t, {_text(_NUMERIC)}) AND contains(t, {_text(sign)})"
        rf" AND regexp_extract(t, '^0*(\d+)', 1) <> regexp_extract(t, '^\d+[/.-]0*(\d+)', 1)"
        f" ORDER BY t LIMIT {_EXAMPLES}"
    ).fetchall()
    return Doubt(_forms(sign), tuple((shorten(str(t), 30), str(day), str(month)) for t, day, month in rows))


def _doubtful(where: str, doubt: Doubt) -> str:
    """The sentence that refuses a column which two forms read."""
    day_first, month_first = doubt.forms
    example = doubt.rows[0][0] if doubt.rows else ""
    return (
        f"{where}: every date can be read as {day_first} and as {month_first} ({example}),"
        f' and nothing in the file says which it is; say it with --time-form "{day_first}", or with'
        f' timestamp: "{day_first}" in a mapping, or with {month_first}'
    )


def read(text: str, number: str, form: Form, *, planned: bool = False) -> str:
    """Return SQL for the UTC time that a text says; NULL where it is none, infinite where none can be.

    Parameters
    ----------
    text
        SQL for the cell without surrounding spaces; neither 0 nor empty.
    number
        SQL for the cell as a number, NULL where it is none.
    form
        What the column says about it.
    planned
        Whether times of the next 50 years are meant too, so that 2033010100 is a second and no date.
    """
    if (ordered := _ORDERED.match(form.named)) and form.named[ordered.end() :] in _CLOCKS:
        # Which of day and month comes first: years of two digits and clocks are read as in ``auto``.
        order: Order = "day" if ordered[1] == "d" else "month"
        form = Form({**form.orders, ordered[2]: order}, form.serial)
    if form.named in UNITS:
        stamp = f"{number} * {UNITS[form.named] * 1e6!r}"
        return f"CASE WHEN {number} IS NOT NULL THEN {_from_micros(stamp)} ELSE {_iso(text)} END"
    auto = (
        f"CASE WHEN {number} IS NOT NULL THEN {_number(text, number, form, planned)} WHEN {text} IS NOT NULL"
        f" THEN coalesce({_iso(text)}, {_worded(text, form)}) END"
    )
    if not form.named:
        return auto
    named = f"try_strptime({text}, {_text(form.named)})"
    if "%z" in form.named or "%Z" in form.named:
        named += " AT TIME ZONE 'UTC'"
    return f"coalesce({named}, {auto})"


def _from_micros(micros: str) -> str:
    whole = f"try_cast(round({micros}) AS BIGINT)"
    return (
        f"CASE WHEN {whole} BETWEEN 0 AND 9000000000000000 THEN make_timestamp({whole})"
        f" ELSE TIMESTAMP '-infinity' END"
    )


def _number(text: str, number: str, form: Form, planned: bool) -> str:
    """SQL for a time that is a number: a date in digits, days of a spreadsheet, or since 1970."""
    if form.serial:
        # To the millisecond, as spreadsheets themselves do: 43101.333333333 is 08:00, not a moment before it.
        return f"make_timestamp(CAST(round(({number} - 25569) * 86400e3) AS BIGINT) * 1000)"
    digits = " ".join(
        f"WHEN {length} THEN CASE WHEN regexp_full_match({text}, '(19[89]|20|21)\\d+')"
        f" THEN try_strptime({text}, '{format}') END"
        for length, format in _DIGITS.items()
        if not (planned and length == 10)
    )
    micros = (
        f"CASE WHEN abs({number}) < 1e11 THEN {number} * 1e6"
        f" WHEN abs({number}) < 1e14 THEN {number} * 1e3 WHEN abs({number}) < 1e17 THEN {number}"
        f" ELSE {number} / 1e3 END"
    )
    # As seconds, ten digits that are a date and an hour lie beyond 2032; as milliseconds twelve and
    # fourteen that are a date lie before 1980 or beyond 2600.
    counted = f"CASE WHEN {number} >= 1e8 OR {number} < 0 THEN {_from_micros(micros)} END"
    year = f"regexp_full_match({text}, '(19[89]\\d|20\\d\\d|2100)')"
    return (
        f"coalesce(CASE WHEN strlen({text}) IN (8, 10, 12, 14) AND left({text}, 1) IN ('1', '2') THEN"
        f" CASE strlen({text}) {digits} END END, {counted},"
        f" CASE WHEN {year} THEN try_strptime({text}, '%Y') END)"
    )


def _iso(text: str) -> str:
    """SQL for ISO 8601, with a zone of any form. Without four digits of a year, 1/2/18 is in the year 1."""
    cast = f"try_cast({text} AS TIMESTAMPTZ)"
    apart = (
        f"try_cast(regexp_replace(regexp_replace({text}, '^([^,]*:\\d\\d),(\\d+)', '\\1.\\2'),"
        f" ' +([+-]\\d\\d:?(\\d\\d)?)$', '\\1') AS TIMESTAMPTZ)"
    )
    basic = f"try_cast(regexp_replace({text}, '{_BASIC}', '\\1-\\2-\\3T\\4:\\5:\\6') AS TIMESTAMPTZ)"
    return (
        f"(CASE WHEN substr({text}, 5, 1) IN ('-', '/', ' ') AND substr({text}, 2, 1) BETWEEN '0' AND '9'"
        f" AND substr({text}, 3, 1) BETWEEN '0' AND '9' THEN coalesce({cast}, {apart})"
        f" WHEN substr({text}, 9, 1) = 'T' THEN {basic} WHEN lower({text}) IN ('infinity', '-infinity')"
        f" THEN {cast} END AT TIME ZONE 'UTC')"
    )


def _worded(text: str, form: Form) -> str:
    """SQL for what is left: numbers with signs in the column's order, words, and what programs wrap."""
    plain = f"regexp_replace(translate({text}, '\u00a0\u202f', '  '), ' +', ' ', 'g')"
    # 13:05 PM says twice that it is afternoon, 2/1/2018, 1:05 PM separates what needs none.
    simple = (
        f"regexp_replace(regexp_replace({plain}, '^(\\S+), ', '\\1 '),"
        " ' ((?:1[3-9]|2[0-3]):\\d\\d(?::\\d\\d)?) ?[Pp][Mm]$', ' \\1')"
    )
    by_sign = " ".join(
        f"WHEN {_text(sign)} THEN try_strptime({simple}, [{', '.join(map(_text, _dates(sign, order)))}])"
        for sign, order in {**AUTO.orders, **form.orders}.items()
    )
    numeric = (
        f"CASE WHEN regexp_matches({text}, {_text(_NUMERIC)}) THEN"
        f" CASE regexp_extract({text}, '[/.-]') {by_sign} END AT TIME ZONE 'UTC' END"
    )
    worded = [one for one in (*FORMATS, "%G-W%V-%u", "%G-W%V") if not _ORDERED.match(one)]
    offset, zone = ([one for one in worded if sign in one] for sign in ("%z", "%Z"))
    local = [one for one in worded if one not in offset and one not in zone]
    afternoon = f"regexp_replace({plain}, ' ((?:1[3-9]|2[0-3]):\\d\\d(?::\\d\\d)?) ?[Pp][Mm]$', ' \\1')"
    milliseconds = f"try_cast(regexp_extract({text}, '^\\\\?/Date\\((-?\\d+)', 1) AS BIGINT)"
    wrapped = f'regexp_extract({text}, \'"\\$date"\\s*:\\s*"([^"]+)"\', 1)'
    counted = f"try_cast(regexp_extract({text}, '\"\\$date\"\\D*(\\d{{11,14}})\\D*$', 1) AS BIGINT)"
    commas = f"try_cast(CASE WHEN regexp_full_match({text}, '\\d{{1,3}}(,\\d{{3}}){{3,4}}')"
    commas += f" THEN replace({text}, ',', '') END AS BIGINT)"
    mongo = (
        f"coalesce(try_cast({wrapped} AS TIMESTAMPTZ) AT TIME ZONE 'UTC', make_timestamp({counted} * 1000))"
    )
    return f"""coalesce({numeric},
        try_strptime({afternoon}, [{", ".join(map(_text, local))}]),
        CASE WHEN substr({text}, 5, 1) = '-' THEN try_cast({afternoon} AS TIMESTAMP) END,
        try_strptime({plain}, [{", ".join(map(_text, offset))}]) AT TIME ZONE 'UTC',
        try_strptime({plain}, [{", ".join(map(_text, zone))}]) AT TIME ZONE 'UTC',
        CASE WHEN contains({text}, 'Date(') THEN make_timestamp({milliseconds} * 1000) END,
        CASE WHEN contains({text}, '$date') THEN {mongo} END,
        make_timestamp({commas} * CASE WHEN {commas} < 100000000000 THEN 1000000 ELSE 1000 END))"""


def _dates(sign: str, order: Order) -> list[str]:
    first, second = ("%d", "%m") if order == "day" else ("%m", "%d")
    # Two digits of a year come first: with all four of them, %y leaves two unread and does not fit.
    return [f"{first}{sign}{second}{sign}{year}{clock}" for year in ("%y", "%Y") for clock in _CLOCKS]


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$")
_DATES = re.compile(_NUMERIC)
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
        named = share < SURE and any(first <= low and high <= last for first, last in (_SERIAL, (1980, 2100)))
        if low >= 1e8 or named:
            return "auto"
        return "days" if low >= 3650 and high <= 40_000 else ""
    fits = sum(_looks_like_time(value.strip()) for value in values)
    return "auto" if fits >= share * len(values) else ""


def _looks_like_time(value: str) -> bool:
    if _ISO.match(value) or _ANY_YEAR.match(value) or _DATES.match(value) or "/Date(" in value:
        return True
    for form in FORMATS:
        try:
            datetime.strptime(value, form)
        except ValueError:
            continue
        return True
    return False


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
