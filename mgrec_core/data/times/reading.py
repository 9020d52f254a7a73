"""How the cells of a column are read as times, as SQL."""

from __future__ import annotations

from mgrec_core.data.times.forms import AUTO, FORMATS, LONG_DATE, MONTHS, NUMERIC, ORDERED, UNITS, Form, Order

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S %z")
_DIGITS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_BASIC = r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)"  # ISO 8601 without hyphens and colons


def sql_text(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


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
    if (ordered := ORDERED.match(form.named)) and form.named[ordered.end() :] in _CLOCKS:
        # Which of day and month comes first: years of two digits and clocks are read as in ``auto``.
        order: Order = "day" if ordered[1] == "d" else "month"
        form = Form({**form.orders, ordered[2]: order}, form.serial)
    if form.named in UNITS:
        stamp = f"{number} * {UNITS[form.named] * 1e6!r}"
        return f"CASE WHEN {number} IS NOT NULL THEN {_from_micros(stamp)} ELSE {_iso(text)} END"
    auto = (
        f"CASE WHEN {number} IS NOT NULL THEN {_number(text, number, form, planned)} WHEN {text} IS NOT NULL"
        f" THEN coalesce({_iso(text)}, {worded(text, form)}) END"
    )
    if not form.named:
        return auto
    named = f"try_strptime({text}, {sql_text(form.named)})"
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


def worded(text: str, form: Form) -> str:
    """Return SQL for what is left: numbers with signs in the column's order, words, what programs wrap."""
    plain = f"regexp_replace(translate({text}, '\u00a0\u202f', '  '), ' +', ' ', 'g')"
    # 13:05 PM says twice that it is afternoon, 2/1/2018, 1:05 PM separates what needs none.
    simple = (
        f"regexp_replace(regexp_replace({plain}, '^(\\S+), ', '\\1 '),"
        " ' ((?:1[3-9]|2[0-3]):\\d\\d(?::\\d\\d)?) ?[Pp][Mm]$', ' \\1')"
    )
    by_sign = " ".join(
        f"WHEN {sql_text(sign)} THEN"
        f" try_strptime({simple}, [{', '.join(map(sql_text, _dates(sign, order)))}])"
        for sign, order in {**AUTO.orders, **form.orders}.items()
    )
    numeric = (
        f"CASE WHEN regexp_matches({text}, {sql_text(NUMERIC)}) THEN"
        f" CASE regexp_extract({text}, '[/.-]') {by_sign} END AT TIME ZONE 'UTC' END"
    )
    worded = [one for one in (*FORMATS, "%G-W%V-%u", "%G-W%V") if not ORDERED.match(one)]
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
        try_strptime({afternoon}, [{", ".join(map(sql_text, local))}]),
        CASE WHEN substr({text}, 5, 1) = '-' THEN try_cast({afternoon} AS TIMESTAMP) END,
        try_strptime({plain}, [{", ".join(map(sql_text, offset))}]) AT TIME ZONE 'UTC',
        try_strptime({plain}, [{", ".join(map(sql_text, zone))}]) AT TIME ZONE 'UTC',
        CASE WHEN contains({text}, 'Date(') THEN make_timestamp({milliseconds} * 1000) END,
        CASE WHEN contains({text}, '$date') THEN {mongo} END,
        make_timestamp({commas} * CASE WHEN {commas} < 100000000000 THEN 1000000 ELSE 1000 END),
        {_long(plain)})"""


def _long(text: str) -> str:
    """SQL for a date with the Spanish, German or French name of its month."""
    day, month, year, clock = (f"regexp_extract({text}, {sql_text(LONG_DATE)}, {n})" for n in range(1, 5))
    numbers = ", ".join(f"{sql_text(name)}: {number}" for name, number in MONTHS.items())
    number = f"MAP {{{numbers}}}[lower(strip_accents({month}))]"
    written = f"{year} || '-' || {number} || '-' || {day} || ' ' || coalesce(nullif({clock}, ''), '0:00')"
    read = f"try_strptime({written}, ['%Y-%m-%d %H:%M', '%Y-%m-%d %H:%M:%S'])"
    return f"CASE WHEN regexp_matches({text}, {sql_text(LONG_DATE)}) THEN {read} END"


def _dates(sign: str, order: Order) -> list[str]:
    first, second = ("%d", "%m") if order == "day" else ("%m", "%d")
    # Two digits of a year come first: with all four of them, %y leaves two unread and does not fit.
    return [f"{first}{sign}{second}{sign}{year}{clock}" for year in ("%y", "%Y") for clock in _CLOCKS]
