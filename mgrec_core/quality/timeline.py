"""When events happened: the calendar, the hours of the day, sessions and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mgrec_core.quality.distributions import histogram
from mgrec_core.quality.document import Chart, Finding, Part, Section
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, share

KEY = "time"
EARLIEST = 1980
"""Events before this year are doubted: nobody logged what people do with products."""
PAUSE = 30 * 60
"""Seconds without an event that end a session, where the source names no sessions."""

_UNITS = (
    ("hour", 3600.0),
    ("day", 86_400.0),
    ("week", 604_800.0),
    ("month", 2_629_800.0),
    ("quarter", 7_889_400.0),
    ("year", 31_557_600.0),
)
_NAMES = {
    "hour": "%d %b %H:00",
    "day": "%d %b %Y",
    "week": "%d %b %Y",
    "month": "%b %Y",
    "quarter": "%b %Y",
    "year": "%Y",
}

_SESSIONS = f"""
CREATE OR REPLACE TEMP TABLE q_sessions AS
WITH cut AS (
    SELECT user_id, item_id, timestamp, session_id,
           sum(CASE WHEN session_id IS NULL AND epoch(timestamp) - epoch(before) <= {PAUSE} THEN 0 ELSE 1 END)
               OVER (PARTITION BY user_id ORDER BY timestamp, event_id ROWS UNBOUNDED PRECEDING) AS nth
    FROM (
        SELECT *, lag(timestamp) OVER (PARTITION BY user_id ORDER BY timestamp, event_id) AS before
        FROM q_events WHERE timestamp IS NOT NULL OR session_id IS NOT NULL
    )
)
SELECT user_id, coalesce('s' || session_id, 'n' || nth) AS session, count(*) AS n_events,
       min(timestamp) AS first, max(timestamp) AS last
