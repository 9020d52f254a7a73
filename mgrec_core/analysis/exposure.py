"""What a group of users would be shown: how often each item is in their exact top-k lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mgrec_core.evaluation.score_cache import even_sample
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.scoring import best_of

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.foundation.results import Weights

_SCORES = 2_000_000
"""Scores a call may take: some seconds; more users than fit are sampled evenly."""


def sample_size(n_items: int) -> int:
    """How many users are ranked at most, between 10 and 300."""
    return int(np.clip(_SCORES // max(1, n_items), 10, 300))


def list_counts(
    engine: Engine, user_ids: Sequence[str], weights: Weights, k: int = 10
) -> tuple[NDArray[np.int64], int]:
    """Count how many users see each item in their top k under λ (``score`` fusion, seen items excluded).

    Returns
    -------
    counts : |I|
        Users by item.
    n
        How many users were ranked: all, or an even sample of :func:`sample_size`.

    Raises
    ------
    NotFoundError
        An unknown user.
    InputError
        No user, or ``k`` below 1.
    """
    check_k(k)
    if not user_ids:
        raise InputError("ask for at least one user")
    rows = np.array([engine.user_position(u) for u in user_ids], dtype=np.int64)
    rows = rows[even_sample(len(rows), sample_size(engine.model.n_items))]
    counts = np.zeros(engine.model.n_items, dtype=np.int64)
    for _, best, _ in best_of(engine.model.splits(rows, list(weights.values.values())), k):
        counts[best] += 1
    return counts, len(rows)
