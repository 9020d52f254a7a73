"""Who gets to see an item: everybody's ranked lists, and one item's place in them.

Everybody is ranked exactly, in chunks; what is kept of a list is which items are in it and which
granularity gives each of them most. From that every item's audience is read at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.model import Model
from mgrec_core.model.scoring import best_of
from mgrec_core.privacy import MIN_GROUP, suppressed

MOST = 100
"""Longest lists that are kept of everybody."""


@dataclass(frozen=True)
class Lists:
    """Everybody's ranked lists.

    Attributes
    ----------
    users : U
        Positions of the users that have a history.
    top : U × k
        Item positions, best first, −1 where fewer are unseen.
    strongest : U × k
        Position of the granularity with the largest contribution to each.
    n_items
        |I|.
    """

    users: NDArray[np.int64]
    top: NDArray[np.int32]
    strongest: NDArray[np.int8]
    n_items: int

    @property
    def k(self) -> int:
        """Length of the lists."""
        return int(self.top.shape[1])

    def reach(self) -> NDArray[np.int64]:
        """How many users see each item, shape (|I|,)."""
        return np.bincount(self.top[self.top >= 0], minlength=self.n_items)

    def audience(self, item: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows of ``users`` that see an item, its rank (from 1) there, and the strongest granularity."""
        rows, places = np.nonzero(self.top == item)
        return rows, places + 1, self.strongest[rows, places].astype(np.int64)


def everybody(
    model: Model, weights: Sequence[float], k: int, *, fusion: str = "score", progress: Progress = silent
) -> Lists:
    """Rank the unseen items of everybody who has a history.

    Parameters
    ----------
    weights : K
        λ for ``score``, α for the other fusion modes.
    k
        Length of the lists, 1 to :data:`MOST`.

    Raises
    ------
    InputError
        ``k`` outside its range, or an unknown fusion mode.
    """
    check_k(k, MOST)
    users = np.flatnonzero(np.diff(model.seen.indptr) > 0)
    top = np.full((len(users), k), -1, dtype=np.int32)
    strongest = np.zeros((len(users), k), dtype=np.int8)
    for row, (_, best, contributions) in enumerate(best_of(model.splits(users, weights, fusion), k)):
        if row % 16 == 0:
            progress("ranking everybody", row, len(users))
        top[row, : len(best)] = best
        if contributions.shape[1]:
            strongest[row, : len(best)] = contributions.argmax(axis=1)
    progress("ranking everybody", len(users), len(users))
    return Lists(users, top, strongest, model.n_items)


@dataclass(frozen=True)
class Audience:
    """Who sees an item in their best k.

    Attributes
    ----------
    n_users
        Users that were ranked.
    n_having
        Users who have the item already: it is in no list of theirs.
    more
        Share of the other items that fewer users see, in [0, 1].
    rows
        Columns user_id, rank, granularity; by rank, then id.
    """

    item_id: str
    k: int
    n_users: int
    n_having: int
    more: float
    rows: pd.DataFrame

    def by_granularity(self) -> dict[str, int]:
        """How many users see it by the granularity that contributes most, most first."""
        return {str(g): int(n) for g, n in self.rows["granularity"].value_counts().items()}

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "item_id": self.item_id,
            "k": self.k,
            "n_users": self.n_users,
            "n_having": self.n_having,
            "n_seeing": len(self.rows),
            "share_of_items_seen_by_fewer": self.more,
            "by_granularity": self.by_granularity(),
            "users": self.rows.to_dict("records"),
        }


def audience(
    lists: Lists, model: Model, item: int, item_id: str, user_ids: Sequence[str], present: Sequence[str]
) -> Audience:
    """Read one item's audience from everybody's lists."""
    rows, ranks, strongest = lists.audience(item)
    frame = pd.DataFrame(
        {
            "user_id": [user_ids[u] for u in lists.users[rows]],
            "rank": ranks,
            "granularity": [present[g] for g in strongest],
        }
    ).sort_values(["rank", "user_id"], ignore_index=True)
    reach = lists.reach()
    others = max(lists.n_items - 1, 1)
    return Audience(
        item_id=item_id,
        k=lists.k,
        n_users=len(lists.users),
        n_having=int((model.seen.indices == item).sum()),
        more=float((reach < reach[item]).sum()) / others,
        rows=frame,
    )


@dataclass(frozen=True)
class History:
    """Who has what, as segments ask for it."""

    users: list[str]
    strength: sparse.csr_array
    popularity: NDArray[np.float64]

    @classmethod
    def of(cls, model: Model, user_ids: list[str]) -> History:
        """That of a build."""
        seen = sparse.csr_array(
            (np.ones(model.seen.nnz, dtype=np.float32), model.seen.indices, model.seen.indptr),
            shape=model.seen.shape,
        )
        held = np.bincount(model.seen.indices, minlength=model.n_items)
        return cls(user_ids, seen, held.astype(np.float64))


def by_segment(
    sees: NDArray[np.bool_], labels: NDArray[np.object_], groups: Sequence[str], least: int = MIN_GROUP
) -> pd.DataFrame:
    """Share of each group of users that sees an item.

    Parameters
    ----------
    sees, labels : U
        Whether a user sees it, and the group the user is in.
    least
        Groups of fewer users are named without figures, see :func:`mgrec_core.privacy.suppressed`.

    Returns
    -------
    DataFrame
        Columns group, users, seeing, share; the last three missing where suppressed.
    """
    sizes = [int((labels == group).sum()) for group in groups]
    hidden = suppressed(sizes, least)
    rows = []
    for group, size, gone in zip(groups, sizes, hidden, strict=True):
        seeing = int(sees[labels == group].sum())
        rows.append(
            {
                "group": group,
                "users": None if gone else size,
                "seeing": None if gone else seeing,
                "share": None if gone else seeing / max(size, 1),
            }
        )
    frame = pd.DataFrame(rows, columns=["group", "users", "seeing", "share"])
    return frame.astype({"users": "Int64", "seeing": "Int64", "share": "Float64"})
