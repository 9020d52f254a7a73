"""The audit log: who did what, when and from where, one JSON line each, in the folder of workspaces.

Files are full at :data:`FILE_BYTES` and only the newest :data:`FILES` stay, so the log has a bound. Each line
holds the digest of the one before it: a line that was changed, removed or put in between breaks the chain,
which :func:`broken` finds. Whoever can write the files could write the whole chain anew; copies elsewhere of
the newest digest show that.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from mgrec_core.foundation.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FOLDER = ".audit"
FILE_BYTES, FILES = 4_000_000, 16
TEXT = 4_000
"""Characters kept of a text, such as a query's; its digest is of all of it."""

FIELDS = (
    "number",
    "at",
    "who",
    "address",
    "action",
    "workspace",
    "outcome",
    "detail",
    "digest",
    "before",
    "hash",
)
_LINE = 40_000  # bytes; longer than any line that is written


def append(
    root: Path, who: str, action: str, *, workspace: str = "", outcome: str = "done", detail: str = "",
    address: str = "",
) -> None:  # fmt: skip
    """Write one line.

    Parameters
    ----------
    who
        E-mail address or ``sub`` of the person, or ``local`` where nobody signs in.
    action
        What was done.
    outcome
        ``done`` or ``refused``.
    detail
        More about it; never a secret. Its digest is kept with it.
    address
        Of the visitor's machine.

    Raises
    ------
    InputError
        The log cannot be written.
    """
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / "lock", timeout=10):
            number, before, file = _end(folder)
            row = {
                "number": number + 1,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "who": who[:200],
                "address": address[:100],
                "action": action[:100],
                "workspace": workspace[:100],
                "outcome": outcome,
                "detail": detail[:TEXT],
                "digest": hashlib.sha256(detail.encode("utf-8", "replace")).hexdigest() if detail else "",
                "before": before,
            }
            line = json.dumps(row | {"hash": _hash(row)}) + "\n"
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as out:
                out.write(line)
    except (OSError, TimeoutError) as error:
        reason = getattr(error, "strerror", None) or "it is locked"
        raise InputError(
            f"the audit log cannot be written ({reason}): whoever runs the server can mend it"
        ) from None


def broken(root: Path) -> int | None:
    """Return the number of the first line that does not follow from the one before, or None."""
    before: str | None = None
    number: int | None = None
    for file in _files(root / FOLDER):
        with file.open("rb") as lines:
            for line in lines:
                row = _row(line)
                expected = row.pop("hash", None)
                here = row.get("number")
                follows = before is None or (row.get("before") == before and here == (number or 0) + 1)
                if not isinstance(here, int) or not follows or expected != _hash(row):
                    return here if isinstance(here, int) else (number or 0) + 1
                before, number = expected, here
    return None


def read(root: Path, sql: str = "SELECT * FROM v_audit ORDER BY number DESC LIMIT 1000") -> pd.DataFrame:
    """Return what a query over the view ``v_audit`` gives; the view has the columns :data:`FIELDS`."""
    import duckdb

    files = [str(file) for file in _files(root / FOLDER)]
    columns = dict.fromkeys(FIELDS, "VARCHAR") | {"number": "BIGINT", "at": "TIMESTAMPTZ"}
    with closing(duckdb.connect()) as connection:
        if files:
            connection.read_json(
                files, columns=columns, format="newline_delimited", ignore_errors=True,
                maximum_object_size=_LINE,
            ).create_view("v_audit")  # fmt: skip
        else:
            empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
            connection.execute(f"CREATE VIEW v_audit AS SELECT {empty} WHERE false")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql).df()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("audit-*.jsonl"))


def _end(folder: Path) -> tuple[int, str, Path]:
    """Return number and hash of the newest line, and the file that the next one goes into."""
    files = _files(folder)
    if not files:
        return 0, "", folder / "audit-000001.jsonl"
    newest = files[-1]
    with newest.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LINE))
        lines = file.read().splitlines()
    row = _row(lines[-1]) if lines else {}
    # A line that cannot be read is followed by one that says so: its chain is broken there, for good.
    number = row.get("number")
    number = number if isinstance(number, int) else 0
    if size < FILE_BYTES:
        return number, str(row.get("hash", "")), newest
    place = int(newest.stem.rpartition("-")[2]) + 1
    for old in files[: len(files) + 1 - FILES]:
        old.unlink(missing_ok=True)
    return number, str(row.get("hash", "")), folder / f"audit-{place:06}.jsonl"


def _row(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _hash(row: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
