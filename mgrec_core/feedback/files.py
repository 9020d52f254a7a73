"""Feedback from a file: CSV (also .gz), Parquet or JSON lines, each row accepted or rejected with a reason.

Columns: ``user_id``, ``item_id``, ``kind``, and optionally ``timestamp`` (epoch seconds or ISO 8601),
``rank`` (place in the list, from 1), ``list`` (item ids as a JSON array or separated by ``|``) and
``weights`` (a JSON object or ``g=λ,…``; ``base`` too).
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.feedback.log import Feedback
from mgrec_core.foundation.errors import InputError, MgrecError, NotFoundError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.fusion.weights import check_name, parse_weights

if TYPE_CHECKING:
    from mgrec_core.feedback.learning import FeedbackLearner

_NEEDED = ("user_id", "item_id", "kind")
_OPTIONAL = ("timestamp", "rank", "list", "weights", "base")
_LINES = (".jsonl", ".ndjson")
_TABLES = (".csv", ".csv.gz", ".tsv", ".parquet")


@dataclass(frozen=True)
class Read:
    """What a file holds.

    Attributes
    ----------
    rows
        The accepted ones, in order of time, then of the file.
    read
        How many rows there are.
    reasons
        Rejected rows by reason.
    """

    rows: list[Feedback]
    read: int
    reasons: dict[str, int]

    @property
    def rejected(self) -> int:
        """How many rows were rejected."""
        return sum(self.reasons.values())

    @property
    def told(self) -> str:
        """The rejections in one line."""
        why = ", ".join(f"{n} {reason}" for reason, n in sorted(self.reasons.items(), key=lambda r: -r[1]))
        return f"{self.rejected} of {self.read} rows were rejected: {why}"


def read_feedback(path: Path, learner: FeedbackLearner, progress: Progress = silent) -> Read:
    """Read and check a file against the workspace; nothing is changed.

    A dated row that is in the log already, or twice in the file, is rejected as read before, so that
    the same file can be given again.

    Raises
    ------
    NotFoundError
        There is no such file.
    InputError
        It cannot be read, a column is missing, or not one row is valid.
    """
    if not path.is_file():
        raise NotFoundError(f"feedback file {path} does not exist: check the path")
    progress("reading", 0, 1, path.name)
    reasons: Counter[str] = Counter()
    rows: list[Feedback] = []
    read = 0
    seen = {_key(row) for row in learner.log.all() if row.made}
    users, kinds = set(learner.engine.user_ids), learner.settings.strengths
    for cells in _cells(path):
        read += 1
        try:
            row = _row(cells)
            if row.user_id not in users:
                raise _Rejected("unknown user")
            if not learner.engine.knows_item(row.item_id):
                raise _Rejected("unknown item")
            if row.kind not in kinds:
                raise _Rejected("unknown kind")
            if row.made and _key(row) in seen:
                raise _Rejected("read before")
        except _Rejected as reason:
            reasons[str(reason)] += 1
            continue
        if row.made:
            seen.add(_key(row))
        rows.append(row)
    progress("reading", 1, 1, path.name)
    found = Read(sorted(rows, key=lambda r: r.made or datetime.min), read, dict(reasons))
    if not rows:
        told = found.told if read else "it has no rows"
        raise InputError(f"{path.name} holds no usable feedback, so nothing was changed: {told}")
    return found


class _Rejected(Exception):
    """Why a row is not taken."""


def _key(row: Feedback) -> tuple[str, str, str, datetime | None]:
    return row.user_id, row.item_id, row.kind, row.made


def _cells(path: Path) -> Iterator[Mapping[str, Any] | None]:
    """Rows as dictionaries; ``None`` for one that cannot be read at all."""
    name = path.name.lower()
    if name.endswith(_LINES):
        yield from _json_lines(path)
    elif name.endswith(_TABLES):
        yield from _table(path)
    else:
        raise InputError(f"{path.name} is of no known kind: give .csv, .csv.gz, .parquet or .jsonl")


def _json_lines(path: Path) -> Iterator[Mapping[str, Any] | None]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for line in lines:
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                except ValueError:
                    value = None
                yield value if isinstance(value, dict) else None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path.name} cannot be read as UTF-8 text: write the file again") from None


def _table(path: Path) -> Iterator[Mapping[str, Any] | None]:
    import duckdb

    from mgrec_core.data.importers.reading import stage

    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        staged = stage(connection, path, Path(scratch))
        columns = {name: staged.need(name) for name in _NEEDED}
        columns |= {name: sql for name in _OPTIONAL if (sql := staged.find(name))}
        found = connection.execute(f"SELECT {', '.join(columns.values())} FROM {staged.table} ORDER BY _row")
        while chunk := found.fetchmany(10_000):
            for row in chunk:
                yield dict(zip(columns, row, strict=True))
        yield from [None] * staged.lost


def _row(cells: Mapping[str, Any] | None) -> Feedback:
    if cells is None:
        raise _Rejected("unreadable line")
    texts = {}
    for name in _NEEDED:
        value = cells.get(name)
        texts[name] = "" if value is None or isinstance(value, dict | list) else str(value).strip()
        if not texts[name]:
            raise _Rejected(f"without {name}")
    return Feedback(
        texts["user_id"], texts["item_id"], texts["kind"].lower(),
        rank=_rank(cells.get("rank")),
        shown=_list(cells.get("list")),
        weights=_weights(cells.get("weights")),
        base=_base(cells.get("base")),
        origin="import",
        made=_time(cells.get("timestamp")),
    )  # fmt: skip


def _rank(value: Any) -> int | None:
    if value is None or str(value).strip() == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (1 <= number <= 1_000_000) or number != int(number):
        raise _Rejected("with a rank that is no whole number from 1")
    return int(number)


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                value = json.loads(text)
            except ValueError:
                raise _Rejected("with an unreadable list") from None
        else:
            value = [part.strip() for part in text.split("|") if part.strip()]
    if value is None:
        return ()
    if not isinstance(value, list) or any(isinstance(i, dict | list) for i in value):
        raise _Rejected("with an unreadable list")
    return tuple(str(i) for i in value)


def _weights(value: Any) -> dict[str, float]:
    if value is None or value == "":
        return {}
    try:
        if isinstance(value, str):
            value = json.loads(value) if value.strip().startswith("{") else parse_weights(value) or {}
        found = {str(g): float(w) for g, w in value.items()}
        for name, weight in found.items():
            check_name(name)
            if not 0 <= weight <= 1:
                raise ValueError(weight)
    except (MgrecError, ValueError, TypeError, AttributeError):
        raise _Rejected("with unreadable weights") from None
    return found


def _base(value: Any) -> str:
    try:
        if value:
            check_name(str(value))
    except MgrecError:
        raise _Rejected("with an unknown base") from None
    return str(value or "")


def _time(value: Any) -> datetime | None:
    """UTC from epoch seconds (or milliseconds) or ISO 8601."""
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    try:
        try:
            seconds = float(text)
        except ValueError:
            made = datetime.fromisoformat(text)
            made = made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)
        else:
            made = datetime.fromtimestamp(seconds / 1000 if seconds >= 1e11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise _Rejected("with an unreadable timestamp") from None
    if not datetime(1970, 1, 1, tzinfo=UTC) <= made <= datetime.now(UTC) + timedelta(days=1):
        raise _Rejected("with an impossible date")
    return made.replace(tzinfo=None)
