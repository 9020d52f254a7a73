"""Held-out lists of a ranker: which users are tested, on what, and the metrics of several weightings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.metrics import ACCURACY, hits_of, metric_keys, parse_metric
from mgrec_core.metrics.top_k import top_k
from mgrec_core.targets.ranker import Ranker

_CELLS = 60_000_000
PerUser = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class TargetTrial:
    """A ranker that never saw what it is tested on.

    Attributes
    ----------
    rows
        Positions of the test users.
    relevant : |U| × N
        Held-out targets.
    """

    ranker: Ranker
    rows: NDArray[np.int64]
    relevant: sparse.csr_array

    @classmethod
    def of(cls, ranker: Ranker, relevant: sparse.csr_array) -> TargetTrial:
        """Test everybody who has a held-out target among at least two candidates."""
        kept = []
        for user in np.flatnonzero(np.diff(relevant.indptr) > 0):
            allowed = ranker.allowed(int(user))
            held = relevant.indices[relevant.indptr[user] : relevant.indptr[user + 1]]
            if allowed.sum() > 1 and allowed[held].any():
                kept.append(user)
        return cls(ranker, np.array(kept, dtype=np.int64), relevant)

    def measure(self, weightings: Mapping[str, Sequence[float]], k: int, seed: int = 0) -> dict[str, PerUser]:
        """Metrics of each test user under several λ, and of a random order as ``random``.

        Returns
        -------
        dict
            By weighting and metric key, arrays of shape (U,).
        """
        rng = np.random.default_rng(seed)
        matrix = np.array(list(weightings.values())).T
        names = (*weightings, "random")
        lists = {name: np.full((len(self.rows), k), -1, dtype=np.int64) for name in names}
        ones = np.ones(len(self.ranker.parts))
        for place, (_, split, allowed) in enumerate(self.ranker.splits(self.rows, ones)):
            scores = np.column_stack([split.contributions @ matrix, rng.random(len(allowed))])
            for name, column in zip(names, scores.T, strict=True):
                best = top_k(column, k, allowed)
                lists[name][place, : len(best)] = best
        return {name: self._metrics(top, k) for name, top in lists.items()}

    def _metrics(self, top: NDArray[np.int64], k: int) -> PerUser:
        found: dict[str, list[NDArray[np.float64]]] = {key: [] for key in metric_keys(k)}
        step = max(1, _CELLS // max(1, self.relevant.shape[1]))
        for start in range(0, len(self.rows), step):
            chunk = slice(start, start + step)
            relevant = self.relevant[self.rows[chunk]].toarray() > 0
            hits, n = hits_of(top[chunk], relevant), relevant.sum(axis=1)
            for key in found:
                found[key].append(ACCURACY[parse_metric(key, k)[0]](hits, n))
        return {key: np.concatenate(parts) if parts else np.zeros(0) for key, parts in found.items()}

    def search(self, metric: str, start: Sequence[float], k: int) -> tuple[list[float], float]:
        """Coordinate search for λ on a metric over an even sample of the test users.

        Every weight in turn takes the best of a few values, until a round changes nothing; ties go
        to the smaller weight, so that a part that does not help is switched off.

        Returns
        -------
        weights, value
            Weights in [0, 1], at least one of them above 0, and the metric that they reach.
        """
        per_user = len(self.ranker.target_ids) * len(self.ranker.parts)
        sample = self.rows[:: max(1, -(-len(self.rows) * per_user // _CELLS))]
        part = TargetTrial(self.ranker, sample, self.relevant)
        cached = [
            (split.contributions[allowed], np.flatnonzero(allowed))
            for _, split, allowed in self.ranker.splits(sample, np.ones(len(start)))
        ]

        def value(lam: Sequence[float]) -> float:
            top = np.full((len(sample), k), -1, dtype=np.int64)
            for n, (contributions, places) in enumerate(cached):
                best = places[top_k(contributions @ np.asarray(lam), k)]
                top[n, : len(best)] = best
            return float(part._metrics(top, k)[metric].mean())

        lam = [float(x) for x in start]
        best = value(lam)
        for _ in range(3):
            before = list(lam)
            for p in range(len(lam)):
                for candidate in STEPS:
                    tried = [*lam[:p], candidate, *lam[p + 1 :]]
                    if not any(tried):
                        continue
                    found = value(tried)
                    if found > best + 1e-6 or (found >= best - 1e-9 and candidate < lam[p]):
                        lam, best = tried, found
            if lam == before:
                break
        return lam, best

    @property
    def candidates(self) -> dict[str, float]:
        """How many targets are ranked for a test user: mean, fewest and most."""
        sizes = [int(self.ranker.allowed(int(user)).sum()) for user in self.rows]
        return {"mean": float(np.mean(sizes)), "min": min(sizes), "max": max(sizes)}


STEPS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""Values that a weight is tried at."""
