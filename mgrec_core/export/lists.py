"""Recommendations for many users at once, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mgrec_core.engine.subject import Subject
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import replacing
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.model.scoring import best_of

_USERS_A_TABLE = 1_000


def schema(subject: Subject) -> pa.Schema:
    """Columns: user_id, item_id (or target_id), rank, score, contribution_<part>."""
    names = [(f"contribution_{part}", pa.float64()) for part in subject.parts]
    return pa.schema(
        [
            ("user_id", pa.string()),
            (subject.id_column, pa.string()),
            ("rank", pa.int32()),
            ("score", pa.float64()),
            *names,
        ]
    )


def active_users(subject: Subject) -> list[str]:
    """Ids of the users of whom anything is known: for items, those that have at least one event."""
    return [subject.user_ids[n] for n in np.flatnonzero(subject.active_users())]


def recommend(
    subject: Subject, users: Sequence[str], k: int, weights: Weights, progress: Progress = silent
) -> Iterator[pa.Table]:
    """Rank the candidates of many users, a chunk of users at a time.

    Yields
    ------
    pyarrow.Table
        ``k`` rows a user (fewer where there are fewer candidates), in the order of ``users``.
    """
    columns, ids = schema(subject), np.array(subject.target_ids, dtype=object)
    positions = np.array([subject.user(u) for u in users], dtype=np.int64)
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    splits = subject.splits(positions, list(weights.values.values()))
    for done, (_, best, contributions) in enumerate(best_of(splits, k), start=1):
        parts.append((best, contributions))
        if len(parts) == _USERS_A_TABLE or done == len(positions):
            progress("recommending", done, len(positions))
            yield _table(users[done - len(parts) : done], ids, parts, columns)
            parts = []


def write_lists(
    subject: Subject,
    users: Sequence[str] | None,
    k: int,
    weights: Weights,
    out: str | Path,
    *,
    hide: Path | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write the ranked lists of many users into one Parquet file.

    Parameters
    ----------
    users
        Their ids; ``None`` for everybody of whom anything is known that ranks.
    hide
        A workspace, to write its pseudonyms for the ids of people.

    Returns
    -------
    dict
        ``out``, ``users``, ``rows``, ``k``, ``weights`` and ``base``.

    Raises
    ------
    NotFoundError
        An unknown user.
    InputError
        The file cannot be written.
    """
    chosen = active_users(subject) if users is None else users
    for user in chosen:
        subject.user(user)
    tables = recommend(subject, chosen, k, weights, progress)
    if hide is not None:
        people = ["user_id", *([subject.id_column] if subject.target == "users" else [])]
        tables = hide_people(tables, hide, people)
    rows = write_parquet(out, schema(subject), tables)
    return {
        "out": str(out),
        "users": len(chosen),
        "rows": rows,
        "k": k,
        "weights": weights.values,
        "base": weights.base,
    }


def hide_people(tables: Iterable[pa.Table], workspace: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Put the workspace's pseudonyms for the ids of people in ``columns``, and wherever else they stand."""
    from mgrec_core.workspace.folder import Workspace
    from mgrec_core.workspace.pseudonyms import Pseudonyms

    key = Pseudonyms.of(Workspace(workspace))
    for table in tables:
        for column in (field.name for field in table.schema if pa.types.is_string(field.type)):
            ids = table.column(column).to_pylist()
            replaced = key.pseudonym if column in columns else key.text
            names = {one: replaced(one) for one in set(ids)}
            hidden = pa.array([names[one] for one in ids], pa.string())
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
    try:
        with replacing(out) as staged, pq.ParquetWriter(staged, columns) as writer:
            for table in tables:
                writer.write_table(table)
                rows += table.num_rows
    except OSError as error:
        raise refusal(error, f"--out {out}", "written", choose="choose another --out") from None
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
