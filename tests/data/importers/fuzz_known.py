"""Interactions whose import the fuzzer knows beforehand: which events, and how many of what were refused.

Rows with hostile texts, some of them dirty in one known way each, are written in a dialect that the seed
chooses: separator, quotes, line ends, byte order mark, encoding, compression, order of columns, or Parquet.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow
from pyarrow import parquet

from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation.errors import InputError

COLUMNS = ("user_id", "item_id", "event", "weight", "rating", "timestamp", "session_id")
TEXTS = (
    "=HYPERLINK(1)", "+1+1", "@SUM(A1)", "-2+3", "=cmd|' /C calc'!A0", "a,b", 'say "hi"', '"', "a;b", "a\tb",
    "a|b", "two\nlines", "'); DROP TABLE events; --", "{x}", "%s", "$1", "\\", "NULL", "nan", "inf", "007",
    "c0", "_row", "1e5", "true", "Ünï", "日本", "🎸", "<script>alert(1)</script>", "a  b", "::", "N/A",
    "x" * 70_000,
)  # fmt: skip
ENDS = (("\n",), ("\r\n",), ("\n", "\r\n"), ("\r",), ("\n", "\r", "\r\n"))


@dataclass
class Known:
    """What a folder holds and what its import must leave.

    Attributes
    ----------
    files
        Name → content.
    what
        The dialect, for messages.
    events
        The rows of ``events`` but for their numbers, in any order.
    read, repaired, rejected
        Rows of the file.
    reasons
        Rule → rows.
    """

    files: dict[str, bytes]
    what: str
    events: Counter[tuple[object, ...]]
    read: int
    repaired: int
    rejected: int
    reasons: Counter[str] = field(default_factory=Counter)


def known(chance: random.Random) -> Known:
    """Make a folder of interactions and say what its import must leave."""
    typed = chance.random() < 0.3
    given = ["user_id", "item_id", *(name for name in COLUMNS[2:] if chance.random() < 0.8), "session_id"]
    given = list(dict.fromkeys(given))  # the session tells every row from every other
    rows, kept, reasons = [], [], Counter[str]()
    repaired = rejected = 0
    for number in range(chance.randrange(1, 60)):
        row = _row(chance, number)
        rule, changed, then = _dirt(chance, row, typed) if chance.random() < 0.3 else ("", row, row)
        if any(changed[name] != row[name] and name not in given for name in COLUMNS):
            rule, changed, then = "", row, row
        rows.append({name: changed[name] for name in given})
        if rule:
            reasons[rule] += 1
            repaired, rejected = repaired + (then is not None), rejected + (then is None)
        if then is not None:
            kept.append({name: then[name] if name in given else None for name in COLUMNS})
        if not rule and "timestamp" in given and row["timestamp"] and chance.random() < 0.05:
            rows.append(rows[-1])
            reasons["duplicate_event"] += 1
            rejected += 1
    for one in kept:
        one["event"] = one["event"] or ("rating" if one["rating"] is not None else "interaction")
    if chance.random() < 0.5:
        chance.shuffle(rows)
    chance.shuffle(given)
    what, files = _parquet(chance, given, rows) if typed else _text(chance, given, rows)
    events = Counter(tuple(one[name] for name in COLUMNS) for one in kept)
    return Known(files, what, events, len(rows), repaired, rejected, reasons)


def check(known: Known, report: ImportReport | InputError, database: Path) -> None:
    """Compare an import, or why there is none, with what was known of it.

    Raises
    ------
    AssertionError
        It is another.
    """
    if isinstance(report, InputError):
        assert not known.events and "none of" in str(report), (known.what, str(report))
        return
    (told,) = report.files
    found = (told.read, told.repaired, told.rejected)
    reasons = {one.rule: one.count for one in report.reasons if one.action in ("repaired", "rejected")}
    whole = reasons.pop("utf16", None)  # a matter of the file: all of its rows were
    assert reasons == known.reasons, (known.what, reasons, known.reasons)
    assert found == (known.read, whole or known.repaired, known.rejected), (known.what, found)
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM events").fetchall()
        assert Counter(rows) == known.events, (known.what, Counter(rows) - known.events)
        for place, table in enumerate(("users", "items")):
            ids = {one for (one,) in connection.execute(f"SELECT {table[:-1]}_id FROM {table}").fetchall()}
            assert ids == {row[place] for row in known.events}, (known.what, table)


def _row(chance: random.Random, number: int) -> dict[str, object]:
    """A clean row; what is no number or time is a text."""
    moment = datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=chance.randrange(100_000_000))
    return {
        "user_id": f"{chance.choice(TEXTS)}{chance.choice('uv')}",
        "item_id": f"{chance.choice('ij')}{chance.choice(TEXTS)}",
        "event": chance.choice(("click", "purchase", "=1+1", "it's", 'a "b"')),
        "weight": chance.choice((None, 0.0, 1.0, 2.5, 1e12)),
        "rating": chance.choice((None, -3.0, 4.5)),
        "timestamp": chance.choice((None, moment, moment)),
        "session_id": f"s{number} {chance.choice(TEXTS)}s",
    }


def _dirt(
    chance: random.Random, row: dict[str, object], typed: bool
) -> tuple[str, dict[str, object], dict[str, object] | None]:
    """Return a rule, the row that breaks it, and what is left of that (None: it is refused)."""
    far = datetime.datetime(2999, 1, 1)
    early = datetime.datetime(1950, 1, 1)
    refused: list[tuple[str, dict[str, object]]] = [
        ("missing_user_id", {"user_id": chance.choice((None, " ", ""))}),
        ("missing_item_id", {"item_id": chance.choice((None, "\t"))}),
        ("negative_weight", {"weight": -1.0}),
        ("weight_not_finite", {"weight": float("-inf")}),
        ("rating_too_large", {"rating": -1e13}),
    ]
    mended: list[tuple[str, dict[str, object], dict[str, object]]] = [
        ("surrounding_spaces", {"user_id": f" {row['user_id']}\u00a0"}, {}),
        ("surrounding_spaces", {"session_id": f"\t{row['session_id']} "}, {}),
        ("lower_case", {"event": "Click"}, {"event": "click"}),
        ("null_word", {"weight": float("nan")}, {"weight": None}),
        ("impossible_date", {"timestamp": chance.choice((far, early))}, {"timestamp": None}),
    ]
    if not typed:
        refused += [("weight_not_a_number", {"weight": "two"}), ("rating_not_a_number", {"rating": "three"})]
        mended += [("bad_timestamp", {"timestamp": "2024-02-30"}, {"timestamp": None})]
    if chance.random() < 0.5:
        rule, change = chance.choice(refused)
        return rule, row | change, None
    rule, change, left = chance.choice(mended)
    return rule, row | change, row | left


def _text(
    chance: random.Random, given: list[str], rows: list[dict[str, object]]
) -> tuple[str, dict[str, bytes]]:
    sign, ends = chance.choice(",;\t|"), chance.choice(ENDS)
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16"))
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    times = chance.choice(("iso", "zone", "seconds"))
    if any("\n" in str(cell) for row in rows for cell in row.values()) and len(ends) == 3:
        ends = ends[:1]  # a line feed within a cell and a return at its end tell nobody which is which
    lines = []
    names = [chance.choice((str.upper, str.lower))(name) for name in given]
    for cells in [names, *([_written(row[name], times) for name in given] for row in rows)]:
        out = io.StringIO()
        csv.writer(out, delimiter=sign, quoting=quoting, lineterminator="\n").writerow(cells)
        line = out.getvalue()[:-1]
        line = line if ends != ("\r",) else line.replace("\n", "\r")
        lines.append(line + chance.choice(ends))
    if chance.random() < 0.3:
        lines.insert(0, ends[0] * chance.randrange(1, 3))
    if chance.random() < 0.3:
        lines[-1] = lines[-1].rstrip("\r\n")
    data = "".join(lines).encode(encoding)
    name = "interactions.csv"
    if chance.random() < 0.2:
        name, data = name + ".gz", gzip.compress(data)
    return f"{name} {sign!r} {ends} {encoding} {quoting} {times}", {name: data}


def _written(value: object, times: str) -> str:
    if isinstance(value, datetime.datetime):
        if times == "seconds":
            return str(int(value.replace(tzinfo=datetime.UTC).timestamp()))
        if times == "zone":
            return (value + datetime.timedelta(hours=5, minutes=30)).isoformat() + "+05:30"
        return value.isoformat(sep=" ")
    return "" if value is None else str(value)


def _parquet(
    chance: random.Random, given: list[str], rows: list[dict[str, object]]
) -> tuple[str, dict[str, bytes]]:
    zone = chance.choice((None, None, "UTC", "Asia/Kolkata"))
    number, unit = pyarrow.float64(), chance.choice(("ms", "us"))
    kinds = {"weight": number, "rating": number, "timestamp": pyarrow.timestamp(unit, zone)}
    columns = {}
    for name in given:
        values = [row[name] for row in rows]
        if name == "timestamp" and zone:
            values = [
                one.replace(tzinfo=datetime.UTC) if isinstance(one, datetime.datetime) else one
                for one in values
            ]
        columns[name] = pyarrow.array(values, kinds.get(name, pyarrow.string()))
    out = io.BytesIO()
    dictionary = chance.random() < 0.5
    parquet.write_table(
        pyarrow.table(columns), out, row_group_size=chance.choice((7, 1000)), use_dictionary=dictionary
    )
    return f"parquet {unit} {zone}", {"interactions.parquet": out.getvalue()}
