"""Sets of pieces taken away and recomputed, each once, many at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mgrec_core.analysis.counterfactual.bounds import Bounds
from mgrec_core.analysis.counterfactual.pieces import Pieces
from mgrec_core.analysis.counterfactual.pool import Pool
from mgrec_core.metrics.top_k import top_k

Set = tuple[int, ...]
"""Places of pieces, in order."""
_CELLS = 2**21


class Trials:
    """What becomes of one item without sets of pieces.

    Attributes
    ----------
    leaving
        Whether the item is among the first k and is to leave them; else it is to enter.
    tried, bounded
        How many sets were recomputed, and how many excluded by a bound.
    """

    def __init__(self, pieces: Pieces, item: int, k: int) -> None:
        s = pieces.situation
        self.pieces, self.item, self.k = pieces, item, k
        self.tried = self.bounded = 0
        self._place = int(s.unseen[:item].sum())
        self._n = int(s.unseen.sum())
        self.leaving = s.rank(item) <= k
        self._lead: dict[Set, float] = {}
        self._does: dict[Set, bool] = {}
        self._order: list[int] | None = None
        self._limits: Bounds | None = None
        self._pool: Pool | None = None

    @property
    def possible(self) -> bool:
        """Whether there are enough items for a place beyond the first k."""
        return self._n > self.k

    def predicted(self) -> list[int]:
        """All pieces, those first that are predicted to move the item most in the wanted direction."""
        if self._order is None:
            s = self.pieces.situation
            ends = top_k(s.scores, self.k + 1, s.unseen)
            rival = int(ends[self.k] if self.leaving else ends[self.k - 1])
            effects = self.pieces.effects(self.item, rival)
            self._order = np.argsort(-effects if self.leaving else effects, kind="stable").tolist()
        return self._order

    @property
    def lead(self) -> float:
        """How far the item is from leaving, or from entering, as things are."""
        if () not in self._lead:
            s = self.pieces.situation
            self._lead[()] = float(self._judged(s.scores[s.unseen][None])[1][0])
        return self._lead[()]

    def promising(self, sets: list[Set]) -> list[tuple[Set, float]]:
        """The sets with about what is left of the lead, the least first; nothing is recomputed."""
        if not sets:
            return []
        if self._pool is None:
            self._pool = Pool(self.pieces, self.item, self.k, self.leaving)
        leads = self._pool.leads(self._masks(sets)).tolist()
        return sorted(zip(sets, leads, strict=True), key=lambda pair: (pair[1], pair[0]))

    def does(self, without: Set) -> bool:
        """Whether the item leaves (or enters) without this set."""
        self._recompute([without])
        return self._does[without]

    def best(self, sets: list[Set]) -> list[Set]:
        """The sets, those first that do it, then by what is left of the lead."""
        self._recompute(sets)
        return sorted(sets, key=lambda s: (not self._does[s], self._lead[s], s))

    def first(self, sets: list[Set]) -> Set:
        """One of the sets that does it; empty where none does. Those that a bound excludes are left out."""
        known = [s for s in sets if s in self._does]
        rest = [s for s in sets if s not in self._does]
        if rest:
            if self._limits is None:
                self._limits = Bounds(self.pieces, self.item, self.k, self.leaving)
            open_ones = [s for s, may in zip(rest, self._limits.may(self._masks(rest)), strict=True) if may]
            self.bounded += len(rest) - len(open_ones)
            self._recompute(open_ones)
            known += open_ones
        return next((s for s in known if self._does[s]), ())

    def _masks(self, sets: list[Set]) -> NDArray[np.bool_]:
        keep = np.ones((len(sets), len(self.pieces.pieces)), dtype=bool)
        for row, without in enumerate(sets):
            keep[row, list(without)] = False
        return keep

    def _recompute(self, sets: list[Set]) -> None:
        new = [s for s in dict.fromkeys(sets) if s not in self._does]
        chunk = max(1, _CELLS // max(1, self._n))
        for start in range(0, len(new), chunk):
            some = new[start : start + chunk]
            scores = self.pieces.scores(self._masks(some))
            for without, rank, lead in zip(some, *self._judged(scores), strict=True):
                does = rank > self.k if self.leaving else rank <= self.k
                self._does[without] = bool(does)
                self._lead[without] = float(lead)
            self.tried += len(some)

    def verified(self, without: Set) -> int | None:
        """The item's place without a set, computed as every list is; ``None`` where that does not do it.

        Sums in another order differ in the last digit, which tells where two scores are all but equal.
        """
        rank = self.rank_without(without)
        self.tried += without not in self._does
        self._does[without] = (rank > self.k) == self.leaving
        self._lead.setdefault(without, math.inf)
        return rank if self._does[without] else None

    def rank_without(self, without: Set) -> int:
        """The item's place without a set, computed as every list is."""
        s = self.pieces.situation
        return s.rank(self.item, s.scores_of(self.pieces.variants(self.pieces.mask(without)), 0))

    def _judged(self, scores: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The item's rank, and its lead over the last place (leaving) or what it lacks (entering)."""
        own = scores[:, [self._place]]
        ahead = scores > own
        ahead[:, : self._place] |= scores[:, : self._place] == own
        rank = ahead.sum(axis=1) + 1
        others = np.delete(scores, self._place, axis=1)
        k = min(self.k, others.shape[1])
        edge = np.partition(others, others.shape[1] - k, axis=1)[:, others.shape[1] - k]
        lead = own[:, 0] - edge
        return rank, lead if self.leaving else -lead
