"""Users that behave like programs: five named rules, each with its evidence.

A limit is the larger of a number that hardly any person reaches and five times what 95 % of the
users of these data stay below, so that shops with large baskets and sites with imported histories
are not all flagged. Where more than one user in twenty is a program, the percentile follows the
programs and only the rules without one still find them.
"""

from __future__ import annotations

from dataclasses import dataclass

from mgrec_core.quality.document import Column, Finding, FindingExample, Part, Section, Severity, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, share, span

KEY = "automated"
SHOWN = 100


@dataclass(frozen=True)
class ProgramRule:
    """A reason to take a user for a program.

    Attributes
    ----------
    measure
        Column of ``q_behaviour``.
    floor, times
        Flagged from max(floor, times × the 95th percentile over users with events); ``below``
        instead flags what is smaller than ``floor``.
    timed
        Needs times of the day, not only days.
    """

    name: str
    title: str
    measure: str
    definition: str
    floor: float
    times: float = 0.0
    below: bool = False
    timed: bool = True


RULES = (
    ProgramRule(
        "rate",
        "Too many events in an hour",
        "peak_hour",
        "most events of the user within one clock hour",
        60,
        5,
    ),
    ProgramRule(
        "burst",
        "Many events in the same second",
        "peak_second",
        "most events of the user with one timestamp (whole seconds)",
        20,
        5,
    ),
    ProgramRule(
        "regularity",
        "Events at regular intervals",
        "cv",
        "standard deviation / mean of the intervals between the user's distinct timestamps, of at "
        "least 20 intervals",
        0.15,
        below=True,
    ),
    ProgramRule(
        "round_the_clock",
        "Active around the clock",
        "day_hours",
        "most clock hours with events within one UTC day",
        20,
    ),
    ProgramRule(
        "breadth",
        "Touches a great part of the catalogue",
        "n_items",
        "distinct items of the user",
        100,
        5,
        timed=False,
    ),
)

_BEHAVIOUR = """
CREATE OR REPLACE TEMP TABLE q_behaviour AS
WITH dated AS (SELECT user_id, timestamp AS t FROM q_events WHERE timestamp IS NOT NULL),
hours AS (
    SELECT user_id, max(n) AS peak_hour FROM (
        SELECT user_id, date_trunc('hour', t) AS h, count(*) AS n FROM dated GROUP BY ALL
    ) GROUP BY 1
), seconds AS (
    SELECT user_id, date_trunc('second', t) AS s, count(*) AS n FROM dated GROUP BY ALL
), bursts AS (SELECT user_id, max(n) AS peak_second FROM seconds GROUP BY 1),
days AS (
    SELECT user_id, max(n) AS day_hours FROM (
        SELECT user_id, s::DATE AS d, count(DISTINCT hour(s)) AS n FROM seconds GROUP BY ALL
    ) GROUP BY 1
), pace AS (
    SELECT user_id, median(gap) AS typical_gap, stddev_pop(gap) / avg(gap) AS cv FROM (
        SELECT user_id, epoch(s) - epoch(lag(s) OVER (PARTITION BY user_id ORDER BY s)) AS gap FROM seconds
    ) WHERE gap IS NOT NULL GROUP BY 1 HAVING count(*) >= 20
)
SELECT u.user_id, coalesce(e.n, 0) AS n_events, u.n_items, peak_hour, peak_second, day_hours, cv, typical_gap
FROM q_users u
LEFT JOIN (SELECT user_id, count(*) AS n FROM q_events GROUP BY 1) e USING (user_id)
LEFT JOIN hours USING (user_id) LEFT JOIN bursts USING (user_id)
LEFT JOIN days USING (user_id) LEFT JOIN pace USING (user_id)
WHERE coalesce(e.n, 0) > 0
"""


