"""The smallest set of pieces without which an item leaves the first k, or enters them.

Pieces are taken in the order of their predicted effect on the item's lead over the k-th (the additive split
of the score says it, with scales and ages as they are); then everything is recomputed. Sets grow from the
best few of one size less. A set of size s is smallest where every smaller set was recomputed, or cannot do it
by a bound, and did not do; else its size is an upper bound, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

from mgrec_core.analysis.counterfactual.pieces import Pieces
from mgrec_core.analysis.counterfactual.trials import Set, Trials

_MOST = 300
_TRIED, _NEAR = 3, 0.1
_WIDTH, _BRANCH = 12, 16
_DEEPEST = 8


@dataclass(frozen=True)
class Found:
    """A set of pieces that does it; empty where none was found.

    Attributes
    ----------
    without
        Places of the pieces.
    rank
        The item's place without them, from 1, computed as every list is; ``None`` where none was found.
    minimal
        No smaller set does it: proven.
    tried
        How many histories were recomputed.
    bounded
        How many needed not be, by a bound.
    """

    without: Set
    rank: int | None
    minimal: bool
    tried: int
    bounded: int


def smallest(pieces: Pieces, item: int, k: int, effort: int = 1500) -> Found:
    """Search for the smallest set without which the item leaves the first k, or enters them.

    Parameters
    ----------
    item
        Row of an item that may be ranked.
    effort
        How many histories may be recomputed to prove that no smaller set does it.
    """
    trials = Trials(pieces, item, k)
    if not pieces.pieces or not trials.possible:
        return Found((), None, False, trials.tried, 0)
    order = trials.predicted()
    rank = trials.verified((order[0],))  # most often that is it
    if rank is not None:
        return Found((order[0],), rank, True, trials.tried, 0)
    while found := _grown(trials, order):
        found, minimal = _proven(trials, order, _reduced(trials, found), effort)
        rank = trials.verified(found)
        if rank is not None:
            return Found(found, rank, minimal, trials.tried, trials.bounded)
    return Found((), None, False, trials.tried, trials.bounded)


def _grown(trials: Trials, order: list[int]) -> Set:
    """The first set found to do it, of few pieces first; empty where there is none."""
    known = trials.promising([(p,) for p in order[:_MOST]])
    singles = [s[0] for s, _ in known]
    near = _NEAR * max(abs(trials.lead), 1e-9)
    for size in range(1, min(_DEEPEST, len(order)) + 1):
        worth = [s for s, lead in known[:_TRIED] if lead < near or size == 1]
        if worth and trials.does((best := trials.best(worth))[0]):
            return best[0]
        beam = [s for s, _ in known[:_WIDTH]]
        grown = {tuple(sorted((*s, p))) for s in beam for p in singles[:_BRANCH] if p not in s}
        known = trials.promising(sorted(grown))
    # Many small effects: take away more and more, then put back what is not needed.
    rest = singles + [p for p in order if p not in set(singles)]
    size = 2 * _DEEPEST
    while size < 2 * len(rest):
        some = tuple(sorted(rest[:size]))
        if trials.does(some):
            return some
        size *= 2
    return ()


def _reduced(trials: Trials, found: Set) -> Set:
    """Put back what is not needed: first halves of the least effective, then piece by piece."""
    if len(found) > _DEEPEST:
        ranked = [p for p in trials.predicted() if p in set(found)]
        low, high = 1, len(ranked)
        while low < high:  # the shortest beginning that does it; effects are nearly monotone
            middle = (low + high) // 2
            if trials.does(tuple(sorted(ranked[:middle]))):
                high = middle
            else:
                low = middle + 1
        if trials.does(tuple(sorted(ranked[:high]))):
            found = tuple(sorted(ranked[:high]))
    while len(found) > 1:
        fewer = [tuple(p for p in found if p != one) for one in found]
        best = trials.best(fewer)[0]
        if not trials.does(best):
            return found
        found = best
    return found


def _proven(trials: Trials, order: list[int], found: Set, effort: int) -> tuple[Set, bool]:
    """Recompute, or exclude by a bound, every smaller set; one that does it takes the place of the first."""
    for size in range(1, len(found)):
        if comb(len(order), size) > effort - trials.tried:
            return found, False
        sets = combinations(order, size)
        while some := [tuple(sorted(s)) for s in islice(sets, 64)]:
            if hit := trials.first(some):
                return hit, True
    return found, True
