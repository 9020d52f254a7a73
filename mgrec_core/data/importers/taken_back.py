"""What the rows of a file of events say of their kind besides its name: pieces taken back, opinions left out.

A shop's export counts what came back in pieces below 0: that is a refund, as a row of that kind is. And a row
without a thumb in a column of thumbs is no opinion; whoever saw a thing and said nothing says little.
"""

from __future__ import annotations

from dataclasses import dataclass

from mgrec_core.data.cells import literal, saying, trimmed
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.mapping.names import fold, words
from mgrec_core.data.importers.staged_cells import any_row
from mgrec_core.data.signals.kinds import kind_of
from mgrec_core.data.staged import Staged

RULE = "taken_back"
REFUND = "refund"
SILENT = "view"
"""Kind of an event that has no opinion where all others of its file do."""

_PIECES = words(
    "quantity qty menge anzahl stueckzahl quantite qte cantidad pieces units lineitemquantity 数量 购买数量"
)
_MANY = 50


@dataclass(frozen=True)
class TakenBack:
    """SQL for rows of pieces that were taken back: which they are, their kinds of use, their weight."""

    condition: str
    uses: tuple[str, ...]
    weight: str | None


def taken_back(run: Import, staged: Staged, kind: str | None, weight: str | None) -> TakenBack | None:
    """Return how rows with a number of pieces below 0 are read; None where there are none.

    Parameters
    ----------
    run, staged
        The running import and the file.
    kind, weight
        The SQL columns that are its kind of event and its weight, if any.
    """
    named = [column for name, column in staged.columns.items() if fold(name) in _PIECES]
    if not named or RULE in run.off:
        return None
    pieces = weight if weight in named else named[0]
    number = f"try_cast(replace({trimmed(pieces)}, ',', '.') AS DOUBLE)"
    condition = f"coalesce(isfinite({number}) AND {number} < 0, false)"
    if not any_row(run.connection, staged, condition):
        return None
    kinds = _kinds(run, staged, kind, condition) if kind else []
    uses = tuple(one for one in kinds if kind_of(one).role != "opinion" and kind_of(one).strength >= 0)
    plain = f"CASE WHEN {condition} THEN replace({pieces}, '-', '') ELSE {pieces} END"
    return TakenBack(condition, uses, plain if pieces == weight else weight)


def with_refunds(event: str, taken: TakenBack | None) -> str:
    """Return SQL for the kind of an event: a refund where pieces were taken back, unless it says more."""
    if taken is None:
        return event
    uses = ", ".join(map(literal, taken.uses))
    plain = f"(_event IS NULL{f' OR lower(_event) IN ({uses})' if uses else ''})"
    return f"CASE WHEN {taken.condition} AND {plain} THEN {literal(REFUND)} ELSE {event} END"


def is_of_opinions(run: Import, staged: Staged, kind: str) -> bool:
    """Whether all that a column of kinds says are opinions, and some of its cells say nothing."""
    nothing = f"{saying(kind, value=True)} IS NULL"
    if not any_row(run.connection, staged, nothing):
        return False
    kinds = _kinds(run, staged, kind, f"NOT ({nothing})")
    return bool(kinds) and all(kind_of(one).known and kind_of(one).role == "opinion" for one in kinds)


def _kinds(run: Import, staged: Staged, kind: str, condition: str) -> list[str]:
    rows = run.connection.execute(
        f"SELECT DISTINCT lower({trimmed(kind)}) FROM {staged.table}"
        f" WHERE {trimmed(kind)} IS NOT NULL AND {condition} LIMIT {_MANY}"
    ).fetchall()
    return [str(one) for (one,) in rows]
