"""Recommendations for many users at once, as Arrow tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.top_k import top_k

_USERS_A_TABLE = 1_000


def schema(parts: Sequence[str], recommended: str = "item_id") -> pa.Schema:
    """Columns of a recommendation table: user_id, ``recommended``, rank, score, contribution_<part>."""
    names = [(f"contribution_{part}", pa.float64()) for part in parts]
    return pa.schema(
        [
            ("user_id", pa.string()),
            (recommended, pa.string()),
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


def hide_people(tables: Iterable[pa.Table], workspace: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Put the workspace's pseudonyms for the ids of people in ``columns``."""
    from mgrec_core.workspace.key import WorkspaceKey

    key = WorkspaceKey(workspace)
    for table in tables:
        for column in columns:
            ids = table.column(column).to_pylist()
            names = {person: key.pseudonym(person) for person in set(ids)}
            hidden = pa.array([names[person] for person in ids], pa.string())
            table = table.set_column(table.schema.get_field_index(column), column, hidden)
        yield table


_OTHER = frozenset({".csv", ".tsv", ".json", ".jsonl", ".xlsx", ".html", ".md", ".gz", ".zip"})
"""Endings that promise something else: a program that trusts them could not read the file."""


def write_parquet(out: str | Path, columns: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Write tables as they come into one Parquet file, which appears when it is whole.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    InputError
        ``out`` is no file name, promises another format or cannot be written.
    """
    out, rows = Path(out), 0
    if not out.name or out.is_dir():
        raise InputError(f"--out {str(out)!r} is no file name: name the Parquet file to write")
    if out.suffix.lower() in _OTHER:
        raise InputError(f"--out {out} is not written: lists are Parquet; name it {out.stem}.parquet")
    aside = out.with_name(out.name + ".part")
    try:
        with pq.ParquetWriter(aside, columns) as writer:
            for table in tables:
                writer.write_table(table)
                rows += table.num_rows
        aside.replace(out)
    except OSError as error:
        raise InputError(f"--out {out} cannot be written ({error.strerror}): choose another path") from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
    return rows


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
