"""Redemptions of advertisements that are held out before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mgrec_core.evaluation.nameless import nameless_order, placed
from mgrec_core.foundation.errors import InputError
from mgrec_core.targets.held_out import HeldOut


@dataclass(frozen=True)
class AdSplit(HeldOut):
    """Held-out pairs of a user and an ad that was redeemed, or clicked where nothing was redeemed.

    ``time``: everything after one moment is unknown, purchases too; ``random``: a share of the
    pairs, and the users' purchases of those ads' products from that day on.

    Attributes
    ----------
    moment
        The moment of a split by time.
    """

    moment: pd.Timestamp | None

    def details(self) -> dict[str, Any]:
        """The moment."""
        return {"moment": None if self.moment is None else self.moment.isoformat()}

    @property
    def since(self) -> np.datetime64 | None:
        """Ads that were still to be had after the moment are candidates, or all."""
        return None if self.moment is None else np.datetime64(self.moment.to_datetime64())

    def cut(self, training: duckdb.DuckDBPyConnection) -> None:
        """Delete what happened later, or what belongs to the held-out redemptions.

        Of the products of a held-out ad, what the user bought before the day of the redemption stays:
        without it an ad would be told from others by a history that lacks just its products.
        """
        training.execute(
            """CREATE TEMP TABLE bought AS
               SELECT h.user_id, i.item_id, date_trunc('day', min(e.timestamp)) AS day
               FROM held_out h JOIN ad_items i USING (ad_id)
               LEFT JOIN ad_events e ON e.user_id = h.user_id AND e.ad_id = h.ad_id AND e.kind <> 'shown'
               GROUP BY ALL"""
        )
        if self.moment is not None:
            for table, condition in (
                ("ad_events", "kind <> 'shown'"), ("events", "true"), ("tags", "true"), ("feedback", "true"),
            ):  # fmt: skip
                training.execute(
                    f"DELETE FROM {table} WHERE {condition} AND timestamp > ?", [self.moment.to_pydatetime()]
                )
        training.execute(
            """DELETE FROM ad_events WHERE kind <> 'shown' AND EXISTS
               (SELECT 1 FROM held_out h WHERE h.user_id = ad_events.user_id AND h.ad_id = ad_events.ad_id)"""
        )
        for table in ("events", "feedback", "tags"):
            training.execute(
                f"""DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM bought b WHERE b.user_id = {table}.user_id
                    AND b.item_id = {table}.item_id
                    AND (b.day IS NULL OR {table}.timestamp IS NULL OR {table}.timestamp >= b.day))"""
            )
        training.execute("DROP TABLE bought")

    def needs_model(self, training: duckdb.DuckDBPyConnection) -> bool:
        """Ads without products are ranked without granularities: nothing to build."""
        return bool(training.execute("SELECT count(*) FROM v_ad_items").fetchone() != (0,))


def split_redemptions(
    connection: duckdb.DuckDBPyConnection, kind: str | None = None, test_ratio: float = 0.2, seed: int = 0
) -> AdSplit:
    """Choose the held-out pairs of an open workspace database.

    Parameters
    ----------
    kind
        ``time`` (the default where redemptions are dated) or ``random``.

    Raises
    ------
    InputError
        Another kind, a ratio outside (0, 1), no dates for a split by time, or too little to split.
    """
    if kind not in (None, "time", "random"):
        raise InputError(f"split {kind!r} of ads: choose time or random")
    if not 0.0 < test_ratio < 1.0:
        raise InputError(f"--test-ratio is {test_ratio:g}: it lies between 0 and 1")
    order = nameless_order(connection, seed)
    with placed(connection, order):
        pairs = connection.execute(
            """WITH outcome AS (SELECT CASE WHEN count(*) FILTER (kind = 'redeemed') > 0 THEN 'redeemed'
                                       ELSE 'clicked' END AS kind FROM v_ad_events),
               pairs AS (SELECT user_id, ad_id, kind, min(timestamp) AS first
                         FROM v_ad_events SEMI JOIN outcome USING (kind) GROUP BY user_id, ad_id, kind)
               SELECT p.user_id, p.ad_id, p.kind, p.first FROM pairs p
               JOIN order_of_users u ON u.id = p.user_id JOIN order_of_ads a ON a.id = p.ad_id
               ORDER BY md5(? || chr(31) || u.place || chr(31) || a.place), u.place, a.place""",
            [str(seed)],
        ).df()
    if len(pairs) < 2:
        raise InputError(
            f"holding redemptions out needs at least two and there are {len(pairs)}: add ad_events"
            " (user_id, ad_id, kind, timestamp) of the kind redeemed or clicked"
        )
    dated = pairs["first"].notna()
    kind = kind or ("time" if dated.all() else "random")
    moment = None
    if kind == "time":
        if not dated.any():
            raise InputError("split time needs timestamps and no redemption has one: use --split random")
        known = pairs["first"].dropna().sort_values()
        moment = known.iloc[int((len(known) - 1) * (1 - test_ratio))]
        test = pairs[pairs["first"] > moment]
    else:
        test = pairs.iloc[: min(len(pairs) - 1, max(1, round(len(pairs) * test_ratio)))]
    if test.empty:
        raise InputError("all redemptions are of one moment: use --split random")
    outcome = str(pairs["kind"].iloc[0])
    test = test[["user_id", "ad_id"]].astype(str).sort_values(["user_id", "ad_id"], ignore_index=True)
    return AdSplit(kind, f"{outcome} ads", test_ratio, seed, len(pairs), test, order, moment)
