"""Every value of an import against the cells of its files, as :mod:`fuzz_reader` reads them.

Of a damaged file nobody can say what it must become, but much of what it cannot: a row of a table is right
only if one record of the file, read in one of the possible ways, allows all of its values together, and
no more rows may be equal than there are such records.
"""

from __future__ import annotations

import collections
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import openpyxl

from mgrec_core.data.receipt import ImportReport
from tests.data.importers import fuzz_reader as read
from tests.data.importers.fuzz_reader import Record

EVENTS = "SELECT user_id, item_id, event, weight, rating, timestamp, session_id FROM events"
ITEMS = (
    "SELECT item_id, title, description FROM items"
    " WHERE item_id NOT IN (SELECT id FROM implied WHERE kind = 'item')"
)
Row = tuple[object, ...]
Allowed = Sequence[set[object]]
"""What each value of a row may be."""


@dataclass(frozen=True)
class Claim:
    """Rows of a table that come from the records of a file.

    Attributes
    ----------
    file
        Its stem; the ending may be another.
    needed
        Columns, in their order where there is no header line.
    sql
        The rows.
    allows
        Record → what each value of a row of it may be, one sequence for each row that it may give.
    """

    file: str
    needed: tuple[str, ...]
    sql: str
    allows: Callable[[Record], Iterable[Allowed]]
    headless: bool = False
    once: bool = False
    """Whether equal rows of the file make one."""


def check(
    what: str, claims: Sequence[Claim], files: Mapping[str, bytes], found: ImportReport, database: Path
) -> int:
    """Compare an import's rows with what its files allow; return how many values that were.

    Raises
    ------
    AssertionError
        A row has values that no record of its file allows.
    """
    compared = 0
    with duckdb.connect(str(database), read_only=True) as connection:
        for claim in claims:
            stored = connection.execute(claim.sql).fetchall()
            rows = collections.Counter(tuple(map(_blurred, row)) for row in stored)
            if not rows:
                continue
            hashed = any(
                one.action in ("hashed", "dropped") and claim.file in one.file for one in found.reasons
            )
            left, seen = _unexplained(claim, files, rows, hashed)
            assert not left, (what, claim.file, claim.sql[:70], list(left.items())[:3], seen[:2])
            compared += sum(n * len(row) for row, n in rows.items())
        _check_counts(what, found, connection)
    return compared


COUNTED = {
    "events": "SELECT count(*) FROM events",
    "items": "SELECT count(*) FROM items WHERE item_id NOT IN (SELECT id FROM implied WHERE kind = 'item')",
    "users": "SELECT count(*) FROM users WHERE user_id NOT IN (SELECT id FROM implied WHERE kind = 'user')",
    "tags": "SELECT count(*) FROM tags",
}
SEVERAL = ("mind", "seed-csv", "online-retail", "complete-journey")
"""Formats of which a line may be several rows or none."""


def _check_counts(what: str, found: ImportReport, connection: duckdb.DuckDBPyConnection) -> None:
    """As many rows are there as the receipt says were taken."""
    for target, sql in COUNTED.items():
        taken = [one.accepted + one.repaired for one in found.files if one.target == target]
        if taken and found.format not in SEVERAL:
            ((there,),) = connection.execute(sql).fetchall()
            assert there == sum(taken), (what, target, there, taken)


PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,40}|")


