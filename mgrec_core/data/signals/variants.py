"""One user's events, and what they say when some of the items had never been there.

``v_events`` and ``v_history`` (``views.sql``) say what the events of all users say; this is the same for very
many variants of one user's history at once. Tests hold the two together. That a rating says less where the
user rates higher, that the strongest item counts 1, and how many items are newer, all follow what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_EVENTS = "SELECT item_id, role, signal, amount, rating, epoch_us(timestamp) FROM v_events WHERE user_id = ?"
_SCALE = "SELECT lowest, disliked, liked, highest, repeats FROM rating_scale"

NEVER = np.int64(-(2**62))


@dataclass(frozen=True)
class UserEvents:
    """What is known of each of a user's n items, whatever else the user had.

    Attributes
    ----------
    items : n
        Ids, sorted.
    last : n
        When last, in microseconds; :data:`NEVER` for what is undated.
    used : n
        What was done, summed.
    opinion_item, opinion_rating, opinion_amount : o
        Opinions that count: place of their item, their rating (NaN: its amount is fixed), the fixed amount.
    rating_sum, rating_count : n
        Ratings of the item in millionths, and how many.
    other_sum, other_count
        Those of items that are in no history.
    scale
        lowest, disliked, liked, highest; ``None``: ratings have no scale.
    """

    items: list[str]
    last: NDArray[np.int64]
    used: NDArray[np.float64]
    opinion_item: NDArray[np.int64]
    opinion_rating: NDArray[np.float64]
    opinion_amount: NDArray[np.float64]
    rating_sum: NDArray[np.float64]
    rating_count: NDArray[np.float64]
    other_sum: float
    other_count: float
    scale: tuple[float, float, float, float] | None

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, user_id: str) -> UserEvents:
        """Read a user's events from an open workspace database."""
        rows = connection.execute(_EVENTS, [user_id]).fetchall()
        ids, roles, said, amounts, ratings, stamps = zip(*rows, strict=True) if rows else ((),) * 6
        marks = connection.execute(_SCALE).fetchall()
        scale = marks[0][:4] if marks and marks[0][3] > marks[0][0] else None
        repeats = marks[0][4] if marks else "last"
        role = np.array(roles, dtype=object)
        acted = role != "shown"
        items = sorted({one for one, counts in zip(ids, acted, strict=True) if counts})
        where = {one: n for n, one in enumerate(items)}
        place = np.array([where.get(one, -1) for one in ids], dtype=np.int64)
        moment = np.array([NEVER if stamp is None else stamp for stamp in stamps], dtype=np.int64)
        amount, signal = np.array(amounts, dtype=np.float64), np.array(said, dtype=np.float64)
        last = np.full(len(items), NEVER)
        np.maximum.at(last, place[acted], moment[acted])
        used = np.zeros(len(items))
        is_use = role == "use"
        order = np.flatnonzero(is_use)[np.argsort(amount[is_use], kind="stable")]  # sums as the view's
        np.add.at(used, place[order], amount[order])
        rating = np.array([np.nan if one is None else one for one in ratings], dtype=np.float64)
        opinion = _chosen(role == "opinion", place, moment, len(items), repeats)
        rated = ~np.isnan(rating) & (np.abs(amount - (0.2 + 0.8 * signal)) < 1e-12) & (scale is not None)
        millionths = np.where(np.isnan(rating), 0.0, _rounded(np.nan_to_num(rating) * 1e6))
        has = (~np.isnan(rating)).astype(np.float64)
        within = place >= 0
        sums, counts = np.zeros(len(items)), np.zeros(len(items))
        np.add.at(sums, place[within], millionths[within])
        np.add.at(counts, place[within], has[within])
        return cls(
            items=items,
            last=last,
            used=used,
            opinion_item=place[opinion].astype(np.int64),
            opinion_rating=np.where(rated, rating, np.nan)[opinion],
            opinion_amount=amount[opinion],
            rating_sum=sums,
            rating_count=counts,
            other_sum=float(millionths[~within].sum()),
            other_count=float(has[~within].sum()),
            scale=scale,
        )

    def signals(self, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What is said of each item in every variant, in [−1, 1]; 0 for what is not kept.

        Parameters
        ----------
        keep : N × n
            Which items are still there.

        Returns
        -------
        N × n
        """
        amount = np.broadcast_to(self.used, keep.shape)
        if len(self.opinion_item):
            said = _rounded(self._opinions(keep) * 1e9)
            per_item = sparse.csr_array(
                (np.ones(len(self.opinion_item)), (np.arange(len(self.opinion_item)), self.opinion_item)),
                shape=(len(self.opinion_item), len(self.items)),
            )
            count = np.bincount(self.opinion_item, minlength=len(self.items))
            mean = np.asarray(said @ per_item) / (1e9 * np.maximum(count, 1))
            amount = np.where(
                count == 0, self.used, np.where(mean < 0, mean, np.maximum(self.used, 0) + mean)
            )
        size = np.where(keep, np.log(1 + np.abs(amount)), 0.0)
        most = size.max(axis=1, keepdims=True, initial=0.0)
        return np.asarray(np.divide(np.sign(amount) * size, most, out=np.zeros(keep.shape), where=most > 0))

    def ages(self, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Age of each item plus one, in items; those of one moment share the mean of their places.

        Parameters
        ----------
        keep : N × n

        Returns
        -------
        N × n
            0 for what is undated or not kept.
        """
        dated = self.last != NEVER
        _, moment = np.unique(-self.last, return_inverse=True)  # 0 is the newest
        n_moments = int(moment.max(initial=-1)) + 1
        there = keep & dated
        at = sparse.csr_array(
            (np.ones(len(moment)), (np.arange(len(moment)), moment)), shape=(len(moment), n_moments)
        )
        peers = np.asarray(there.astype(np.float64) @ at)
        newer = np.cumsum(peers, axis=1) - peers
        age = newer + (peers - 1) / 2 + 1
        return np.where(there, age[:, moment], 0.0)

    def _opinions(self, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What each opinion counts in every variant, N × o."""
        fixed = np.broadcast_to(self.opinion_amount, (len(keep), len(self.opinion_amount)))
        if self.scale is None:
            return fixed
        lowest, disliked, liked, highest = self.scale
        kept = keep.astype(np.float64)
        total = (self.other_sum + kept @ self.rating_sum) / 1e6
        n = self.other_count + kept @ self.rating_count
        neutral = (total + 10 * (disliked + liked) / 2) / (n + 10)
        point = np.maximum(
            0.75 * disliked + 0.25 * liked, np.minimum(0.25 * disliked + 0.75 * liked, neutral)
        )[:, None]
        above = self.opinion_rating >= point
        reach = np.where(above, highest - point, point - lowest)
        opinion = np.clip((self.opinion_rating - point) / reach, -1, 1)
        return np.where(np.isnan(self.opinion_rating), fixed, 0.2 + 0.8 * opinion)


def _chosen(
    opinion: NDArray[np.bool_], place: NDArray[np.int64], moment: NDArray[np.int64], n: int, repeats: str
) -> NDArray[np.int64]:
    """Which opinions count: those of an item's last moment, of its first, or all of them."""
    rows = np.flatnonzero(opinion)
    if repeats == "mean" or len(rows) == 0:
        return rows
    end = np.full(n, np.iinfo(np.int64).max if repeats == "first" else np.iinfo(np.int64).min)
    (np.minimum if repeats == "first" else np.maximum).at(end, place[rows], moment[rows])
    return np.asarray(rows[moment[rows] == end[place[rows]]])


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """To whole numbers, halves away from zero as SQL does."""
    return np.asarray(np.sign(values) * np.floor(np.abs(values) + 0.5))
