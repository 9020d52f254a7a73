"""How evenly events fall on users and items, and how much of the matrix is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.coverage import gini_coefficient
from mgrec_core.metrics.histogram import classes
from mgrec_core.quality.document import Chart, Finding, FindingExample, Part, Section
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, percent, share

KEY = "distributions"
SHORT_HISTORY = 3
"""Users with fewer items cannot be both learned from and tested on."""


def lorenz(counts: NDArray[np.float64], steps: int = 20) -> NDArray[np.float64]:
    """Share of the total that the least popular 0/steps … steps/steps of the things have.

    Examples
    --------
    >>> lorenz(np.array([1.0, 3.0]), 2).tolist()
    [0.0, 0.25, 1.0]
    """
    grown = np.concatenate(([0.0], np.cumsum(np.sort(counts))))
    at = np.linspace(0, len(counts), steps + 1)
    total = grown[-1] or 1.0
    return np.interp(at, np.arange(len(grown)), grown) / total


def histogram(
    values: NDArray[np.float64], *, key: str, title: str, quantity: str, counted: str, note: str = ""
) -> tuple[Chart, ...]:
    """A chart of how values are spread; none without values."""
    if not len(values):
        return ()
    counts, names, doubled = classes(values)
    said = (
        f"median {np.median(values):,.3g}, mean {values.mean():,.3g}, largest {values.max():,.6g} {quantity}"
    )
    if doubled:
        said += "; each class is twice as wide as the one before"
    return (
        Chart(
            key=key,
            title=f"{title}: {len(values):,} {counted}",
            note=f"{said[0].upper()}{said[1:]}{f'; {note}' if note else ''}.",
            quantity=quantity,
            counted=counted,
            labels=tuple(names),
            values=tuple(float(n) for n in counts),
        ),
    )


def check(data: Snapshot) -> Part:
    """Activity, popularity, head and tail, sparsity."""
    activity = data.column("SELECT n_items FROM q_users ORDER BY n_items")
    popularity = data.column("SELECT n_users FROM q_items ORDER BY n_users")
    short = int((activity < SHORT_HISTORY).sum())
    unseen, once = int((popularity == 0).sum()), int((popularity == 1).sum())
    head = int((np.cumsum(popularity[::-1]) - popularity[::-1] < popularity.sum() / 2).sum())
    head = min(head, len(popularity) - unseen)
    concentration = gini_coefficient(popularity)
    density = share(data.pairs, data.users * data.items)
    numbers = (
        number("density", "of user–item pairs seen", density, "pairs / (users × items)", "share"),
        number("sparsity", "sparsity", 1 - density, "1 − density", "share"),
        number(
            "median_activity",
            "median items a user",
            _median(activity),
            "distinct items with a positive amount",
        ),
        number(
            "short_histories",
            "users with a short history",
            share(short, data.users),
            f"users with fewer than {SHORT_HISTORY} items / users",
            "share",
        ),
        number(
            "median_popularity",
            "median users an item",
            _median(popularity),
            "distinct users with a positive amount",
        ),
        number(
            "unseen_items",
            "items without a user",
            share(unseen, data.items),
            "items with no pair / items",
            "share",
        ),
        number(
            "head_items", "head items", head, "fewest items that hold half of all pairs; the rest is the tail"
        ),
        number(
            "gini_items", "Gini of popularity", concentration, "Σ (2r − n − 1)·x_(r) / (n·Σx) over all items"
        ),
        number("gini_users", "Gini of activity", gini_coefficient(activity), "the same over all users"),
    )
    charts = [
        *histogram(activity, key="activity", title="Activity", quantity="items per user", counted="users"),
        *histogram(
            popularity, key="popularity", title="Popularity", quantity="users per item", counted="items"
        ),
    ]
    if data.pairs:
        curve = lorenz(popularity)
        charts.append(
            Chart(
                key="lorenz",
                title=f"Concentration: Gini {concentration:.2f}",
                note=f"{head:,} head items ({percent(share(head, data.items))} of the catalogue) hold "
                f"half of all "
                "pairs. Equal popularity would lie on the dashed line.",
                quantity="% of items, least popular first",
                counted="% of pairs",
                labels=tuple(str(5 * n) for n in range(21)),
                values=tuple(float(100 * y) for y in curve),
                kind="line",
                reference=tuple(5.0 * n for n in range(21)),
                reference_name="equal popularity",
            )
        )
    section = Section(
        key=KEY,
        title="Users and items",
        about="How events are spread over users and items, and how much of all pairs is known.",
        numbers=numbers,
        charts=tuple(charts),
    )
    return section, tuple(_findings(data, short, unseen, once, concentration, density))


def _findings(
    data: Snapshot, short: int, unseen: int, once: int, concentration: float, density: float
) -> list[Finding]:
    found: list[Finding] = []
    if not data.events:
        return [
            Finding(
                check="no_events",
                section=KEY,
                severity="high",
                title="There are no events",
                value=0,
                number="0 events",
                definition="rows of the interactions that were accepted",
                meaning="Without events nobody has a history: there is nothing to rank from.",
                remedy="Import interactions; if the file had rows, the receipt says why they were rejected.",
            )
        ]
    if share(short, data.users) >= 0.05:
        found.append(
            Finding(
                check="short_histories",
                section=KEY,
                severity=graded(share(short, data.users), medium=0.4),
                title="Many users have a short history",
                value=share(short, data.users),
                number=part_of(short, data.users, "users"),
                definition=f"users with fewer than {SHORT_HISTORY} distinct items / users",
                meaning="Their lists rest on one or two items and on popularity, and an evaluation can "
                "hardly "
                "hold anything of them out.",
                remedy="Read results by the segment activity; import a longer period or weaker event "
                "types too.",
                examples=_examples(data, "user", f"n_items < {SHORT_HISTORY}"),
            )
        )
    if unseen + once and share(unseen + once, data.items) >= 0.1:
        found.append(
            Finding(
                check="cold_items",
                section=KEY,
                severity=graded(share(unseen + once, data.items), medium=0.5),
                title="Many items have no user, or one",
                value=share(unseen + once, data.items),
                number=f"{part_of(unseen + once, data.items, 'items')}, {unseen:,} of them without any user",
                definition="items with fewer than two users / items",
                meaning="Histories say nothing about what goes with them: only text, attributes and "
                "the knowledge "
                "graph can bring them into a list.",
                remedy="Give them titles, attributes or a graph; read coverage and the segment items "
                "in evaluations; "
                "drop what can no longer be had from the items file.",
                examples=_examples(data, "item", "n_users < 2"),
            )
        )
    if concentration >= 0.75:
        found.append(
            Finding(
                check="concentration",
                section=KEY,
                severity=graded(concentration, low=0.9),
                title="Popularity is concentrated on few items",
                value=concentration,
                number=f"Gini {concentration:.2f} (0 equal, 1 one item)",
                definition="Σ (2r − n − 1)·x_(r) / (n·Σx), x the users of each item in ascending order",
                meaning="Whatever ranks popular items first looks accurate; tail items need evidence "
                "of their own.",
                remedy="Compare with popularity in every evaluation, and look at coverage@k and "
                "novelty@k beside nDCG.",
                examples=_examples(data, "item", "n_users > 0", "n_users DESC"),
            )
        )
    if density >= 0.5 and data.pairs > 1:
        found.append(
            Finding(
                check="dense",
                section=KEY,
                severity="note",
                title="Most pairs have been seen already",
                value=density,
                number=f"{percent(density)} of all pairs",
                definition="pairs / (users × items)",
                meaning="Seen items are never ranked, so little is left to recommend.",
                remedy="Check that impressions are not imported as clicks (event `impression` is no "
                "history).",
            )
        )
    return found


def _examples(data: Snapshot, kind: str, where: str, order: str = "") -> tuple[FindingExample, ...]:
    n, label = ("n_items", "user_id") if kind == "user" else ("n_users", "label")
    unit = "items" if kind == "user" else "users"
    rows = data.rows(
        f"SELECT {kind}_id, {label}, {n} FROM q_{kind}s WHERE {where} ORDER BY {order or n}, {kind}_id "
        f"LIMIT 5"
    )
    return tuple(
        FindingExample.model_validate({"kind": kind, "id": i, "label": name, "detail": f"{count} {unit}"})
        for i, name, count in rows
    )


def _median(values: NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None
