"""Which form a whole column has, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from mgrec_core.data.times.forms import AUTO, EARLIEST, NUMERIC, ORDERED, SERIAL, SHORT_DATES, Form, Order
from mgrec_core.data.times.reading import sql_text, worded
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

_OPEN = ("a > 12 AND b <= 12", "b > 12 AND a <= 12", "a <= 12 AND b <= 12 AND a <> b", "true")
_EXAMPLES = 5
_SHARE_MIXED = 0.01
"""Share of a column whose dates can only be read in the other order, above which it has no order at all."""


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
        f"count(*) FILTER (d.sign = {sql_text(sign)} AND {rule})" for sign in AUTO.orders for rule in _OPEN
    )
    numeric = "substr(t, 2, 1) IN ('/', '.', '-') OR substr(t, 3, 1) IN ('/', '.', '-')"
    parts = f"regexp_extract(t, {sql_text(NUMERIC)}, ['first', 'sign', 'second', 'year', 'rest'])"
    counts = (
        connection.execute(
            f"SELECT count(*) FILTER (n BETWEEN {SERIAL[0]} AND {SERIAL[1]}),"
            f" count(*) FILTER (n <> 0 OR n IS NULL), {by_sign},"
            " count(*) FILTER (regexp_full_match(t, '[0-9]{6}')) FROM"
            " (SELECT t, n, d, try_cast(d.first AS INTEGER) AS a, try_cast(d.second AS INTEGER) AS b FROM"
            f" (SELECT t, try_cast(t AS DOUBLE) AS n,"
            f" CASE WHEN n IS NULL AND ({numeric}) THEN {parts} END AS d"
            f" FROM (SELECT {text} AS t FROM {table}) WHERE t IS NOT NULL))"
        ).fetchone()
        or (0,) * 15
    )
    if not named and counts[1] and counts[-1] == counts[1]:
        short = _short(connection, table, text, where, asks=asks)
        if short:
            return short
    serial = bool(counts[0]) and counts[0] == counts[1]
    orders: dict[str, Order] = {}
    told = ["its numbers are days as spreadsheets count them (43101 is 2018-01-01)"] if serial else []
    doubts = []
    chosen = ORDERED.match(named)
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


def _short(
    connection: duckdb.DuckDBPyConnection, table: str, text: str, where: str, *, asks: bool
) -> Survey | None:
    """Return the form of a column of six digits, if all of them are dates; else None."""
    tests, latest = [], "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) + INTERVAL 1 DAY"
    for form in SHORT_DATES:
        time = f"try_strptime(t, {sql_text(form)})"
        between = f"{time} BETWEEN TIMESTAMP {sql_text(EARLIEST)} AND {latest}"
        tests.append(f"coalesce(bool_and(coalesce({between}, false)), false)")
    given = f"(SELECT DISTINCT {text} AS t FROM {table}) WHERE t IS NOT NULL AND ltrim(t, '0') <> ''"
    fits = connection.execute(f"SELECT {', '.join(tests)} FROM {given}").fetchone() or ()
    found = [form for form, fit in zip(SHORT_DATES, fits, strict=True) if fit]
    if not found:
        return None
    if len(found) == 1:
        return Survey(Form(AUTO.orders, named=found[0]), (f"its six digits are dates, {found[0]}",))
    readings = ", ".join(f"strftime(try_strptime(t, {sql_text(one)}), '%-d %B %Y')" for one in SHORT_DATES)
    rows = connection.execute(f"SELECT t, {readings} FROM {given} ORDER BY t LIMIT {_EXAMPLES}").fetchall()
    doubt = Doubt(SHORT_DATES, tuple((str(t), str(day), str(year)) for t, day, year in rows))
    if not asks:
        raise InputError(_doubtful(where, doubt))
    return Survey(Form(AUTO.orders, named=found[0]), doubts=(doubt,))


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
        f"strftime({worded('t', Form({sign: order}))}, '%-d %B %Y')" for order in ("day", "month")
    )
    rows = connection.execute(
        f"SELECT t, {readings} FROM (SELECT DISTINCT {text} AS t FROM {table})"
        f" WHERE regexp_matches(t, {sql_text(NUMERIC)}) AND contains(t, {sql_text(sign)})"
        rf" AND regexp_extract(t, '^0*(\d+)', 1) <> regexp_extract(t, '^\d+[/.-]0*(\d+)', 1)"
        f" ORDER BY t LIMIT {_EXAMPLES}"
    ).fetchall()
    return Doubt(_forms(sign), tuple((shorten(str(t), 30), str(day), str(month)) for t, day, month in rows))


def _doubtful(where: str, doubt: Doubt) -> str:
    """The sentence that refuses a column which two forms read."""
    day_first, other = doubt.forms
    example = doubt.rows[0][0] if doubt.rows else ""
    return (
        f"{where}: every date can be read as {day_first} and as {other} ({example}),"
        f' and nothing in the file says which it is; say it with --time-form "{day_first}", or with'
        f' timestamp: "{day_first}" in a mapping, or with {other}'
    )
