"""Recommended people or advertisements of many users, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from mgrec_core.export.lists import schema
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.top_k import top_k
from mgrec_core.targets.ranker import Ranker

_USERS_A_TABLE = 1_000

RECOMMENDED = "target_id"
"""The column of the recommended person or advertisement."""


def recommend_targets(
    ranker: Ranker, users: Sequence[str], k: int, weights: Weights, progress: Progress = silent
) -> Iterator[pa.Table]:
    """Rank the candidates of many users, a chunk of users at a time, in the order of ``users``."""
    lam, columns = np.array(list(weights.values.values())), schema(ranker.parts, RECOMMENDED)
    for start in range(0, len(users), _USERS_A_TABLE):
        chunk = users[start : start + _USERS_A_TABLE]
        rows = np.array([ranker.user(u) for u in chunk], dtype=np.int64)
        ids: list[str] = []
        targets: list[str] = []
        ranks: list[int] = []
        parts = [np.zeros((0, len(ranker.parts)))]
        for user, split, allowed in ranker.splits(rows, lam):
            contributions = split.contributions
            best = top_k(contributions.sum(axis=1), k, allowed)
            ids += [ranker.user_ids[user]] * len(best)
            targets += [ranker.target_ids[t] for t in best]
            ranks += range(1, len(best) + 1)
            parts.append(contributions[best])
        values = np.concatenate(parts)
        progress("recommending", start + len(chunk), len(users))
        yield pa.table([ids, targets, ranks, values.sum(axis=1), *values.T], schema=columns)
