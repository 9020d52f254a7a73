"""All evaluated users at once: their exact lists and metrics at any λ, in a fraction of a second.

A score cache keeps the raw scores of every held-out user on every item, from a model that never saw
the test pairs. At new weights a score is one inner product λ∘c_u · raw[u, :, i]; lists are full
rankings, exactly those of :func:`mgrec_core.evaluation.evaluate.evaluate`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.evaluation.catalogue import catalogue_of
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import ACCURACY, Catalogue, hits_of, of_all_lists, of_each_list, parse_metric
from mgrec_core.metrics.metric import Counts, PerUser
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.model import Model

_CHUNK_BYTES = 24 * 2**20
#: Relative rounding of single-precision sums, generously.
_ROUNDING = 2e-6


def even_sample(n: int, most: int | None) -> NDArray[np.int64]:
    """Positions 0 … n − 1, or ``most`` of them at even distances."""
    if most is None or n <= most:
        return np.arange(n)
    return np.unique(np.linspace(0, n - 1, max(1, most)).astype(np.int64))


def fill_scores(
    model: Model,
    rows: NDArray[np.int64],
    raw: Vectors,
    fusion: str = "score",
    progress: Progress = silent,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Write the raw scores of users into ``raw``, U × K × |I|.

    Returns
    -------
    scale, median, magnitude : U × K
        As a :class:`ScoreCache` holds them.
    """
    ones = np.ones(len(model.present))
    scale, median, magnitude = (np.zeros((len(rows), len(ones))) for _ in range(3))
    for place, (_, split, _) in enumerate(model.splits(rows, ones, fusion)):
        raw[place] = split.raw.T
        scale[place], median[place] = split.factor, split.median
        magnitude[place] = np.abs(split.raw).max(axis=0)
        if place % 50 == 0:
            progress("scores of the test users", place, len(rows))
    return scale, median, magnitude


@dataclass(frozen=True)
class Measured:
    """Lists and metrics of all users under one λ.

    Attributes
    ----------
    top : U × k
        Item positions, −1 where fewer items are unseen.
    per_user
        Metric key → U values: accuracy, novelty, popularity lift, diversity, calibration.
    overall
        Metrics that belong to all lists together: coverage and Gini.
    """

    top: NDArray[np.int64]
    per_user: dict[str, PerUser]
    overall: dict[str, float]

    @property
    def means(self) -> dict[str, float]:
        """Every metric as one number."""
        return {key: float(values.mean()) for key, values in self.per_user.items()} | self.overall


@dataclass(frozen=True)
class CachedHistories:
    """Training histories of a score cache's users, as segments read them."""

    users: list[str]
    strength: sparse.csr_array
    popularity: NDArray[np.float64]


