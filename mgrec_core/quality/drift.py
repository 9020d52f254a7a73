"""How the data change over time: new users and items, turnover, and how far popularity moves.

The history is cut into eight periods of equal length. Popularity drift between two neighbouring
periods is the Jensen–Shannon distance (base 2, in [0, 1]) of the shares of events on items. Small
samples are always some distance apart, so it is compared with chance: each user's events of a period
are moved together to one of the two periods at random, ten times; the mean distance of those is what
the same users would show without drift. Drift is the distance minus that.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from mgrec_core.quality.document import Chart, Column, Finding, FindingExample, Part, Section, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, percent, share

KEY = "drift"
PERIODS = 8
SHUFFLES = 10
LEAST_EVENTS = 50
"""Periods with fewer events are not compared."""
NOTABLE = 0.1
"""Drift from which a finding is made."""

_COLUMNS = (
    Column(name="From"),
    Column(name="Events", kind="count"),
    Column(name="Users", kind="count"),
    Column(name="New users", kind="count"),
    Column(name="Items", kind="count"),
    Column(name="New items", kind="count"),
    Column(name="Turnover", kind="share"),
    Column(name="Distance", kind="number"),
    Column(name="By chance", kind="number"),
    Column(name="Drift", kind="number"),
)


def check(data: Snapshot) -> Part:
    """New and gone users and items a period, catalogue turnover, popularity drift against chance."""
    title, about = "Drift", "How users, items and popularity change over eight periods of equal length."
    if data.period is None or data.period[0] == data.period[1]:
        why = "Events have no timestamps" if data.period is None else "All events have the same timestamp"
        absent = f"{why}: nothing can be said about change. Import a timestamp column."
        return Section(key=KEY, title=title, about=about, absent=absent), ()
    first, last = data.period
    length = (last - first) / PERIODS
    data.run(
        f"""CREATE OR REPLACE TEMP TABLE q_periods AS
            SELECT user_id, item_id,
                   least({PERIODS - 1}, floor({PERIODS} * (epoch(timestamp) - epoch(TIMESTAMP '{first}'))
                         / {(last - first).total_seconds()!r}))::INT AS period,
                   count(*) AS n
            FROM q_events WHERE timestamp IS NOT NULL GROUP BY ALL"""
    )
    counts = {
        p: (n, users, items)
        for p, n, users, items in data.rows(
            "SELECT period, sum(n)::BIGINT, count(DISTINCT user_id), count(DISTINCT item_id) FROM "
            "q_periods GROUP BY 1"
        )
    }
    fresh = {
        of: dict(
            data.rows(
                f"SELECT p, count(*) FROM (SELECT min(period) AS p FROM q_periods GROUP BY {of}_id) "
                f"GROUP BY 1"
            )
        )
        for of in ("user", "item")
    }
    both = dict(
        data.rows(
            """SELECT b.period, count(*) FROM (SELECT DISTINCT item_id, period FROM q_periods) a
               JOIN (SELECT DISTINCT item_id, period FROM q_periods) b
                 ON a.item_id = b.item_id AND b.period = a.period + 1 GROUP BY 1"""
        )
    )
    distances = _distances(data)
    rows = []
    starts = [first + n * length for n in range(PERIODS)]
    for p in range(PERIODS):
        events, users, items = counts.get(p, (0, 0, 0))
        before = counts.get(p - 1, (0, 0, 0))[2]
        turnover = (
            1 - share(both.get(p, 0), items + before - both.get(p, 0)) if p and items and before else None
        )
        observed, chance = distances.get(p, (None, None))
        excess = None if observed is None or chance is None else round(observed - chance, 4)
        rows.append(
            (
                _start(starts[p], length),
                events,
                users,
                fresh["user"].get(p, 0),
                items,
                fresh["item"].get(p, 0),
                turnover,
                observed,
                chance,
                excess,
            )
        )
    known = [(row[-1], p) for p, row in enumerate(rows) if row[-1] is not None]
    largest = max(known) if known else None
    labels = tuple(str(row[0]) for row in rows)
    charts = [
        Chart(
            key=f"new_{of}",
            title=f"New {of} per period",
            note=f"{of.capitalize()} whose first dated event is in the period.",
            quantity="period, by its first day",
            counted=f"new {of}",
            labels=labels,
            values=tuple(float(row[at] or 0) for row in rows),
        )
        for of, at in (("users", 3), ("items", 5))
    ]
    if known:
        charts.append(
            Chart(
                key="drift",
                title="Distance of popularity from the period before",
                note="Jensen–Shannon distance of the items' shares of events; the dashed line is what "
                "the same users "
                "would show by chance, without drift.",
                quantity="period, by its first day",
                counted="distance (0–1)",
                kind="line",
                labels=tuple(labels[p] for _, p in known),
                values=tuple(distances[p][0] for _, p in known),
                reference=tuple(distances[p][1] for _, p in known),
                reference_name="by chance",
            )
        )
    section = Section(
        key=KEY,
        title=title,
        about=about,
        charts=tuple(charts),
        numbers=(
            number(
                "drift",
                "largest drift",
                largest[0] if largest else None,
                "Jensen–Shannon distance of neighbouring periods − its mean by chance",
            ),
            number(
                "turnover",
                "median turnover",
                _median([row[6] for row in rows]),
                "1 − |items of both periods| / |items of either|",
                "share",
            ),
            number(
                "late_users",
                "users new in the last period",
                share(fresh["user"].get(PERIODS - 1, 0), data.active),
                "users whose first event is in the last period / users with events",
                "share",
            ),
            number(
                "late_items",
                "items new in the last period",
                share(fresh["item"].get(PERIODS - 1, 0), data.items),
                "items whose first event is in the last period / items",
                "share",
            ),
        ),
        tables=(
            Table(
                key="periods",
                title="Periods",
                columns=_COLUMNS,
                rows=tuple(rows),
                total=len(rows),
                note=f"Periods with fewer than {LEAST_EVENTS} events are not compared; turnover is "
                "1 − |items of both| / |items of either|.",
            ),
        ),
    )
    return section, _findings(data, largest, labels)


def _distances(data: Snapshot) -> dict[int, tuple[float, float]]:
    """Observed and chance distance of each period from the one before, where both have enough events."""
    arrays = data.arrays(
        """SELECT dense_rank() OVER (ORDER BY user_id) AS users, dense_rank() OVER (ORDER BY item_id)
        AS items,
                  period, n FROM q_periods ORDER BY period, users, items"""
    )
    users, items, period, n = (arrays[name] for name in ("users", "items", "period", "n"))
    random = np.random.default_rng(0)
    found = {}
    for p in range(1, PERIODS):
        near = (period == p) | (period == p - 1)
        late = period[near] == p
        if min(n[near][late].sum(), n[near][~late].sum()) < LEAST_EVENTS:
            continue
        weights = n[near].astype(np.float64)
        codes = np.unique(items[near], return_inverse=True)[1]
        # One block a user and period: a user's own taste must not look like drift.
        blocks = np.unique(users[near] * 2 + late, return_inverse=True)[1]
        where = np.zeros(blocks.max() + 1, dtype=bool)
        where[blocks] = late
        chance = [_distance(codes, weights, random.permutation(where)[blocks]) for _ in range(SHUFFLES)]
        found[p] = (round(_distance(codes, weights, late), 4), round(float(np.mean(chance)), 4))
    return found


def _distance(codes: NDArray[np.int64], weights: NDArray[np.float64], late: NDArray[np.bool_]) -> float:
    size = int(codes.max()) + 1
    before = np.bincount(codes[~late], weights[~late], size)
    after = np.bincount(codes[late], weights[late], size)
    if not before.sum() or not after.sum():
        return 1.0
    from scipy.spatial.distance import jensenshannon  # heavy, and every figure would import it

    return float(jensenshannon(before, after, base=2))


def _findings(
    data: Snapshot, largest: tuple[float, int] | None, labels: tuple[str, ...]
) -> tuple[Finding, ...]:
    if largest is None or largest[0] < NOTABLE:
        return ()
    drift, at = largest
    grown = data.rows(
        """WITH shares AS (
               SELECT item_id, sum(n) FILTER (period = $1) / (SELECT sum(n) FROM q_periods WHERE period
                   = $1) AS after,
                      sum(n) FILTER (period = $1 - 1) / (SELECT sum(n) FROM q_periods WHERE period = $1
                          - 1) AS before
               FROM q_periods WHERE period IN ($1, $1 - 1) GROUP BY 1
           )
           SELECT item_id, label, coalesce(before, 0), coalesce(after, 0) FROM shares JOIN q_items
               USING (item_id)
           ORDER BY abs(coalesce(after, 0) - coalesce(before, 0)) DESC, item_id LIMIT 5""",
        at,
    )
    return (
        Finding(
            check="popularity_drift",
            section=KEY,
            severity=graded(drift, medium=0.2),
            title="What is popular changes over time",
            value=drift,
            number=f"{drift:.2f} above chance in the period from {labels[at]}",
            definition="Jensen–Shannon distance (base 2) of the items' shares of events in "
            "neighbouring eighths of the "
            "history, minus its mean when users' events are moved between the two at random",
            meaning="Old events say little about what is wanted now; a random split hides that, since "
            "it trains on the future.",
            remedy="Evaluate with --split time; give recent more weight, or import only the newest part.",
            examples=tuple(
                FindingExample(
                    kind="item", id=i, label=label, detail=f"{percent(before)} → {percent(after)} of events"
                )
                for i, label, before, after in grown
            ),
        ),
    )


def _start(moment: object, length: timedelta) -> str:
    return f"{moment:%d %b %Y}" if length >= timedelta(days=2) else f"{moment:%d %b %H:%M}"


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
