"""The exact list of a changed history, beside the list as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.analysis.counterfactual.evidence import pieces_of
from mgrec_core.analysis.counterfactual.pieces import Piece, Pieces
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.foundation.results import RankedList, WeightsLike
from mgrec_core.metrics.top_k import top_k

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


@dataclass(frozen=True)
class Move:
    """An item of either list: its places, from 1, in the whole ranking before and after."""

    item_id: str
    title: str
    before: int
    after: int

    @property
    def up(self) -> int:
        """Places gained; negative where lost."""
        return self.before - self.after


@dataclass(frozen=True)
class Recomputed:
    """A user's list without some pieces, computed anew.

    Attributes
    ----------
    removed
        What was taken away.
    before, after
        The list as it is, and without; both leave out all that the user has had.
    moves
        Every item of either list, in order of its place after.
    """

    removed: tuple[Piece, ...]
    before: RankedList
    after: RankedList
    moves: tuple[Move, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the proof of a document: what was taken away, and every item's places."""
        return {
            "removed": [piece.to_dict() for piece in self.removed],
            "moves": [
                {"item_id": m.item_id, "title": m.title, "before": m.before, "after": m.after}
                for m in self.moves
            ],
        }


def what_if(
    engine: Engine,
    user_id: str,
    without: Sequence[str] = (),
    weights: WeightsLike = None,
    *,
    k: int = 10,
    by: str = "events",
) -> Recomputed:
    """Rank a user's items anew as if some of the history (or of the evidence) were not there.

    What it means is said in :mod:`mgrec_core.analysis.counterfactual`. Values, entities and friends are taken
    away as pieces of evidence: the others keep their weights.

    Parameters
    ----------
    without
        Ids of items of the history (all their events), or of values, entities or friends.
    by
        ``events``, ``values``, ``entities`` or ``friends``.

    Raises
    ------
    NotFoundError
        Unknown user or granularity, or the user has no such piece.
    InputError
        ``k`` below 1, weights that do not do, or a build that does not fit its tables.
    """
    situation = Situation.of(engine, user_id, weights)
    pieces = pieces_of(situation, by)
    return recompute(situation, pieces, pieces.places(list(without)), k)


def recompute(situation: Situation, pieces: Pieces, without: Sequence[int], k: int) -> Recomputed:
    """The same, of pieces by their places."""
    model = pieces.variants(pieces.mask(without))
    before = situation.ranked(situation.model, situation.user, k)
    after = situation.ranked(model, 0, k)
    scores = situation.scores_of(model, 0)
    return Recomputed(
        removed=tuple(pieces.pieces[n] for n in sorted(without)),
        before=before,
        after=after,
        moves=moves(situation, before, after, scores),
    )


def moves(
    situation: Situation, before: RankedList, after: RankedList, scores: NDArray[np.float64]
) -> tuple[Move, ...]:
    """Every item of two lists with its places, in the list as it is and by other scores."""
    places_before, places_after = _places(situation, situation.scores), _places(situation, scores)
    titles = {row.item_id: row.title for row in (*after.items, *before.items)}
    found = []
    for item_id, title in titles.items():
        item = situation.engine.item_position(item_id)
        found.append(Move(item_id, title, int(places_before[item]), int(places_after[item])))
    return tuple(sorted(found, key=lambda move: move.after))


def _places(situation: Situation, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Place of every unseen item, from 1; 0 for seen ones."""
    places = np.zeros(len(scores), dtype=np.int64)
    order = top_k(scores, len(scores), situation.unseen)
    places[order] = np.arange(1, len(order) + 1)
    return places
