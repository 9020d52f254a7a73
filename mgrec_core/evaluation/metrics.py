"""Ranking metrics per user, vectorised over users.

All take hits of a ranked list cut at k and the number |R| of relevant items of each user.

==========  =====================================================================
nDCG@k      Σ_{r≤k} hit_r / log2(r+1), over the same sum for min(|R|, k) hits on top
recall@k    hits in the top k / |R|
precision   hits in the top k / k
MAP@k       Σ_{r≤k} hit_r · precision@r / min(|R|, k)
MRR         1 / rank of the first hit (0 without one in the list)
hitrate@k   1 when there is a hit in the top k
==========  =====================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError

Hits = NDArray[np.bool_]
Counts = NDArray[np.int64]
PerUser = NDArray[np.float64]


def hits_of(top: NDArray[np.int64], relevant: NDArray[np.bool_]) -> Hits:
    """Which places of the ranked lists hold a relevant item.

    Parameters
    ----------
    top : U × k
        Item positions, best first; −1 where the list is shorter.
    relevant : U × |I|
        Relevant items.

    Returns
    -------
    U × k
    """
    found: Hits = np.take_along_axis(relevant, np.maximum(top, 0), axis=1) & (top >= 0)
    return found


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


METRICS: dict[str, Callable[[Hits, Counts], PerUser]] = {
    "ndcg": ndcg,
    "recall": recall,
    "precision": precision,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "hitrate": hit_rate,
}


def metric_keys(k: int) -> tuple[str, ...]:
    """The metrics of accuracy that are reported at one cut-off."""
    return (f"ndcg@{k}", f"recall@{k}", f"precision@{k}", f"map@{k}", "mrr", f"hitrate@{k}")


def parse_metric(key: str, default_k: int = 10) -> tuple[str, int]:
    """Read ``ndcg@10`` (or ``mrr``, cut at ``default_k``).

    Raises
    ------
    InputError
        An unknown metric or a cut-off that is no positive number.

    Examples
    --------
    >>> parse_metric("recall@20")
    ('recall', 20)
    """
    match = re.fullmatch(r"([a-z]+)(?:@([0-9]{1,6}))?", key.strip().lower())
    if match is None or match[1] not in METRICS or match[2] == "0":
        raise InputError(f"unknown metric {key[:40]!r}: choose {', '.join(METRICS)}, with @k such as ndcg@10")
    return match[1], int(match[2]) if match[2] else default_k


def user_metric(key: str, top: NDArray[np.int64], relevant: NDArray[np.bool_]) -> PerUser:
    """A metric of each user, shape (U,); lists must be at least as long as the metric's k."""
    name, k = parse_metric(key, top.shape[1])
    hits = hits_of(top[:, :k], relevant)
    return METRICS[name](hits, relevant.sum(axis=1))


def _ratio(part: NDArray[np.floating], whole: NDArray[np.floating] | Counts) -> PerUser:
    result = np.zeros(len(part), dtype=np.float64)
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result
