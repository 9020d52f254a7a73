"""Writes down what the kinds of events and the ratings of a database mean, and says it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from mgrec_core.data.receipt import READ_AS, Reason
from mgrec_core.data.signals.kinds import Kind, folded, kind_of
from mgrec_core.data.signals.scale import REPEATS, RatingOptions, Scale, scale_of
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import count, nearest, shorten

_DISTINCT = 10_000
_NAMED = 12
_OF_RATINGS = ("interaction", "rating", "rate")
"""Kinds that say only what their ratings say, where those have a scale (see ``v_events``)."""


def fill_signals(
    connection: duckdb.DuckDBPyConnection,
    strengths: Mapping[str, float],
    ratings: RatingOptions,
    before: str = "",
) -> Scale | None:
    """Fill ``event_types``, ``rating_scale`` and ``no_rating`` from what is in ``events``.

    Parameters
    ----------
    connection
        The database with its events.
    strengths
        Kind → strength in [−1, 1] that somebody chose; others have the usual ones.
    ratings
        What somebody said about ratings; the rest is found in how they are distributed.
    before
        SELECT of rows of ``event_types`` that hold already, such as those of data that are added to.

    Returns
    -------
    Scale or None
        The scale found.

    Raises
    ------
    InputError
        When the chosen marks do not fit the ratings.
    """
    held = {row[0]: row for row in connection.execute(before).fetchall()} if before else {}
    given = {folded(kind): strength for kind, strength in strengths.items()}
    rows = []
    for (event,) in connection.execute("SELECT DISTINCT event FROM events ORDER BY event").fetchall():
        kind = kind_of(event)
        if (strength := given.get(folded(event))) is not None:
            kind = with_strength(kind, strength)
        elif event in held:
            kind = Kind(*held[event][1:])
        rows.append((event, kind.strength, kind.role, kind.known))
    if rows:
        connection.executemany("INSERT INTO event_types VALUES (?, ?, ?, ?)", rows)
    scale = scale_of(_counts(connection), ratings)
    repeats = ratings.repeats or REPEATS[0]
    marks = (scale.lowest, scale.disliked, scale.liked, scale.highest) if scale else (0, 0, 0, 0)
    connection.execute("INSERT INTO rating_scale VALUES (?, ?, ?, ?, ?)", [*marks, repeats])
    if scale and scale.missing:
        connection.executemany("INSERT INTO no_rating VALUES (?, ?)", list(scale.missing.items()))
    return scale


def with_strength(kind: Kind, strength: float) -> Kind:
    """Return a kind with another strength; one that is not known and counts against an item is an opinion."""
    role = kind.role
    if not kind.known and strength < 0:
        role = "opinion"
    elif role == "shown" and strength != 0:
        role = "use"
    return replace(kind, strength=strength, role=role, known=True)


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[float, int]:
    """How often each rating occurs; of very many different ones, an even sample."""
    ((different,),) = connection.execute("SELECT approx_count_distinct(rating) FROM events").fetchall()
    if not different:
        return {}
    step = max(1, different // _DISTINCT)
    rows = connection.execute(
        "SELECT rating, n FROM (SELECT rating, count(*) AS n, row_number() OVER (ORDER BY rating) AS place"
        f" FROM events WHERE rating IS NOT NULL GROUP BY rating)"
        f" WHERE place % {step} = 0 OR place = 1 ORDER BY 1"
    ).fetchall()
    return {float(value): int(n) for value, n in rows}


def unmet_kinds(
    connection: duckdb.DuckDBPyConnection, strengths: Mapping[str, float], *, added: bool = False
) -> list[str]:
    """Return a sentence for each kind that was given a strength and that no event has.

    Parameters
    ----------
    strengths
        Those that somebody chose for this import.
    added
        Whether the database is added to the one attached as ``earlier``: its kinds are there too.
    """
    query = "SELECT event FROM event_types" + (
        " UNION SELECT event FROM earlier.event_types" if added else ""
    )
    here = [str(row[0]) for row in connection.execute(query).fetchall()]
    known = {folded(kind) for kind in here}
    return [
        f"no event is of the kind '{shorten(kind, 40)}', which was given a strength: correct it or"
        " leave it out;"
        f" {nearest(kind, here, 'the kinds are')}"
        for kind in strengths
        if folded(kind) not in known
    ]


def told(
    connection: duckdb.DuckDBPyConnection,
    ratings: RatingOptions | None = None,
    unmet: Sequence[str] = (),
) -> list[Reason]:
    """Say what the values of a database's events were taken to mean, for its receipt.

    Parameters
    ----------
    ratings
        What somebody said about ratings: what says nothing here is named.
    unmet
        What :func:`unmet_kinds` returned, where that is no reason to refuse.
    """
    lines = [(sentence, 0) for sentence in unmet]
    lines += [(sentence, 0) for sentence in _idle(connection, ratings or RatingOptions())]
    for value, why, n in connection.execute(
        "SELECT value, why, (SELECT count(*) FROM events WHERE rating = value) FROM no_rating ORDER BY value"
    ).fetchall():
        lines.append(
            (f'rating {value:g}: "no rating", since it {why}; where it is a rating, say --no-rating none', n)
        )
    marks = connection.execute(
        "SELECT lowest, disliked, liked, highest FROM rating_scale WHERE highest > lowest"
    ).fetchone()
    if marks:
        query = (
            "SELECT count(*), count(*) FILTER (rating >= ?), count(*) FILTER (rating <= ?) FROM events"
            " WHERE rating IS NOT NULL AND rating NOT IN (SELECT value FROM no_rating)"
        )
        ((n, liked, disliked),) = connection.execute(query, [marks[2], marks[1]]).fetchall()
        lines.append(
            (
                f"ratings {Scale(*marks)}: {count(liked, 'like')}, {count(disliked, 'dislike')},"
                f" {n - liked - disliked:,} between; other marks: --liked, --disliked",
                n,
            )
        )
        ((unrated,),) = connection.execute(
            "SELECT count(*) FROM events WHERE list_contains(?, event)"
            " AND (rating IS NULL OR rating IN (SELECT value FROM no_rating))",
            [list(_OF_RATINGS)],
        ).fetchall()
        if unrated:
            lines.append(
                (
                    f"{count(unrated, 'event')} without a rating: signal 0, neither for nor against; that the"
                    " item was chosen counts a little (amount 0.2)",
                    unrated,
                )
            )
    here = kinds(connection)
    unknown = [(event, one["strength"], one["events"]) for event, one in here.items() if not one["known"]]
    if unknown:
        names = ", ".join(shorten(event, 40) for event, _, _ in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        lines.append(
            (
                f"unknown kinds of event: {names}{more}; each counts {unknown[0][1]:g}, say what they"
                " mean with --strength KIND=NUMBER (−1 against to 1 for)",
                sum(n for *_, n in unknown),
            )
        )
    said = [(event, one["strength"], one["events"]) for event, one in here.items() if one["known"]]
    if len(here) > 1 and said:
        each = ", ".join(
            f"{shorten(event, 40)} {'by its rating' if marks and event in _OF_RATINGS else f'{strength:g}'}"
            for event, strength, _ in said[:_NAMED]
        )
        more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
        lines.append((f"kinds of event: {each}{more}", sum(n for *_, n in said)))
    return [Reason("events", "signals", READ_AS, n, text) for text, n in lines]


def _idle(connection: duckdb.DuckDBPyConnection, ratings: RatingOptions) -> list[str]:
    """Sentences for what was said about ratings that no event has."""
    if not (ratings.missing or ratings.liked is not None or ratings.disliked is not None):
        return []
    if not connection.execute("SELECT 1 FROM events WHERE rating IS NOT NULL LIMIT 1").fetchall():
        return ["no event has a rating, so that --liked, --disliked and --no-rating say nothing"]
    return [
        f"no rating is {value:g}, so that --no-rating {value:g} says nothing"
        for value in ratings.missing or ()
        if not connection.execute("SELECT 1 FROM events WHERE rating = ? LIMIT 1", [value]).fetchall()
    ]


def ratings(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Return the marks of a database's ratings and what is no rating; None where no event has any."""
    found = connection.execute(
        "SELECT lowest, disliked, liked, highest, repeats FROM rating_scale"
    ).fetchone()
    missing = connection.execute("SELECT value, why FROM no_rating ORDER BY value").fetchall()
    if not found or (found[0] == found[3] and not missing):
        return None
    marks = dict(zip(("lowest", "disliked", "liked", "highest"), found, strict=False))
    return {
        **(marks if found[3] > found[0] else {}),
        "no_rating": [value for value, _ in missing],
        "repeats": found[4],
    }


