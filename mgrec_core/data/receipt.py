"""The receipt of an import: what was read, accepted, repaired and rejected, and why.

For every file ``accepted + repaired + rejected = read``. A rejected row is counted under
the first rule it breaks, so the counts of the rejecting rules of a file sum to its
rejected rows; a repaired row may have been repaired by several rules and is counted under each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from mgrec_core.data.identifiers import mask
from mgrec_core.data.questions import Question
from mgrec_core.foundation.text import shorten

COUNTED = {
    "users": "users",
    "items": "items",
    "events": "events",
    "item_attributes": "item_attributes",
    "kg": "kg",
    "social": "social",
    "feedback": "feedback",
    "tags": "tags",
}
RARE = ("ads", "ad_events")
"""Tables that hardly any source fills: counted where there are rows."""

READ_AS = "read as"
"""Action of the lines that say what values, columns and files were taken to be."""

FIRST_ROWS = 10
"""Rows of a file that are shown before anything is done with them."""
_WIDEST = 40
_LONGEST = 200

_COLUMN = re.compile(r"the column ('.*') (.*)", re.DOTALL)
_UNDATED = ("bad_timestamp", "impossible_date")
_MEANINGS = ("signals", "taken_back", "ids_do_not_meet", "joined_nothing")


@dataclass(frozen=True)
class FileReceipt:
    """What became of the rows of one file.

    Attributes
    ----------
    file
        File name inside the source folder.
    target
        Table the rows went to, or ``"ignored"`` for a file that is not read.
    read, accepted, repaired, rejected
        Rows; the last three sum to the first.
    """

    file: str
    target: str
    read: int
    accepted: int
    repaired: int
    rejected: int


@dataclass(frozen=True)
class Reason:
    """One rule that changed or refused rows of one file.

    Attributes
    ----------
    file
        File name inside the source folder.
    rule
        Name of the rule, see :data:`mgrec_core.data.cleaning.RULES`.
    action
        ``"repaired"``, ``"rejected"``, ``"ignored"`` (a column or file that holds nothing of interest),
        ``"read as"`` (what values, columns and files were taken to be), ``"switched off"`` (the rule), or, of
        identifiers, ``"dropped"``, ``"hashed"``, ``"masked"`` or ``"kept"``.
    count
        Rows the rule applied to; for ``"ignored"``, columns or files.
    explanation
        One sentence in plain words.
    """

    file: str
    rule: str
    action: str
    count: int
    explanation: str

    @property
    def repeats(self) -> bool:
        """Whether it left rows out of which the workspace holds another that says the same."""
        return self.rule.startswith("duplicate_")

    @property
    def said(self) -> str:
        """The action in the reader's words: a product in two lines of an order is no fault of the lines."""
        return "repeated" if self.repeats and self.action == "rejected" else self.action

    @property
    def undates(self) -> bool:
        """Whether it took the time from rows."""
        return self.rule in _UNDATED

    @property
    def matters(self) -> bool:
        """Whether it changes results: rows lost, undated or without a known id, or what values mean."""
        if self.rule in _MEANINGS:
            return True
        lost = self.action == "rejected" and not self.repeats
        return lost or self.undates or (self.action == "repaired" and self.rule.startswith("unknown_"))


def ordered(reasons: Sequence[Reason]) -> list[Reason]:
    """What changes results first, then repairs, repeated rows, and what is not used; most rows first."""
    rank = {"rejected": 2, "repaired": 1, "ignored": 4}

    def key(reason: Reason) -> tuple[int, int, str, str]:
        return 0 if reason.matters else rank.get(reason.action, 3), -reason.count, reason.file, reason.rule

    return sorted(reasons, key=key)


