"""Which pairs are held out, decided in SQL so that every split is the same on every machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import pandas as pd

from mgrec_core.foundation.errors import InputError

SPLITS = ("last", "last-n", "random", "time")


@dataclass(frozen=True)
class Split:
    """Held-out pairs.

    Attributes
    ----------
    kind
        ``last``: the last share of each user's items by time; ``last-n``: the last ``count`` of
        them; ``random``: a random share of each user's items; ``time``: everything after one moment.
    test
        Columns user_id, item_id. Every test user keeps at least one training item (except in
        ``time``, where new users are left out of the test).
    """

    kind: Literal["last", "last-n", "random", "time"]
    test_ratio: float
    seed: int
    test: pd.DataFrame
    count: int = 1

    def again(self, connection: duckdb.DuckDBPyConnection, test_ratio: float | None = None) -> Split:
        """Hold out in the same way once more, from a training part, with the next seed."""
        ratio = self.test_ratio if test_ratio is None else test_ratio
        return make_split(connection, self.kind, ratio, self.seed + 1, self.count)

    @property
    def n_users(self) -> int:
        """Users with test items."""
        return int(self.test["user_id"].nunique())

    def to_dict(self) -> dict[str, Any]:
        """Describe the split; the fingerprint names its exact pairs."""
        how = {"count": self.count} if self.kind == "last-n" else {"test_ratio": self.test_ratio}
        return {
            "kind": self.kind,
            **how,
            "seed": self.seed,
            "n_users": self.n_users,
            "n_pairs": len(self.test),
            "fingerprint": self.fingerprint,
        }

    @property
    def fingerprint(self) -> str:
        """Name of the exact pairs, 16 hexadecimal digits."""
        pairs = self.test.sort_values(["user_id", "item_id"])
        text = "\n".join(pairs["user_id"] + "\t" + pairs["item_id"])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


_BY_TIME = "last_time NULLS FIRST, item_id"
_ORDER = {
    "last": _BY_TIME,
    "last-n": _BY_TIME,
    "random": "md5(? || chr(31) || user_id || chr(31) || item_id), item_id",
}


def make_split(
    connection: duckdb.DuckDBPyConnection,
    kind: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    count: int = 1,
) -> Split:
    """Choose the held-out pairs of an open workspace database.

    Of n items of a user the first ⌊n·(1 − ratio)⌋ in the split's order train (``last-n``: the
    first n − count), at least one.

    Raises
    ------
    InputError
        An unknown kind, a ratio outside (0, 1), a count below 1, no timestamps where time is
        needed, or nothing to hold out.
    """
    if kind not in SPLITS:
        raise InputError(f"unknown split {kind!r}: choose {', '.join(SPLITS)}")
    if not 0.0 < test_ratio < 1.0:
        raise InputError(f"--test-ratio is {test_ratio:g}: it lies between 0 and 1")
    if count < 1:
        raise InputError(f"--test-count is {count}: hold out at least 1 item a user")
    if kind in ("last", "last-n", "time"):
        dated = connection.execute("SELECT count(*) FROM v_history WHERE last_time IS NOT NULL").fetchone()
        if not dated or not dated[0]:
            raise InputError(f"split {kind} needs timestamps and the events have none: use --split random")
    if kind == "time":
        test = connection.execute(
            """WITH moment AS (SELECT quantile_cont(epoch(last_time), 1 - ?) AS t FROM v_history),
                    trained AS (SELECT DISTINCT user_id FROM v_history, moment WHERE epoch(last_time) <= t)
               SELECT user_id, item_id FROM v_history SEMI JOIN trained USING (user_id), moment
               WHERE epoch(last_time) > t ORDER BY ALL""",
            [test_ratio],
        ).df()
    else:
        kept = "n - ?" if kind == "last-n" else "floor(n * (1 - ?::DOUBLE) + 1e-9)"
        how_many = count if kind == "last-n" else test_ratio
        test = connection.execute(
            f"""SELECT user_id, item_id FROM (
                    SELECT user_id, item_id, count(*) OVER (PARTITION BY user_id) AS n,
                           row_number() OVER (PARTITION BY user_id ORDER BY {_ORDER[kind]}) AS place
                    FROM v_history
                ) WHERE place > greatest(1, {kept}) ORDER BY ALL""",
            [str(seed), how_many] if kind == "random" else [how_many],
        ).df()
    if test.empty:
        raise InputError("no user has two items to split: there is nothing to evaluate on")
    return Split(kind, test_ratio, seed, test, count)  # type: ignore[arg-type]