@dataclass(frozen=True)
class ScoreCache:
    """Evaluated users with all that their lists under any λ need.

    Attributes
    ----------
    granularities : K
        Present ones in fixed order.
    users : U
        Their ids.
    items : |I|
        Ids, in the order of the fold (:mod:`mgrec_core.evaluation.nameless`), not of the build.
    raw : U × K × |I|
        s_k(u, i), single precision, usually memory-mapped.
    scale, median, magnitude : U × K
        c_uk, m_uk, and the largest |s_k(u, i)|.
    seen : U × |I|
        Stored entries are never ranked.
    relevant : U × |I|
        Held-out items.
    catalogue
        What was known of items and histories: the training part.
    """

    granularities: tuple[str, ...]
    users: list[str]
    items: list[str]
    raw: Vectors
    scale: NDArray[np.float64]
    median: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    seen: sparse.csr_array
    relevant: NDArray[np.bool_]
    catalogue: Catalogue

    @classmethod
    def of(cls, fold: Fold, fusion: str = "score", most: int | None = None) -> ScoreCache:
        """Score a fold's test users, in memory.

        Parameters
        ----------
        fusion
            ``score``, ``concat`` or ``vector``; weights are λ for the first, α for the others.
        most
            At most how many users: an even sample of them where there are more.
        """
        model, test_users = fold.model, fold.test_users
        kept = even_sample(len(test_users.rows), most)
        rows = test_users.rows[kept]
        raw = np.empty((len(rows), len(model.present), model.n_items), dtype=np.float32)
        scale, median, magnitude = fill_scores(model, rows, raw, fusion)
        return cls(
            granularities=model.present,
            users=[fold.data.users[row] for row in rows],
            items=fold.data.items,
            raw=raw,
            scale=scale,
            median=median,
            magnitude=magnitude,
            seen=sparse.csr_array(model.seen[rows]),
            relevant=test_users.relevant[kept],
            catalogue=catalogue_of(fold.data, model.shared, rows),
        )

    @property
    def n_items(self) -> int:
        """|I|."""
        return int(self.raw.shape[2])

    @cached_property
    def n_relevant(self) -> Counts:
        """|R| of each user, shape (U,)."""
        return np.asarray(self.relevant.sum(axis=1), dtype=np.int64)

    @property
    def histories(self) -> CachedHistories:
        """What segments are made of."""
        return CachedHistories(self.users, self.catalogue.history, self.catalogue.users_of_item)

    @property
    def test_users(self) -> TestUsers:
        """The score cache's users as the test users of their own histories."""
        return TestUsers(np.arange(len(self.users)), self.relevant)

    def top(self, weights: Sequence[float], k: int = 10) -> NDArray[np.int64]:
        """Exact top-k lists of all users.

        Parameters
        ----------
        weights : K
            λ ≥ 0 in the order of :attr:`granularities`.

        Returns
        -------
        U × k
            Item positions, best first, ties by position; −1 where fewer items are unseen.

        Raises
        ------
        InputError
            ``k`` is below 1 or above the catalogue, or the weights are not K numbers ≥ 0.
        """
        lam = np.asarray(weights, dtype=np.float64)
        if lam.shape != (len(self.granularities),) or not np.isfinite(lam).all() or (lam < 0).any():
            raise InputError(f"weights are not {len(self.granularities)} numbers of 0 or more")
        check_k(k, self.n_items, of="the catalogue's")
        factor = lam * self.scale
        found = np.full((len(self.users), k), -1, dtype=np.int64)

        def fill(rows: slice) -> None:
            self._fill(found[rows], rows, factor[rows], k)

        chunks = slices(len(self.users), self.raw.shape[1] * self.raw.shape[2] * 4, _CHUNK_BYTES)
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
            list(pool.map(fill, chunks))
        return found

    def accuracy(self, key: str, weights: NDArray[np.float64]) -> PerUser:
        """One metric of accuracy of each user, such as ``ndcg@10``; k is cut at the catalogue."""
        name, k = parse_metric(key)
        hits = hits_of(self.top(weights.tolist(), min(k, self.n_items)), self.relevant)
        return ACCURACY[name](hits, self.n_relevant)

    def measure(
        self, weights: Sequence[float], k: int = 10, *, wanted: Collection[str] | None = None
    ) -> Measured:
        """Lists and every metric under λ (formulas: :mod:`mgrec_core.metrics`).

        Parameters
        ----------
        wanted
            Keys that are asked for: costly metrics not among them are left out; None leaves out nothing.
        """
        top = self.top(weights, k)
        hits = hits_of(top, self.relevant)
        per_user = {metric.key(k): metric(hits, self.n_relevant) for metric in ACCURACY.values()}
        per_user |= of_each_list(top, self.catalogue, wanted)
        return Measured(top, per_user, of_all_lists(top, self.catalogue))

    def _fill(self, found: NDArray[np.int64], rows: slice, factor: NDArray[np.float64], k: int) -> None:
        """Single precision finds the few items that may win, double precision puts them in order."""
        raw = self.raw[rows]
        scores = np.matmul(factor[:, None, :].astype(np.float32), raw)[:, 0]
        lengths = np.diff(self.seen.indptr[rows.start : rows.stop + 1])
        seen = self.seen.indices[self.seen.indptr[rows.start] : self.seen.indptr[rows.stop]]
        scores[np.repeat(np.arange(len(scores)), lengths), seen] = -np.inf
        edge = np.partition(scores, self.n_items - k, axis=1)[:, self.n_items - k].astype(np.float64)
        edge -= _ROUNDING * (factor * self.magnitude[rows]).sum(axis=1)
        # Where fewer than k are unseen the edge is −inf, and all that are unseen are taken.
        limit = np.maximum(edge, np.finfo(np.float32).min).astype(np.float32)
        who, item = np.nonzero(scores >= limit[:, None])
        # The same operations in the same order as the engine's, so that ties break the same way.
        parts = (raw[who, :, item].astype(np.float64) - self.median[rows][who]) * factor[who]
        exact = parts.sum(axis=1)
        order = np.lexsort((item, -exact, who))
        who, item = who[order], item[order]
        place = np.arange(len(who)) - np.searchsorted(who, who)
        inside = place < k
        found[who[inside], place[inside]] = item[inside]
