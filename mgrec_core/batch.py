"""Recommendations for many users at once, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from mgrec_core.engine import Engine
from mgrec_core.fusion.scale import scale_and_median
from mgrec_core.progress import Progress, silent
from mgrec_core.ranking import top_k
from mgrec_core.results import Weights

_CHUNK_BYTES = 256 * 2**20


def schema(present: Sequence[str]) -> pa.Schema:
    """Columns of a recommendation table: user_id, item_id, rank, score, contribution_<g>."""
    names = [(f"contribution_{g}", pa.float64()) for g in present]
    return pa.schema(
        [
            ("user_id", pa.string()),
            ("item_id", pa.string()),
            ("rank", pa.int32()),
            ("score", pa.float64()),
            *names,
        ]
    )


def users_with_history(engine: Engine) -> list[str]:
    """Ids of the users that have at least one event."""
    active = np.flatnonzero(np.diff(engine.model.seen.indptr) > 0)
    return [engine.user_ids[n] for n in active]


def recommend(
    engine: Engine, users: Sequence[str], k: int, weights: Weights, progress: Progress = silent
) -> Iterator[pa.Table]:
    """Rank the unseen items of many users, a chunk of users at a time.

    Yields
    ------
    pyarrow.Table
        ``k`` rows a user (fewer where fewer items are unseen), in the order of ``users``.
    """
    model, columns = engine.model, schema(engine.present)
    lam = np.array(list(weights.values.values()))
    positions = np.array([engine.user_position(u) for u in users], dtype=np.int64)
    ids = np.array(engine.item_ids, dtype=object)
    step = max(1, _CHUNK_BYTES // max(1, model.n_items * len(lam) * 4))
    for start in range(0, len(positions), step):
        progress("recommending", start, len(positions))
        rows = positions[start : start + step]
        raw = np.stack([g.scores(rows) for g in model.granularities.values()], axis=2)
        parts = []
        for n, user in enumerate(rows):
            unseen = model.unseen(int(user))
            c, median = scale_and_median(raw[n], unseen)
            contributions = (raw[n].astype(np.float64) - median) * (lam * c)
            best = top_k(contributions.sum(axis=1), k, unseen)
            parts.append((np.full(len(best), n), best, contributions[best]))
        owner = np.concatenate([p[0] for p in parts])
        best = np.concatenate([p[1] for p in parts])
        contributions = np.concatenate([p[2] for p in parts])
        ranks = np.concatenate([np.arange(1, len(p[1]) + 1) for p in parts])
        chunk_users = np.array(users[start : start + step], dtype=object)
        yield pa.table(
            [
                pa.array(chunk_users[owner], pa.string()),
                pa.array(ids[best], pa.string()),
                pa.array(ranks, pa.int32()),
                pa.array(contributions.sum(axis=1), pa.float64()),
                *(pa.array(contributions[:, j], pa.float64()) for j in range(len(lam))),
            ],
            schema=columns,
        )
    progress("recommending", len(positions), len(positions))
