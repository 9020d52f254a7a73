"""Two ranked lists side by side: two users, or one under two weightings.

The difference of two scores of an item is the sum of the differences of its contributions, exactly:
r_a(i) − r_b(i) = Σ_k (contribution_ak(i) − contribution_bk(i)). That says which granularities make
the difference, item by item.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mgrec_core.foundation.results import RankedList, Weights
from mgrec_core.metrics.overlap import rbo
from mgrec_core.metrics.top_k import rank_of

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


@dataclass(frozen=True)
class Side:
    """Whose list, under which weights, and what it is called."""

    user_id: str
    weights: Weights
    name: str


@dataclass(frozen=True)
class ItemDifference:
    """An item of either list, and what makes its two scores differ.

    Attributes
    ----------
    rank_a, rank_b
        Among all unseen items of each side; ``None`` where that user has the item already.
    score_a, score_b
        Its two scores.
    by
        contribution_a − contribution_b by granularity; they sum to score_a − score_b.
    """

    item_id: str
    title: str
    rank_a: int | None
    rank_b: int | None
    score_a: float
    score_b: float
    by: dict[str, float]

    @property
    def difference(self) -> float:
        """score_a − score_b."""
        return self.score_a - self.score_b


@dataclass(frozen=True)
class Comparison:
    """Two lists, how alike they are, and what makes the difference.

    Attributes
    ----------
    first, second
        The lists.
    names
        What the sides are called.
    shared
        Ids of the items in both, in the order of the first.
    rbo
        Rank-biased overlap of the lists, p = 0.9, in [0, 1].
    differences
        One for each item of either list: those of the first in its order, then the others.
    shares
        For each side the granularities' shares of the positive contributions in its list; they sum to 1.
    common
        Items that both users have: item_id and title.
    history
        How many items each user has.
    """

    first: RankedList
    second: RankedList
    names: tuple[str, str]
    shared: tuple[str, ...]
    rbo: float
    differences: tuple[ItemDifference, ...]
    shares: tuple[dict[str, float], dict[str, float]]
    common: tuple[tuple[str, str], ...]
    history: tuple[int, int]

    @property
    def overlap(self) -> float:
        """Shared items over the longer list's length, in [0, 1]."""
        return len(self.shared) / max(len(self.first.items), len(self.second.items), 1)

    def making(self) -> dict[str, float]:
        """Each granularity's share of all differences, signs ignored; they sum to 1 unless all are 0."""
        total = {g: sum(abs(d.by[g]) for d in self.differences) for g in self.shares[0]}
        whole = sum(total.values()) or 1.0
        return {g: value / whole for g, value in total.items()}

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "names": list(self.names),
            "first": self.first.to_dict(),
            "second": self.second.to_dict(),
            "shared": list(self.shared),
            "overlap": self.overlap,
            "rbo": self.rbo,
            "shares": list(self.shares),
            "making_the_difference": self.making(),
            "differences": [asdict(d) | {"difference": d.difference} for d in self.differences],
            "history": list(self.history),
            "history_in_common": [{"item_id": i, "title": t} for i, t in self.common],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row an item: ranks, scores, their difference and ``difference_<g>``."""
        names = list(self.shares[0])
        rows = [
            {
                "item_id": d.item_id, "title": d.title, "rank_a": d.rank_a, "rank_b": d.rank_b,
                "score_a": d.score_a, "score_b": d.score_b, "difference": d.difference,
                **{f"difference_{g}": d.by[g] for g in names},
            }
            for d in self.differences
        ]  # fmt: skip
        columns = ["item_id", "title", "rank_a", "rank_b", "score_a", "score_b", "difference"]
        frame = pd.DataFrame(rows, columns=[*columns, *(f"difference_{g}" for g in names)])
        return frame.astype({"rank_a": "Int64", "rank_b": "Int64"})


def compare(engine: Engine, a: Side, b: Side, k: int = 10) -> Comparison:
    """Compare two sides.

    Parameters
    ----------
    k
        Length of the lists.

    Raises
    ------
    NotFoundError, InputError
        As :meth:`mgrec_core.engine.engine.Engine.rank`.
    """
    sides = (a, b)
    lists, parts, unseen = [], [], []
    for side in sides:
        lists.append(engine.rank(side.user_id, k, side.weights))
        parts.append(engine.contributions(side.user_id, side.weights)[2])
        unseen.append(engine.model.unseen(engine.user_position(side.user_id)))
    scores = [part.sum(axis=1) for part in parts]
    wanted = dict.fromkeys(item.item_id for found in lists for item in found.items)
    differences = []
    for item_id in wanted:
        i = engine.item_position(item_id)
        ranks = [rank_of(s, i, u) if u[i] else None for s, u in zip(scores, unseen, strict=True)]
        by = dict(zip(engine.present, (parts[0][i] - parts[1][i]).tolist(), strict=True))
        differences.append(
            ItemDifference(
                item_id, engine.item_label(item_id), ranks[0], ranks[1],
                float(scores[0][i]), float(scores[1][i]), by,
            )
        )  # fmt: skip
    ids = [[item.item_id for item in found.items] for found in lists]
    both = np.flatnonzero(~unseen[0] & ~unseen[1])
    return Comparison(
        first=lists[0],
        second=lists[1],
        names=(a.name, b.name),
        shared=tuple(i for i in ids[0] if i in set(ids[1])),
        rbo=rbo(ids[0], ids[1]),
        differences=tuple(differences),
        shares=(_shares(lists[0]), _shares(lists[1])),
        common=tuple((engine.item_ids[i], engine.item_label(engine.item_ids[i])) for i in both),
        history=(int((~unseen[0]).sum()), int((~unseen[1]).sum())),
    )


def most_alike(engine: Engine, user_id: str) -> str:
    """The other user whose history is most like this one's: the largest |A ∩ B| / |A ∪ B|, first by id.

    Raises
    ------
    NotFoundError
        The user is unknown.
    """
    user, seen = engine.user_position(user_id), engine.model.seen
    own = ~engine.model.unseen(user)
    sizes = np.diff(seen.indptr)
    common = np.add.reduceat(np.r_[own[seen.indices], False], seen.indptr[:-1]) * (sizes > 0)
    alike = common / np.maximum(sizes + own.sum() - common, 1)
    alike[user] = -1.0
    best = int(alike.argmax())
    return engine.user_ids[best] if best != user else user_id


def _shares(found: RankedList) -> dict[str, float]:
    positive = {g: sum(max(item.contributions[g], 0.0) for item in found.items) for g in found.weights}
    whole = sum(positive.values()) or 1.0
    return {g: value / whole for g, value in positive.items()}