def in_words(found: Mapping[str, Any]) -> str:
    """Say what :func:`ratings` returned.

    Examples
    --------
    >>> in_words({"lowest": 1, "disliked": 2, "liked": 4, "highest": 5, "no_rating": [-1], "repeats": "last"})
    'from 1 to 5, liked from 4, disliked up to 2; no rating: -1; of several opinions the last counts'
    """
    marks = [found.get(mark, 0) for mark in ("lowest", "disliked", "liked", "highest")]
    none = ", ".join(f"{value:g}" for value in found["no_rating"])
    parts = [str(Scale(*marks)), f"no rating: {none}" if none else ""]
    return "; ".join(filter(None, [*parts, f"of several opinions the {found['repeats']} counts"]))


def kinds(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return what each kind of event of a database is taken to say, the most frequent first."""
    rows = connection.execute(
        "SELECT event, strength, role, known, n FROM event_types JOIN (SELECT event, count(*) AS n"
        " FROM events GROUP BY event) USING (event) ORDER BY n DESC, event"
    ).fetchall()
    return {
        event: {"strength": strength, "role": role, "known": known, "events": n}
        for event, strength, role, known, n in rows
    }


def check_strengths(strengths: Mapping[str, object]) -> dict[str, float]:
    """Check strengths that a person chose.

    Raises
    ------
    InputError
        When one is no number in [−1, 1].
    """
    found = {}
    for kind, value in strengths.items():
        try:
            number = float(str(value))
        except ValueError:
            number = 2.0
        if not -1 <= number <= 1:
            raise InputError(
                f"the strength of '{kind[:40]}' is '{str(value)[:40]}'; give a number from −1 (against) to 1"
            )
        found[kind.strip().lower()] = number
    return found