def check(data: Snapshot) -> Part:
    """Flag users by every rule that the data allow."""
    title, about = (
        "Automated users",
        "Users that behave like programs, by named rules; a flag is a reason to look.",
    )
    if not data.events:
        return Section(key=KEY, title=title, about=about, absent="There are no events to judge users by."), ()
    data.run(_BEHAVIOUR)
    usable = [rule for rule in RULES if not rule.timed or (data.dated and not data.by_day)]
    limits = {rule.name: _limit(data, rule) for rule in usable}
    flags = {
        rule.name: f"{rule.measure} {'<' if rule.below else '>='} {limits[rule.name]!r}" for rule in usable
    }
    listed = ", ".join(f"CASE WHEN {flag} THEN '{name}' END" for name, flag in flags.items())
    data.run(
        f"""CREATE OR REPLACE TEMP TABLE q_flagged AS
            SELECT * FROM (SELECT *, list_filter([{listed}], lambda x: x IS NOT NULL) AS fired FROM
                q_behaviour)
            WHERE len(fired) > 0"""
    )
    flagged, touched = data.row("SELECT count(*), coalesce(sum(n_events), 0)::BIGINT FROM q_flagged")
    rows = data.rows(
        f"""SELECT user_id, array_to_string(fired, ', '), n_events, n_items, peak_hour, peak_second,
            day_hours, cv, typical_gap
            FROM q_flagged ORDER BY len(fired) DESC, n_events DESC, user_id LIMIT {SHOWN}"""
    )
    skipped = [rule.name for rule in RULES if rule not in usable]
    why = "timestamps are whole days" if data.dated else "events are undated"
    rules = tuple(
        (
            rule.name,
            rule.definition,
            f"{'<' if rule.below else '≥'} {limits[rule.name]:,.4g}"
            if rule in usable
            else f"not applied: {why}",
            data.count(f"q_behaviour WHERE {flags[rule.name]}") if rule in usable else None,
        )
        for rule in RULES
    )
    tables = [
        Table(
            key="rules",
            title="Rules",
            total=len(rules),
            rows=rules,
            note="Where a limit depends on the data it is 5 × the 95th percentile over users, but no "
            "less than its floor.",
            columns=(
                Column(name="Rule"),
                Column(name="Measure"),
                Column(name="Flagged if"),
                Column(name="Users", kind="count"),
            ),
        )
    ]
    if rows:
        tables.append(
            Table(
                key="users",
                title="Flagged users",
                total=flagged,
                note="Most rules first, then most events.",
                columns=(
                    Column(name="User", kind="user"),
                    Column(name="Rules"),
                    Column(name="Events", kind="count"),
                    Column(name="Items", kind="count"),
                    Column(name="Most in an hour", kind="count"),
                    Column(name="Most in a second", kind="count"),
                    Column(name="Hours in a day", kind="count"),
                    Column(name="Spread of intervals", kind="number"),
                    Column(name="Typical interval"),
                ),
                rows=tuple(
                    (*row[:7], None if row[7] is None else round(row[7], 3), span(row[8])) for row in rows
                ),
            )
        )
    section = Section(
        key=KEY,
        title=title,
        about=about,
        tables=tuple(tables),
        numbers=(
            number("flagged_users", "flagged users", flagged, "users with at least one rule"),
            number(
                "flagged_events",
                "of the events are theirs",
                share(touched, data.events),
                "their events / events",
                "share",
            ),
            number(
                "rules_applied",
                "rules applied",
                len(usable),
                f"not applied: {', '.join(skipped)} ({why})" if skipped else "all of them",
            ),
        ),
    )
    return section, tuple(
        f for rule in usable if (f := _finding(data, rule, flags[rule.name], limits[rule.name]))
    )


def _limit(data: Snapshot, rule: ProgramRule) -> float:
    if not rule.times:
        return float(rule.floor)
    (usual,) = data.row(f"SELECT quantile_cont({rule.measure}, 0.95) FROM q_behaviour")
    return float(max(rule.floor, rule.times * (usual or 0)))


def _finding(data: Snapshot, rule: ProgramRule, flag: str, limit: float) -> Finding | None:
    rows = data.rows(
        f"SELECT user_id, n_events, {rule.measure} FROM q_behaviour WHERE {flag} ORDER BY n_events "
        f"DESC, user_id"
    )
    if not rows:
        return None
    touched = share(sum(row[1] for row in rows), data.events)
    severity: Severity = graded(touched, high=0.1, medium=0.02)
    return Finding(
        check=f"automated_{rule.name}",
        section=KEY,
        severity=severity,
        title=rule.title,
        value=share(len(rows), data.active),
        number=f"{part_of(len(rows), data.active, 'users')}, with {100 * touched:.3g} % of the events",
        definition=f"{rule.definition} {'<' if rule.below else '≥'} {limit:,.4g}",
        meaning="They may be programs, testers or shared accounts. What they touch looks popular, and "
        "which items go "
        "together follows them rather than people.",
        remedy="Look at their histories; if they are no people, leave them out before the import and "
        "compare evaluations.",
        examples=tuple(
            FindingExample(kind="user", id=user, detail=f"{n:,} events; {value:,.4g}")
            for user, n, value in rows[:5]
        ),
    )
