"""Which sets are worth recomputing: the lead without them, among the few hundred items that it is decided by.

Raw scores of these items are exact. The scale is of their ten best and the median as it is, which is
close; what is found here is recomputed before it is believed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mgrec_core.analysis.counterfactual.pieces import Pieces
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.scale import BEST

_MOST = 200


class Pool:
    """The best items of a list, and of each granularity, and one item in question."""

    def __init__(self, pieces: Pieces, item: int, k: int, leaving: bool) -> None:
        s = pieces.situation
        self._pieces, self._k, self._leaving = pieces, k, leaving
        best = [top_k(s.scores, max(_MOST, 2 * k), s.unseen), np.array([item])]
        self._names = pieces.counting
        places = [s.model.present.index(name) for name in self._names]
        best += [top_k(s.split.raw[:, at], BEST, s.unseen) for at in places]
        rows = np.unique(np.concatenate(best))
        self._place = int(np.searchsorted(rows, item))
        among = np.searchsorted(np.flatnonzero(s.unseen), rows)
        self._fixed = pieces.fixed[among]
        self._shares: list[NDArray[np.float32]] = []
        for name in self._names:
            g = s.model.granularities[name]
            few = tuple(replace(block, items=block.items[rows]) for block in g.blocks)
            self._shares.append(replace(g, weights=pieces.rows(name), blocks=few).scores(slice(None)))
        self._factor = [float(s.factors[at]) for at in places]
        self._median = [float(s.split.median[at]) for at in places]

    def leads(self, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The item's lead over the last place (leaving), or what it lacks (entering), about.

        Below 0 it is likely to do it.

        Parameters
        ----------
        keep : N × n
        """
        total = np.repeat(self._fixed[None], len(keep), axis=0)
        for name, shares, factor, median in zip(
            self._names, self._shares, self._factor, self._median, strict=True
        ):
            raw = self._pieces.amounts(name, keep) @ shares
            n = raw.shape[1]
            best = min(BEST, n)
            spread = np.partition(raw, n - best, axis=1)[:, n - best :].mean(axis=1) - median
            c = np.divide(factor, spread, out=np.zeros(len(raw)), where=spread > 1e-9)
            total += (raw - median) * c[:, None]
        own = total[:, self._place]
        others = np.delete(total, self._place, axis=1)
        k = min(self._k, others.shape[1])
        lead = own - np.partition(others, others.shape[1] - k, axis=1)[:, others.shape[1] - k]
        return np.asarray(lead if self._leaving else -lead)