@dataclass(frozen=True)
class Rows:
    """The first rows of a file as they stand in it, to be shown.

    Attributes
    ----------
    file
        File name inside the source folder.
    columns
        The first of its columns.
    rows
        A text a cell, empty where there is nothing; long ones are cut.
    n_columns
        How many columns there are.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_columns: int

    @classmethod
    def of(cls, file: str, columns: Sequence[str], cells: Sequence[Sequence[Any]]) -> Rows:
        """Cut what was read to what can be shown."""
        rows = tuple(
            tuple("" if cell is None else shorten(mask(str(cell)), _LONGEST) for cell in row[:_WIDEST])
            for row in cells[:FIRST_ROWS]
        )
        return cls(file, tuple(columns[:_WIDEST]), rows, len(columns))

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Rows:
        """Return what :func:`dataclasses.asdict` gave."""
        rows = tuple(tuple(row) for row in found["rows"])
        return cls(found["file"], tuple(found["columns"]), rows, found["n_columns"])


@dataclass(frozen=True)
class ImportReport:
    """The result of an import.

    Attributes
    ----------
    dataset
        Human name of the data.
    format
        Format the source was read as.
    counts
        Rows of each table that was filled.
    files
        One receipt a file, in the order read.
    reasons
        Every rule that applied, by file.
    questions
        Doubtful readings that a person can settle.
    first
        Of a preview: the first rows of each file as they were read.
    """

    dataset: str
    format: str
    counts: dict[str, int]
    files: tuple[FileReceipt, ...]
    reasons: tuple[Reason, ...]
    questions: tuple[Question, ...] = ()
    first: tuple[Rows, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dictionaries and lists, ready for JSON."""
        asked = {"questions": [one.to_dict() for one in self.questions]} if self.questions else {}
        return {
            "dataset": self.dataset,
            "format": self.format,
            "counts": dict(self.counts),
            "files": [asdict(receipt) for receipt in self.files],
            "reasons": [asdict(reason) for reason in self.reasons],
            **asked,
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> ImportReport:
        """Return what :meth:`to_dict` gave."""
        return cls(
            found["dataset"],
            found["format"],
            dict(found["counts"]),
            tuple(FileReceipt(**one) for one in found["files"]),
            tuple(Reason(**one) for one in found["reasons"]),
            tuple(Question.from_dict(one) for one in found.get("questions", ())),
        )


@dataclass(frozen=True)
class ExampleRow:
    """A row that a rule applied to, kept so that the analyst can find it in the file.

    Attributes
    ----------
    file, rule
        As in :class:`Reason`.
    row_number
        The row among the readable rows of the file, from 1; for ``malformed_line`` the line of the file.
    content
        The cells, joined, on one line.
    """

    file: str
    rule: str
    row_number: int | None
    content: str


class ReceiptWriter:
    """Collects what an importer did and writes it to the workspace's tables."""

    def __init__(self) -> None:
        self.files: list[FileReceipt] = []
        self.reasons: list[Reason] = []
        self.examples: list[ExampleRow] = []
        self.questions: list[Question] = []
        self.first: list[Rows] = []
        self._columns: dict[tuple[str, str, str], tuple[Reason, list[str]]] = {}

    def ignore(self, file: str, rule: str, explanation: str) -> None:
        """Note a column or a file that is not used; it counts as neither accepted nor rejected.

        The columns of one file are one reason that names them all: a line each would hide what matters.
        """
        column = _COLUMN.fullmatch(explanation)
        if column is None:
            self.reasons.append(Reason(file, rule, "ignored", 1, explanation))
            return
        before, names = self._columns.get((file, rule, column[2]), (None, []))
        names.append(column[1])
        if before in self.reasons:
            self.reasons.remove(before)
            why = re.sub(r"\bhas\b", "have", re.sub(r"\bis\b", "are", column[2]))
            explanation = f"{len(names)} columns {why}: {', '.join(names)}"
        told = Reason(file, rule, "ignored", len(names), explanation)
        self.reasons.append(told)
        self._columns[file, rule, column[2]] = told, names

    def tell(self, connection: duckdb.DuckDBPyConnection, reason: Reason) -> None:
        """Add a line to a receipt that is written already."""
        self.reasons.append(reason)
        connection.execute("INSERT INTO import_reasons VALUES (?, ?, ?, ?, ?)", list(asdict(reason).values()))

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Insert everything collected into the three ``import_*`` tables."""
        for table, rows in (
            ("import_files", [tuple(asdict(row).values()) for row in self.files]),
            ("import_reasons", [tuple(asdict(row).values()) for row in self.reasons]),
            ("import_examples", [tuple(asdict(row).values()) for row in self.examples]),
        ):
            if rows:
                holes = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({holes})", rows)

    def report(self, connection: duckdb.DuckDBPyConnection, dataset: str, format: str) -> ImportReport:
        """Close the receipt: count the tables and return the report."""
        counts = {name: count_rows(connection, table) for name, table in COUNTED.items()}
        counts |= {table: n for table in RARE if (n := count_rows(connection, table))}
        return ImportReport(
            dataset,
            format,
            counts,
            tuple(self.files),
            tuple(self.reasons),
            tuple(self.questions),
            tuple(self.first),
        )


def count_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of rows of a table whose name this package chose."""
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(rows)


def read_receipt(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[tuple[FileReceipt, ...], tuple[Reason, ...], tuple[ExampleRow, ...]]:
    """Read the three `import_*` tables: files, rules that applied (most rows first), example rows."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    return (
        tuple(FileReceipt(*row) for row in rows("SELECT * FROM import_files ORDER BY file, target")),
        tuple(
            Reason(*row)
            for row in rows("SELECT * FROM import_reasons ORDER BY count DESC, file, rule, action")
        ),
        tuple(
            ExampleRow(*row)
            for row in rows("SELECT * FROM import_examples ORDER BY file, rule, row_number, content")
        ),
    )
