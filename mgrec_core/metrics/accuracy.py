"""Accuracy: how many held-out items a list has, and how high. Formulas in the declarations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.metric import Counts, FromHits, Hits, PerUser


def ndcg(hits: Hits, n_relevant: Counts) -> PerUser:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002, binary gains)."""
    discount = 1.0 / np.log2(np.arange(hits.shape[1]) + 2.0)
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(n_relevant, hits.shape[1])]
    return _ratio(hits @ discount, ideal)


def recall(hits: Hits, n_relevant: Counts) -> PerUser:
    """Hits over |R|."""
    return _ratio(hits.sum(axis=1), n_relevant)


def precision(hits: Hits, n_relevant: Counts) -> PerUser:
    """Hits over k."""
    found: PerUser = hits.mean(axis=1, dtype=np.float64)
    return found


def average_precision(hits: Hits, n_relevant: Counts) -> PerUser:
    """Mean of precision@r at the hits, over min(|R|, k)."""
    at_rank = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return _ratio((hits * at_rank).sum(axis=1), np.minimum(n_relevant, hits.shape[1]))


def reciprocal_rank(hits: Hits, n_relevant: Counts) -> PerUser:
    """One over the rank of the first hit."""
    return np.asarray(np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1.0), 0.0))


def hit_rate(hits: Hits, n_relevant: Counts) -> PerUser:
    """1 when anything was hit."""
    found: PerUser = np.asarray(hits.any(axis=1), dtype=np.float64)
    return found


METRICS = (
    FromHits(
        name="ndcg",
        title="nDCG",
        formula="Σ hit_r / log₂(r+1) over the same sum for min(|R|, k) hits on top",
        compute=ndcg,
        headline=True,
        order=0,
    ),
    FromHits(name="recall", title="Recall", formula="hits / |R|", compute=recall, headline=True, order=1),
    FromHits(name="precision", title="Precision", formula="hits / k", compute=precision, order=2),
    FromHits(
        name="map",
        title="MAP",
        formula="Σ hit_r · precision@r / min(|R|, k)",
        compute=average_precision,
        order=3,
    ),
    FromHits(
        name="mrr",
        title="MRR",
        formula="1 / rank of the first hit, 0 without one in the list",
        compute=reciprocal_rank,
        cut=False,
        order=4,
    ),
    FromHits(
        name="hitrate",
        title="Hit rate",
        formula="1 with any hit in the list",
        compute=hit_rate,
        order=5,
    ),
)


def _ratio(part: NDArray[np.floating], whole: NDArray[np.floating] | Counts) -> PerUser:
    result = np.zeros(len(part), dtype=np.float64)
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result