FROM cut GROUP BY ALL
"""
_GAPS = """
SELECT (epoch(first) - epoch(before)) / 3600 FROM (
    SELECT first, lag(last) OVER (PARTITION BY user_id ORDER BY first, last) AS before FROM q_sessions
) WHERE before IS NOT NULL AND first >= before ORDER BY 1
"""


def check(data: Snapshot) -> Part:
    """Events per period, hours of the day, sessions: length, number a user, gap."""
    named = data.count("q_events WHERE session_id IS NOT NULL")
    about = "When events happened (UTC), and how they group into sessions."
    findings: list[Finding] = []
    if data.events and data.dated < data.events:
        findings.append(_undated(data))
    findings.extend(_early(data))
    if not data.dated and not named:
        why = "Events have no timestamps and no sessions: import a timestamp column."
        return Section(key=KEY, title="Time and sessions", about=about, absent=why), tuple(findings)
    data.run(_SESSIONS)
    lengths = data.column("SELECT n_events FROM q_sessions ORDER BY 1")
    per_user = data.column("SELECT count(*) FROM q_sessions GROUP BY user_id ORDER BY 1")
    gaps = data.column(_GAPS)
    how = (
        "sessions as the source names them"
        if named
        else f"a pause of more than {PAUSE // 60} minutes ends a session"
    )
    period = data.period
    numbers = [
        number(
            "dated",
            "events with a timestamp",
            share(data.dated, data.events),
            "dated events / events",
            "share",
        ),
        number(
            "span",
            "from first to last event",
            (period[1] - period[0]).total_seconds() if period else None,
            "last − first timestamp",
            "span",
        ),
        number("sessions", "sessions", len(lengths), how),
        number(
            "session_length",
            "median events a session",
            float(np.median(lengths)) if len(lengths) else None,
            how,
        ),
        number(
            "session_gap",
            "median time between sessions",
            3600 * float(np.median(gaps)) if len(gaps) else None,
            "start of a session − end of the user's session before it",
            "span",
        ),
    ]
    charts = [
        *_calendar(data),
        *_hours(data),
        *histogram(
            lengths,
            key="session_length",
            title="Sessions",
            quantity="events per session",
            counted="sessions",
            note=how,
        ),
        *histogram(
            per_user,
            key="sessions_per_user",
            title="Sessions a user",
            quantity="sessions per user",
            counted="users",
        ),
        *histogram(
            gaps.round() if len(gaps) and gaps.max() > 24 else gaps,
            key="session_gap",
            title="Time between sessions",
            quantity="hours between sessions",
            counted="gaps",
        ),
    ]
    section = Section(
        key=KEY, title="Time and sessions", about=about, numbers=tuple(numbers), charts=tuple(charts)
    )
    return section, tuple(findings)


def _calendar(data: Snapshot) -> tuple[Chart, ...]:
    if data.period is None:
        return ()
    seconds = (data.period[1] - data.period[0]).total_seconds()
    unit = next((name for name, length in _UNITS if seconds / length <= 60), "year")
    rows = data.rows(
        f"""SELECT t, coalesce(n, 0) FROM (
                SELECT unnest(generate_series(date_trunc('{unit}', $1::TIMESTAMP), $2::TIMESTAMP,
                    INTERVAL 1 {unit})) AS t
            ) LEFT JOIN (
                SELECT date_trunc('{unit}', timestamp) AS t, count(*) AS n FROM q_events
                WHERE timestamp IS NOT NULL GROUP BY 1
            ) USING (t) ORDER BY t""",
        *data.period,
    )
    empty = sum(n == 0 for _, n in rows)
    return (
        Chart(
            key="calendar",
            title=f"Events per {unit}",
            note=f"{data.period[0]:%d %b %Y} to {data.period[1]:%d %b %Y}; {empty} of {len(rows)} "
            f"{unit}s without events.",
            quantity=unit,
            counted="events",
            labels=tuple(t.strftime(_NAMES[unit]) for t, _ in rows),
            values=tuple(float(n) for _, n in rows),
        ),
    )


def _hours(data: Snapshot) -> tuple[Chart, ...]:
    if not data.dated or data.by_day:
        return ()
    found = dict(
        data.rows("SELECT hour(timestamp), count(*) FROM q_events WHERE timestamp IS NOT NULL GROUP BY 1")
    )
    busiest = max(found, key=lambda hour: (found[hour], -hour))
    return (
        Chart(
            key="hours",
            title="Events per hour of the day",
            note=f"The busiest hour begins at {busiest}:00 UTC.",
            quantity="hour of the day (UTC)",
            counted="events",
            labels=tuple(str(hour) for hour in range(24)),
            values=tuple(float(found.get(hour, 0)) for hour in range(24)),
        ),
    )


def _early(data: Snapshot) -> Iterator[Finding]:
    """Events before anybody logged them: small numbers read as seconds since 1970."""
    n, same, first, last = data.row(
        f"""SELECT count(*), count(*) FILTER (year(timestamp) = 1970), min(timestamp), max(timestamp)
            FROM q_events WHERE timestamp < DATE '{EARLIEST}-01-01'"""
    )
    if not n:
        return
    whole = n == data.dated
    yield Finding(
        check="early_dates",
        section=KEY,
        severity=graded(share(n, data.events), high=0.5, medium=0.01, low=0.0),
        title=("All events lie in 1970" if same == n else f"All events lie before {EARLIEST}")
        if whole
        else f"Events lie before {EARLIEST}",
        value=share(n, data.events),
        number=f"{part_of(n, data.events, 'events')}, from {first:%d %b %Y %H:%M} to {last:%d %b %Y %H:%M}",
        definition=f"events dated before {EARLIEST} / events",
        meaning="Hardly any event was logged then. Numbers that are no seconds (a date such as 20230415, a "
        "year, days) become moments of 1970 when read as such: their order and their distances are wrong.",
        remedy="Say how the times are written (the form of the column timestamp in a mapping, such as "
        "%Y%m%d) and import again.",
    )


def _undated(data: Snapshot) -> Finding:
    missing = data.events - data.dated
    whole = missing == data.events
    return Finding(
        check="undated",
        section=KEY,
        severity="low" if whole else graded(share(missing, data.events), medium=0.2, low=0.01),
        title="Events have no timestamps" if whole else "Some events have no timestamp",
        value=share(missing, data.events),
        number=part_of(missing, data.events, "events"),
        definition="events without a usable timestamp / events",
        meaning="Undated events do not count as recent, and they cannot be held out by time."
        if not whole
        else "The granularity recent, sessions, drift and splits by time are not possible.",
        remedy="Import a timestamp column (epoch seconds or ISO 8601); the receipt says which dates "
        "were refused.",
    )
