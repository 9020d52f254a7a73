"""The few items that can win under any weights, and a bound that says when no other can.

Whoever tries many weights on one user (a mixer in the browser) need not carry the whole
catalogue: the union of each granularity's best items holds nearly every winner. The threshold
bound of Fagin's algorithm says for the weights at hand whether it holds *all* of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.granularities.structure import Vectors

#: Relative rounding that sums of a few contributions in double precision stay well below.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Candidates:
    """Unseen items of one user, with all that their scores under any λ need.

    r_ui = Σ_k (raw_ik − median_k) · (λ_k · scale_k), in this order of operations: whoever
    computes it in double precision from these numbers gets the engine's score to the last bit.

    Attributes
    ----------
    positions : C
        Rows of the items in every |I| × … array, ascending: ties go to the first.
    raw : C × K
        s_k(u, i).
    scale, median : K
        c_uk and m_uk.
    threshold : K
        The best contribution at λ = 1 among unseen items that are *not* candidates; −inf where
        every unseen item is one.
    magnitude : K
        The largest absolute contribution at λ = 1 of any unseen item.
    n_unseen
        How many items could be ranked.
    """

    positions: NDArray[np.int64]
    raw: Vectors
    scale: NDArray[np.float64]
    median: NDArray[np.float64]
    threshold: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    n_unseen: int

    @property
    def slack(self) -> NDArray[np.float64]:
        """How much of λ·slack scores and bounds may be off by rounding, shape (K,)."""
        return _ROUNDING * self.magnitude

    def scores(self, weights: Sequence[float]) -> NDArray[np.float64]:
        """Score of each candidate under λ, shape (C,)."""
        factor = np.asarray(weights, dtype=np.float64) * self.scale
        return np.asarray(((self.raw.astype(np.float64) - self.median) * factor).sum(axis=1))

    def bound(self, weights: Sequence[float]) -> float:
        """No item outside the candidates scores more than this under λ; −inf when there is none.

        Each contribution of such an item is at most its granularity's threshold and no λ is
        negative, so the sum is at most Σ_k λ_k · threshold_k.
        """
        if len(self.positions) == self.n_unseen:
            return -np.inf
        lam = np.asarray(weights, dtype=np.float64)
        return float(lam @ self.threshold + lam @ self.slack)

    def top(self, weights: Sequence[float], k: int) -> tuple[NDArray[np.int64], bool]:
        """The best k candidates under λ, and whether they are the best k of all unseen items.

        Parameters
        ----------
        weights : K
            λ ≥ 0 in the order of the granularities.
        k
            How many, at least 1.

        Returns
        -------
        chosen
            Indices into :attr:`positions`, best first.
        exact
            True only when no other unseen item can be among them.
        """
        scores = self.scores(weights)
        chosen = top_k(scores, k)
        if len(self.positions) == self.n_unseen:
            return chosen, True
        return chosen, len(chosen) == k and bool(scores[chosen[-1]] > self.bound(weights))


def find_candidates(
    raw: Vectors,
    scale: NDArray[np.float64],
    median: NDArray[np.float64],
    unseen: NDArray[np.bool_],
    limit: int = 2000,
    include: NDArray[np.int64] | None = None,
) -> Candidates:
    """Collect the union of each granularity's best N unseen items, N as large as ``limit`` allows.

    Parameters
    ----------
    raw : |I| × K
        s_k(u, i).
    scale, median : K
        c_uk ≥ 0 and m_uk, see :func:`mgrec_core.model.scale.scale_and_median`.
    unseen : |I|
        Items that may be ranked.
    limit
        At most how many candidates, at least 0.
    include
        Positions of unseen items that are wanted besides, over the limit if need be.
    """
    units = (raw.astype(np.float64) - median) * scale
    chosen = _union(units, unseen, limit)
    if include is not None:
        chosen[include] = True
    chosen &= unseen
    rest = unseen & ~chosen
    width = units.shape[1]
    positions = np.flatnonzero(chosen)
    return Candidates(
        positions=positions,
        raw=raw[positions],
        scale=scale,
        median=median,
        threshold=units[rest].max(axis=0) if rest.any() else np.full(width, -np.inf),
        magnitude=np.abs(units[unseen]).max(axis=0) if unseen.any() else np.zeros(width),
        n_unseen=int(unseen.sum()),
    )


def _union(units: NDArray[np.float64], unseen: NDArray[np.bool_], limit: int) -> NDArray[np.bool_]:
    """Mark the union of the columns' best N, N the largest for which the union fits ``limit``."""
    if int(unseen.sum()) <= limit:
        return unseen.copy()
    beyond = limit + 1
    depth = np.full(len(units), beyond)  # an item's best place in any list, from 0
    for column in units.T:
        best = top_k(column, limit + 1, unseen)
        depth[best] = np.minimum(depth[best], np.arange(len(best)))
    # Lists of limit + 1 items reach past the limit together, so the depth that no longer fits is known.
    first_out = int(np.partition(depth, limit)[limit])
    return np.asarray(depth < first_out)
