"""Splits kept with the workspace: the exact pairs, found again by their fingerprint.

``<workspace>/splits/<fingerprint>.parquet`` holds the held-out pairs; its metadata say how they
were chosen. Asked for by fingerprint, a split is the same even after the rule that chose it
would choose others, or it is refused where its pairs are no longer in the data.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from mgrec_core.evaluation.splits import Split, make_split
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.foundation.files import replacing

if TYPE_CHECKING:
    import pandas as pd

_KEY = b"mgrec.split"


def choose_split(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    kind: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    count: int = 1,
    at: str | None = None,
) -> Split:
    """Make a split and keep it, or find the kept one that ``kind`` names by its fingerprint.

    Parameters
    ----------
    path
        The workspace's folder.

    Raises
    ------
    InputError
        As :func:`~mgrec_core.evaluation.splits.make_split`; or a kept split's pairs are no longer
        in the data.
    NotFoundError
        No split with this fingerprint is kept.
    """
    if re.fullmatch(r"[0-9a-f]{16}", kind):
        split = load_split(path, kind)
        _check(connection, split.test, kind)
        return split
    split = make_split(connection, kind, test_ratio, seed, count, at)
    save_split(path, split)
    return split


def save_split(path: Path, split: Split) -> None:
    """Keep a split; one that is kept already stays as it is.

    A folder that may only be read is no error: the split is made again from its settings.

    Raises
    ------
    NoRoomError
        There is no room for it; what is evaluated would not be kept either.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = _file(path, split.fingerprint)
    if target.is_file():
        return
    how = {name: getattr(split, name) for name in ("kind", "test_ratio", "seed", "count", "at", "n_tied")}
    table = pa.table(
        {name: pa.array(split.test[name].tolist(), pa.string()) for name in ("user_id", "item_id")}
    ).replace_schema_metadata({_KEY: json.dumps(how).encode()})
    try:
        target.parent.mkdir(exist_ok=True)
        with replacing(target) as staged:
            pq.write_table(table, staged)
    except OSError as error:
        if cause_of(error) not in (Cause.FORBIDDEN, Cause.READ_ONLY):
            raise refusal(error, f"the split {target}", "written") from None


def kept_splits(path: Path) -> list[str]:
    """Fingerprints of the kept splits, newest first."""
    files = (path / "splits").glob("*.parquet")
    return [f.stem for f in sorted(files, key=lambda f: f.stat().st_mtime_ns, reverse=True)]


def load_split(path: Path, fingerprint: str) -> Split:
    """Read a kept split.

    Raises
    ------
    NotFoundError
        No split with this fingerprint is kept.
    WorkspaceBrokenError
        Its file is damaged.
    """
    import pyarrow.parquet as pq

    file = _file(path, fingerprint)
    if not file.is_file():
        kept = ", ".join(kept_splits(path)[:5]) or "none yet"
        raise NotFoundError(f"no split {fingerprint} is kept in this workspace (kept: {kept})")
    try:
        table = pq.read_table(file)
        how = json.loads((table.schema.metadata or {})[_KEY])
        test = table.to_pandas()
        split = Split(
            how["kind"],
            float(how["test_ratio"]),
            int(how["seed"]),
            test,
            int(how["count"]),
            how.get("at"),
            int(how.get("n_tied", 0)),
        )
        whole = split.fingerprint == fingerprint
    except (OSError, ValueError, KeyError, TypeError) as error:
        if cause_of(error) not in (None, Cause.DAMAGED):
            raise refusal(error, file) from None
        whole = False
    if not whole:
        raise WorkspaceBrokenError(f"the kept split {fingerprint} is damaged: delete {file} and split again")
    return split


def _check(connection: duckdb.DuckDBPyConnection, test: pd.DataFrame, fingerprint: str) -> None:
    connection.register("kept_split", test.astype("string"))
    ((missing,),) = connection.execute(
        "SELECT count(*) FROM kept_split ANTI JOIN v_history USING (user_id, item_id)"
    ).fetchall()
    connection.unregister("kept_split")
    if missing:
        raise InputError(
            f"{missing} of the {len(test)} pairs of split {fingerprint} are no longer there: split again"
        )


def _file(path: Path, fingerprint: str) -> Path:
    return path / "splits" / f"{fingerprint}.parquet"