def check_kept(
    what: str, claims: Sequence[Claim], files: Mapping[str, bytes], found: ImportReport, database: Path
) -> int:
    """No plain record is lost that the receipt does not count as refused; return how many are there.

    Raises
    ------
    AssertionError
        More are lost than were refused.
    """
    kept = 0
    for claim in claims:
        data = next((data for name, data in files.items() if name.rpartition(".")[0] == claim.file), None)
        refused = sum(one.rejected for one in found.files if one.file.rpartition(".")[0] == claim.file)
        if (
            not claim.sql.startswith((EVENTS, ITEMS))
            or data is None
            or not claim.needed
            or any(one.action in ("hashed", "dropped") for one in found.reasons)
        ):
            continue
        with duckdb.connect(str(database), read_only=True) as connection:
            rows = {tuple(map(_blurred, row)) for row in connection.execute(claim.sql).fetchall()}
        records = max(read.readings(data, claim.needed, claim.headless), key=len, default=[])
        for record in records:
            if not all(map(PLAIN.fullmatch, record.values())):
                continue
            made = list(claim.allows(collections.defaultdict(str, record)))
            there = [any(_allows(allowed, row, False) for row in rows) for allowed in made if all(allowed)]
            kept += sum(there)
            refused -= any(not one for one in there)
        assert refused >= 0, (what, claim.file, claim.sql[:60], refused, list(rows)[:3])
    return kept


def _blurred(value: object) -> object:
    return read.same(value) if isinstance(value, str) else value


def _unexplained(
    claim: Claim, files: Mapping[str, bytes], rows: Mapping[Row, int], hashed: bool
) -> tuple[dict[Row, int], list[Record]]:
    """Return the rows that no way of reading the file explains, and some records."""
    best, seen = dict(rows), list[Record]()
    for records in readings(claim, files):
        seen = seen or records[:2]
        left = _left(claim, records, {row: rows[row] for row in best}, hashed)
        # Lines of one file may be read in different ways.
        best = {row: min(n, left[row]) for row, n in best.items() if row in left}
        if not best:
            break
    return best, seen


def _left(claim: Claim, records: Iterable[Record], rows: Mapping[Row, int], hashed: bool) -> dict[Row, int]:
    """Return how many of each row are more than there are records that allow them."""
    kept = dict(rows)
    for key, times in collections.Counter(tuple(one.items()) for one in records).items():
        for allowed in claim.allows(collections.defaultdict(str, key)):
            for row in [row for row in kept if _allows(allowed, row, hashed)]:
                kept[row] -= kept[row] if claim.once else times
                if kept[row] <= 0:
                    del kept[row]
    return kept


def _allows(allowed: Allowed, row: Row, hashed: bool) -> bool:
    """Return whether a record allows a row; pseudonyms of ids may be anything."""
    return all(
        value in one or (hashed and isinstance(value, str)) for value, one in zip(row, allowed, strict=True)
    )


def readings(claim: Claim, files: Mapping[str, bytes]) -> Iterator[list[Record]]:
    """Yield the records of a claim's file, or of the table of that name, in each way of reading it."""
    for name, data in files.items():
        stem = name.removesuffix(".gz")
        if stem == claim.file or stem.rpartition(".")[0] == claim.file:
            if stem.endswith(".jsonl"):
                yield read.records(data)
            else:
                yield from read.readings(data, claim.needed, claim.headless)
        elif stem.endswith((".sqlite", ".duckdb", ".xlsx")):
            yield from _tables(claim.file, stem, read.unpacked(data))


def _tables(table: str, name: str, data: bytes) -> Iterator[list[Record]]:
    """Yield the rows of a table of a database, or of a sheet, of which the first row has the names."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        found: list[Sequence[object]]
        if name.endswith(".xlsx"):
            book = openpyxl.load_workbook(path, data_only=True)
            if table not in book.sheetnames:
                return
            found = list(book[table].iter_rows(values_only=True))
        elif name.endswith(".sqlite"):
            with sqlite3.connect(path) as database:
                database.text_factory = lambda one: one.decode("utf-8", "replace")
                cursor = database.execute(f"SELECT * FROM {table}")
                found = [[one[0] for one in cursor.description], *cursor.fetchall()]
            database.close()
        else:
            with duckdb.connect(str(path), read_only=True) as connection:
                cursor = connection.execute(f"FROM {table}")
                found = [[one[0] for one in cursor.description], *cursor.fetchall()]
    head = [str(one).lower() for one in found[0]]
    yield [
        dict(zip(head, ("" if one is None else str(one) for one in row), strict=False)) for row in found[1:]
    ]
