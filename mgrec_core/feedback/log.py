"""The log of feedback in ``state.duckdb``: who said what of which item, and what was shown then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.workspace.state import Row, StateFile

THUMBS = ("like", "dislike")
UNWANTED = ("dislike", "dismiss")
"""Kinds after which a list may leave an item out."""
OPINIONS = (*THUMBS, "dismiss")
"""Kinds that say what a user thinks of an item; the newest of them holds, whatever was clicked since."""
_COLUMNS = "id, made, user_id, item_id, kind, rank, list, weights, base, origin"


@dataclass(frozen=True)
class Feedback:
    """One piece of feedback.

    Attributes
    ----------
    kind
        ``like``, ``dislike``, ``click``, ``purchase``, ``dismiss`` or another that has a strength.
    rank
        Place of the item in the list that was shown, from 1; ``None`` when there was none.
    shown
        Item ids of that list, best first.
    weights, base
        λ under which it was ranked.
    origin
        ``page`` or ``import``.
    made
        UTC.
    id
        Its number, from 1; 0 before it is kept.
    """

    user_id: str
    item_id: str
    kind: str
    rank: int | None = None
    shown: tuple[str, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    base: str = ""
    origin: str = "page"
    made: datetime | None = None
    id: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self) | {
            "shown": list(self.shown),
            "made": self.made.isoformat() if self.made else None,
        }


def insert(connection: duckdb.DuckDBPyConnection, rows: Sequence[Feedback]) -> list[int]:
    """Append rows to the log of an open state file; return their numbers."""
    found = connection.execute("SELECT coalesce(max(id), 0) FROM feedback_log").fetchone()
    first = int(found[0]) + 1 if found else 1
    now = datetime.now(UTC).replace(tzinfo=None)
    cells = [
        (
            first + n, row.made or now, row.user_id, row.item_id, row.kind, row.rank,
            json.dumps(list(row.shown)), json.dumps(row.weights), row.base, row.origin,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip
    for part in slices(len(cells), 1, 500):  # a statement a row is slow, one for all is too long
        chunk = cells[part]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(chunk))
        connection.execute(
            f"INSERT INTO feedback_log ({_COLUMNS}) VALUES {marks}", [cell for row in chunk for cell in row]
        )
    return [first + n for n in range(len(rows))]


class FeedbackLog:
    """Feedback of one workspace, which every page asks for."""

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path)

    def all(self) -> list[Feedback]:
        """Everything, oldest first.

        Raises
        ------
        WorkspaceBrokenError
            The state file is damaged.
        """
        return self._file.read("feedback_log", f"SELECT {_COLUMNS} FROM feedback_log ORDER BY id", _all)

    def of_user(self, user_id: str) -> list[Feedback]:
        """What one user said, oldest first."""
        return [row for row in self.all() if row.user_id == user_id]

    def thumbs(self, user_id: str) -> dict[str, str]:
        """Item id → ``like`` or ``dislike``, the newest word on each item."""
        return {row.item_id: row.kind for row in self.of_user(user_id) if row.kind in THUMBS}

    def one(self, number: int) -> Feedback:
        """The piece with this number.

        Raises
        ------
        NotFoundError
            There is none.
        """
        for row in self.all():
            if row.id == number:
                return row
        raise NotFoundError(f"there is no feedback {number}: `feedback list` shows what there is")


def check(rows: Iterable[Feedback], kinds: Iterable[str]) -> None:
    """Refuse a kind without a strength.

    Raises
    ------
    InputError
        Naming the kind and those that there are.
    """
    known = set(kinds)
    for row in rows:
        if row.kind not in known:
            raise InputError(
                f"unknown kind of feedback {row.kind[:40]!r}: choose among {', '.join(sorted(known))}"
            )


def _all(rows: list[Row]) -> list[Feedback]:
    return [_feedback(row) for row in rows]


def _feedback(row: Sequence[object]) -> Feedback:
    number, made, user, item, kind, rank, shown, weights, base, origin = row
    return Feedback(
        str(user), str(item), str(kind),
        rank=None if rank is None else int(str(rank)),
        shown=tuple(str(i) for i in json.loads(str(shown or "[]"))),
        weights={str(g): float(w) for g, w in json.loads(str(weights or "{}")).items()},
        base=str(base or ""), origin=str(origin or ""),
        made=made if isinstance(made, datetime) else None, id=int(str(number)),
    )  # fmt: skip
