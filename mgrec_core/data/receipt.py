"""The receipt of an import: what was read, accepted, repaired and rejected, and why.

For every file ``accepted + repaired + rejected = read``. A rejected row is counted under
the first rule it breaks, so the counts of the rejecting rules of a file sum to its
rejected rows; a repaired row may have been repaired by several rules and is counted under each.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

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
        ``"read"`` (what the columns of a file were taken to be),
        ``"switched off"`` (the rule), or, of identifiers, ``"dropped"``, ``"hashed"``, ``"masked"`` or
        ``"kept"``.
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
    """

    dataset: str
    format: str
    counts: dict[str, int]
    files: tuple[FileReceipt, ...]
    reasons: tuple[Reason, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dictionaries and lists, ready for JSON."""
        return {
            "dataset": self.dataset,
            "format": self.format,
            "counts": dict(self.counts),
            "files": [asdict(receipt) for receipt in self.files],
            "reasons": [asdict(reason) for reason in self.reasons],
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

    def ignore(self, file: str, rule: str, explanation: str) -> None:
        """Note a column or a file that is not used; it counts as neither accepted nor rejected."""
        self.reasons.append(Reason(file, rule, "ignored", 1, explanation))

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
        return ImportReport(dataset, format, counts, tuple(self.files), tuple(self.reasons))


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
