"""What a user would have to have next for an item to enter the list: one item more, or two.

A new item counts as if it came after everything else and were as strong as the strongest of the history; what
the others say stays. It is then one that the user has had, so it is no candidate any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.analysis.counterfactual.events import Events
from mgrec_core.analysis.counterfactual.pieces import Piece
from mgrec_core.metrics.top_k import rank_of, top_k
from mgrec_core.model.variants import with_histories

_NEAREST = 24
_PAIRED = 8


@dataclass(frozen=True)
class Next:
    """Items that bring another in, and its place then."""

    pieces: tuple[Piece, ...]
    rank: int

    def to_dict(self) -> dict[str, Any]:
        """Return ``items`` and ``rank_after``."""
        return {"items": [piece.to_dict() for piece in self.pieces], "rank_after": self.rank}


def next_items(events: Events, item: int, k: int, most: int = 3) -> list[Next]:
    """Find one item, else two, that bring an item into the first k, among those that speak for it most.

    Returns
    -------
    list
        At most ``most``, those first that bring it highest; empty where none was found. That is no proof
        that there is none: not every item is tried.
    """
    s = events.situation
    edge = int(top_k(s.scores, k, s.unseen)[-1])
    leads = events.leads(item, edge)
    leads[~s.unseen] = -np.inf
    leads[item] = -np.inf
    near = [int(j) for j in np.argsort(-leads, kind="stable")[:_NEAREST] if np.isfinite(leads[j])]
    singles = _tried(events, item, [(j,) for j in near])
    found = [one for one in singles if one[1] <= k]
    if not found:
        first = [one[0][0] for one in singles[:_PAIRED]]
        found = [one for one in _tried(events, item, list(combinations(first, 2))) if one[1] <= k]
    engine = s.engine
    return [
        Next(
            tuple(Piece("item", engine.item_ids[j], engine.item_label(engine.item_ids[j])) for j in added),
            rank,
        )
        for added, rank in found[:most]
    ]


def _tried(events: Events, item: int, sets: list[tuple[int, ...]]) -> list[tuple[tuple[int, ...], int]]:
    """The item's place with each set added, best first: each ranked as every list is."""
    if not sets:
        return []
    s = events.situation
    added: NDArray[np.int64] = np.array(sets, dtype=np.int64)
    keep = np.ones((len(sets), len(events.pieces)), dtype=bool)
    model = with_histories(s.model, s.user, events.histories(keep, added))
    placed = []
    for row, one in enumerate(sets):
        allowed = s.unseen.copy()
        allowed[list(one)] = False
        placed.append((one, rank_of(s.scores_of(model, row, allowed), item, allowed)))
    return sorted(placed, key=lambda pair: (pair[1], pair[0]))
