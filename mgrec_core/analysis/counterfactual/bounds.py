"""Which sets cannot do it, without computing scales: bounds on every score from the raw scores alone.

Without a set the raw scores s' are exact. The scale 1/(mean of the ten best − median) is bounded: where every
raw score changes by between a and b, the median changes by between a and b; the mean of the ten best is at
least the new mean of those that were the best, and rises by b at most. The worst tenth, which has a say where
evidence speaks against items, is bounded the same way. With c' between two ends, λ·c'·(s'_j − s'_i) is
between two ends too, and so is the number of items that stand before item i.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.analysis.counterfactual.pieces import Pieces
from mgrec_core.model.scale import AGAINST, BEST

_SLACK = 1e-5
"""Relative, for sums in single precision."""


class Bounds:
    """Bounds for one item and one k."""

    def __init__(self, pieces: Pieces, item: int, k: int, leaving: bool) -> None:
        s = pieces.situation
        self._pieces, self._k, self._leaving = pieces, k, leaving
        self._unseen = np.flatnonzero(s.unseen)
        self._place = int(s.unseen[:item].sum())
        n = len(self._unseen)
        self._best = max(1, min(BEST, n // 2))
        self._raw: dict[str, NDArray[np.float32]] = {}
        self._ends: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], float, float, float]] = {}
        self._fixed = pieces.fixed
        self._factors = dict(zip(s.model.present, s.factors, strict=True))
        for at, name in enumerate(s.model.present):
            if name not in pieces.changed or self._factors[name] == 0:
                continue
            raw = s.split.raw[self._unseen, at]
            order = np.argpartition(raw, [self._best - 1, n - self._best])
            top, low = order[n - self._best :], order[: self._best]
            ends = float(raw[top].mean()), float(raw[low].mean()), float(s.split.median[at])
            self._raw[name], self._ends[name] = raw, (top, low, *ends)

    def may(self, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether each variant may do it; False is proof that it does not.

        Parameters
        ----------
        keep : N × n

        Returns
        -------
        N
        """
        fixed = (self._fixed - self._fixed[self._place]).astype(np.float32)
        lead = np.repeat(fixed[None], len(keep), axis=0)
        side = np.float32(1 if self._leaving else -1)  # as many before it as may be, or as few
        for name, raw in self._pieces.raw(keep).items():
            low, high, slack = self._scales(name, raw)
            middle, half = (self._factors[name] * x for x in ((high + low) / 2, (high - low) / 2))
            gap = raw - raw[:, [self._place]]  # how far each item stands before this one
            lead += gap * _column(middle)
            np.abs(gap, out=gap)
            gap *= _column(side * half)
            gap += _column(side * slack * self._factors[name] * high)
            lead += gap
        lead[:, self._place] = -np.inf
        before_it = (lead >= 0).sum(axis=1)
        return np.asarray(before_it >= self._k if self._leaving else before_it < self._k)

    def _scales(
        self, name: str, raw: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The least and the largest scale of every variant, and how far sums may be off."""
        top, low, best, worst, median = self._ends[name]
        before = self._raw[name]
        change = raw - before
        rises, falls = change.max(axis=1).astype(np.float64), change.min(axis=1).astype(np.float64)
        size = float(np.abs(before).max()) + np.maximum(rises, -falls)  # no raw score is larger
        slack = _SLACK * size
        above_most = best + rises - (median + falls)
        above_least = raw[:, top].mean(axis=1, dtype=np.float64) - (median + rises)
        below_most = median + rises - (worst + falls)
        below_least = median + falls - raw[:, low].mean(axis=1, dtype=np.float64)
        most = np.maximum(above_most, AGAINST * below_most) + slack
        least = np.maximum(above_least, AGAINST * below_least) - slack
        noise = np.maximum(1e-6 * size, 1e-30)
        # c is 0 where the spread is noise, and as large as noise allows where it may be next to it
        smallest = np.where(least > noise, 1.0 / np.maximum(most, noise), 0.0)
        largest = np.where(most <= 0, 0.0, 1.0 / np.maximum(least, noise))
        return smallest, largest, slack


def _column(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype(np.float32)[:, None]
