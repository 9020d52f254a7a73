"""Which pairs are held out, decided in SQL so that every split is the same on every machine.

Items of one moment have no order. Where the cut of ``last`` and ``last-n`` falls among some, which of them
are held out is drawn with the seed, as all are in ``random``. To hold out whole moments instead would leave
the users whose whole history is one moment without a test, and would hold out more or less than the share
that was asked for. The draw reads no ids (:mod:`mgrec_core.evaluation.nameless`): an order by ids, or a
hash of them, would let a renaming change every figure. :attr:`Split.n_tied` says how many users it concerns.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb
import pandas as pd

from mgrec_core.evaluation.nameless import Order, nameless_order, placed
from mgrec_core.foundation.errors import InputError

SPLITS = ("last", "last-n", "random", "time", "items")

_MANY_TIED = 0.1
"""Share of test users with a drawn cut from which on it is told."""


@dataclass(frozen=True)
class Split:
    """Held-out pairs.

    Attributes
    ----------
    kind
        ``last``: the last share of each user's items by time; ``last-n``: the last ``count`` of
        them; ``random``: a random share of each user's items; ``time``: everything after one moment;
        ``items``: a random share of the items with all their pairs, so that these items are new.
    count
        Of ``last-n``.
    at
        The moment of ``time``, ISO 8601 in UTC; None takes the one that leaves ``test_ratio`` behind it.
    n_tied
        Test users of whom some items were held out and others of the same moment were not.
    order
        The nameless order that was drawn by, where one was; of all the data, with ``seed``.
    test
        Columns user_id, item_id. Every test user keeps at least one training item (except in
        ``time``, where new users are left out of the test, and in ``items``, where they have nothing else).
    """

    kind: Literal["last", "last-n", "random", "time", "items"]
    test_ratio: float
    seed: int
    test: pd.DataFrame
    count: int = 1
    at: str | None = None
    n_tied: int = 0
    order: Order | None = field(default=None, compare=False, repr=False)

    def again(self, connection: duckdb.DuckDBPyConnection, test_ratio: float | None = None) -> Split:
        """Hold out in the same way once more, from a training part, with the next seed.

        A training part of ``time`` ends at its moment: the share of it that validates is by ``test_ratio``.
        """
        ratio = self.test_ratio if test_ratio is None else test_ratio
        return make_split(connection, self.kind, ratio, self.seed + 1, self.count)

    @property
    def n_users(self) -> int:
        """Users with test items."""
        return int(self.test["user_id"].nunique())

    def to_dict(self) -> dict[str, Any]:
        """Describe the split; the fingerprint names its exact pairs."""
        how: dict[str, Any] = {"test_ratio": self.test_ratio}
        if self.kind == "last-n":
            how = {"count": self.count}
        elif self.at is not None:
            how = {"at": self.at}
        return {
            "kind": self.kind,
            **how,
            "seed": self.seed,
            "n_users": self.n_users,
            "n_pairs": len(self.test),
            **({"n_tied": self.n_tied} if self.n_tied else {}),
            "fingerprint": self.fingerprint,
        }

    def notes(self) -> list[str]:
        """What a reader of figures on this split must know."""
        share = self.n_tied / max(1, self.n_users)
        if share < _MANY_TIED:
            return []
        return [
            f"{share:.0%} of the test users ({self.n_tied}) have held-out items of the same moment as items "
            "that they keep: which of these came last the data do not say, and it was drawn with the seed; "
            "finer times would say it, --split random does not need them"
        ]

    @property
    def fingerprint(self) -> str:
        """Name of the exact pairs, 16 hexadecimal digits."""
        pairs = self.test.sort_values(["user_id", "item_id"])
        text = "\n".join(pairs["user_id"] + "\t" + pairs["item_id"])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def make_split(
    connection: duckdb.DuckDBPyConnection,
    kind: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    count: int = 1,
    at: str | None = None,
) -> Split:
    """Choose the held-out pairs of an open workspace database.

    Of n items of a user the first ⌊n·(1 − ratio)⌋ in the split's order train (``last-n``: the
    first n − count), at least one.

    Parameters
    ----------
    seed
        Of the draw: all of ``random``, and among items of one moment.
    at
        For ``time``: a date or time, ISO 8601, UTC unless it says otherwise.

    Raises
    ------
    InputError
        An unknown kind, a ratio outside (0, 1), a count below 1, a moment that is none or is given for
        another kind, no timestamps where time is needed, or nothing to hold out.
    """
    if kind not in SPLITS:
        raise InputError(f"unknown split {kind!r}: choose {', '.join(SPLITS)}")
    if not 0.0 < test_ratio < 1.0:
        raise InputError(f"--test-ratio is {test_ratio:g}: it lies between 0 and 1")
    if count < 1:
        raise InputError(f"--test-count is {count}: hold out at least 1 item a user")
    if at is not None and kind != "time":
        raise InputError(
            f"--at is the moment of --split time, and the split is {kind}: leave one of them out"
        )
    if kind in ("last", "last-n", "time"):
        dated = connection.execute("SELECT count(*) FROM v_history WHERE last_time IS NOT NULL").fetchone()
        if not dated or not dated[0]:
            raise InputError(f"split {kind} needs timestamps and the events have none: use --split random")
    if kind == "time":
        return _by_time(connection, test_ratio, seed, at)
    if kind == "items":
        return _by_items(connection, test_ratio, seed)
    kept = "n - $how_many" if kind == "last-n" else "floor(n * (1 - $how_many::DOUBLE) + 1e-9)"
    by_time = "" if kind == "random" else "last_time NULLS FIRST, "
    order = nameless_order(connection, seed)
    marked = f"""
        WITH placed AS (
            SELECT p.user_id, p.item_id, p.last_time, count(*) OVER (PARTITION BY p.user_id) AS n,
                   row_number() OVER (
                       PARTITION BY p.user_id
                       ORDER BY {by_time}md5($seed || chr(31) || u.place || chr(31) || i.place), i.place
                   ) AS place
            FROM v_history p
            JOIN order_of_users u ON u.id = p.user_id JOIN order_of_items i ON i.id = p.item_id
        )
        SELECT user_id, item_id, last_time, place > greatest(1, {kept}) AS held FROM placed"""
    values = {"seed": str(seed), "how_many": count if kind == "last-n" else test_ratio}
    with placed(connection, order):
        test = connection.execute(
            f"SELECT user_id, item_id FROM ({marked}) WHERE held ORDER BY ALL", values
        ).df()
        tied = 0
        if by_time:
            ((tied,),) = connection.execute(
                f"""SELECT count(*) FROM (
                        SELECT user_id FROM ({marked}) GROUP BY user_id
                        HAVING min(last_time) FILTER (held) = max(last_time) FILTER (NOT held))""",
                values,
            ).fetchall()
    if test.empty:
        raise InputError("no user has two items to split: there is nothing to evaluate on")
    return Split(kind, test_ratio, seed, test, count, n_tied=tied, order=order)  # type: ignore[arg-type]


def _by_items(connection: duckdb.DuckDBPyConnection, test_ratio: float, seed: int) -> Split:
    """Hold out whole items, of those that anybody had."""
    order = nameless_order(connection, seed)
    with placed(connection, order):
        test = connection.execute(
            """WITH drawn AS (
                   SELECT item_id, count(*) OVER () AS n,
                          row_number() OVER (ORDER BY md5($seed || chr(31) || i.place), i.place) AS place
                   FROM (SELECT DISTINCT item_id FROM v_history) JOIN order_of_items i ON i.id = item_id
               )
               SELECT user_id, item_id FROM v_history JOIN drawn USING (item_id)
               WHERE place <= greatest(1, floor(n * $ratio + 1e-9)) AND n > 1 ORDER BY ALL""",
            {"seed": str(seed), "ratio": test_ratio},
        ).df()
    if test.empty:
        raise InputError("no two items have events: there is nothing to evaluate on")
    return Split("items", test_ratio, seed, test, order=order)


def _by_time(connection: duckdb.DuckDBPyConnection, test_ratio: float, seed: int, at: str | None) -> Split:
    """Hold out what came after one moment, of users who had something before."""
    if at is None:
        # Where more than the share fell on the very last moment, that is what comes after the cut.
        ((moment,),) = connection.execute(
            """WITH times AS (SELECT epoch(last_time) AS t FROM v_history WHERE last_time IS NOT NULL)
               SELECT least(quantile_cont(t, 1 - ?),
                            coalesce(max(t) FILTER (t < (SELECT max(t) FROM times)), max(t))) FROM times""",
            [test_ratio],
        ).fetchall()
    else:
        moment = _seconds(at)
    test = connection.execute(
        """WITH trained AS (SELECT DISTINCT user_id FROM v_history WHERE epoch(last_time) <= $t)
           SELECT user_id, item_id FROM v_history SEMI JOIN trained USING (user_id)
           WHERE epoch(last_time) > $t ORDER BY ALL""",
        {"t": moment},
    ).df()
    if test.empty:
        first, last, before, after = connection.execute(
            """SELECT min(last_time), max(last_time), count(DISTINCT user_id) FILTER (epoch(last_time) <= $t),
                      count(DISTINCT user_id) FILTER (epoch(last_time) > $t) FROM v_history""",
            {"t": moment},
        ).fetchall()[0]
        raise InputError(
            f"no user has items on both sides of {datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}, "
            f"where split time cuts ({before} have items before it, {after} after it): "
            f"choose another moment from {first:%Y-%m-%d} to {last:%Y-%m-%d} with --at, or --split last"
        )
    told = None if at is None else datetime.fromtimestamp(moment, UTC).replace(tzinfo=None).isoformat()
    return Split("time", test_ratio, seed, test, at=told)


def _seconds(at: str) -> float:
    """A moment in seconds since 1970."""
    try:
        moment = datetime.fromisoformat(at.strip())
    except ValueError:
        raise InputError(f"--at {at[:40]!r} is no moment such as 2024-03-01 or 2024-03-01T12:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
