"""Recommendations for many users at once, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mgrec_core.engine import Engine
from mgrec_core.progress import Progress, silent
from mgrec_core.ranking import top_k
from mgrec_core.results import Weights

_USERS_A_TABLE = 1_000


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
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for done, (_, split, unseen) in enumerate(model.splits(positions, lam), start=1):
        contributions = split.contributions
        best = top_k(contributions.sum(axis=1), k, unseen)
        parts.append((best, contributions[best]))
        if len(parts) == _USERS_A_TABLE or done == len(positions):
            progress("recommending", done, len(positions))
            yield _table(users[done - len(parts) : done], ids, parts, columns)
            parts = []


def hide_users(table: pa.Table, workspace: Path) -> pa.Table:
    """Put pseudonyms for the ids of users."""
    from mgrec_core.privacy import WorkspaceKey

    key, ids = WorkspaceKey(workspace), table.column("user_id").to_pylist()
    names = {user: key.pseudonym(user) for user in set(ids)}
    return table.set_column(
        table.schema.get_field_index("user_id"),
        "user_id",
        pa.array([names[user] for user in ids], pa.string()),
    )


def _table(
    users: Sequence[str],
    ids: NDArray[np.object_],
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]],
    columns: pa.Schema,
) -> pa.Table:
    """Rows of a chunk of users."""
    best = np.concatenate([items for items, _ in parts])
    contributions = np.concatenate([values for _, values in parts])
    lengths = [len(items) for items, _ in parts]
    return pa.table(
        [
            pa.array(np.repeat(np.array(users, dtype=object), lengths), pa.string()),
            pa.array(ids[best], pa.string()),
            pa.array(np.concatenate([np.arange(1, n + 1) for n in lengths]), pa.int32()),
            pa.array(contributions.sum(axis=1), pa.float64()),
            *(pa.array(column, pa.float64()) for column in contributions.T),
        ],
        schema=columns,
    )
