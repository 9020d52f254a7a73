"""The cleaning rules in SQL."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

import mgrec_core.data as data
from mgrec_core.data.cleaning import REJECTED, REPAIRED, RULES, Cells, Duplicates, judge, literal, trimmed
from mgrec_core.data.rules import SHARED
from mgrec_core.data.staged import Staged


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def stage(connection: duckdb.DuckDBPyConnection, rows: list[tuple[str | None, ...]]) -> Staged:
    columns = [f"c{index}" for index in range(len(rows[0]))]
    connection.execute(f"CREATE TEMP TABLE s (_row BIGINT, {', '.join(c + ' VARCHAR' for c in columns)})")
    holes = ", ".join("?" * (len(columns) + 1))
    connection.executemany(f"INSERT INTO s VALUES ({holes})", [(n, *row) for n, row in enumerate(rows, 1)])
    return Staged("s.csv", "s", {name: name for name in columns})


def test_every_rule_is_explained_and_used() -> None:
    folder = Path(data.__file__).parent
    sources = [folder / "cells.py", folder / "cleaning.py", *(folder / "importers").glob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = re.compile(
        "(missing|negative)_.*|.*_(not_a_number|not_finite|too_large)"
    )  # made from column names
    for rule, (action, explanation) in ((r.name, (r.action, r.explanation)) for r in RULES.values()):
        assert action in (REPAIRED, REJECTED) and len(explanation) > 10 and not explanation.endswith(".")
        uses = len(re.findall(f"[\"']{rule}[\"']", code)) - (RULES[rule] not in SHARED)
        assert named.fullmatch(rule) or uses, rule


@pytest.mark.parametrize("text", ["", "plain", "o'clock", "''", "a\nb", "x; DROP TABLE t", "\\", "é"])
def test_literals_come_back_as_they_were(connection, text: str) -> None:
    assert connection.execute(f"SELECT {literal(text)}").fetchone() == (text,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        (" a b ", "a b"),
        ("\ta\r\n", "a"),
        ("\u00a0é\u200b", "é"),
        ("  ", None),
        ("", None),
        (None, None),
    ],
)
def test_trimming(connection, text: str | None, expected: str | None) -> None:
    assert connection.execute(f"SELECT {trimmed('t')} FROM (SELECT ?::VARCHAR AS t)", [text]).fetchone() == (
        expected,
    )


def test_a_row_is_rejected_by_its_first_rule_and_repaired_by_many(connection) -> None:
    staged = stage(connection, [(" A ", "1"), ("", "x"), ("b", "x"), ("c", None)])
    cells = Cells()
    cells.text("kind", "c0", required=True, lower=True)
    cells.number("weight", "c1", minimum=0)
    judged = judge(connection, staged, cells)
    rows = connection.execute(
        f"SELECT kind, weight, _rejected, _repairs FROM {judged.table} ORDER BY _row"
    ).fetchall()
    bits = 1 << judged.repairs.index("surrounding_spaces") | 1 << judged.repairs.index("lower_case")
    assert rows == [
        ("a", 1.0, None, bits),
        (None, None, "missing_kind", 0),
        ("b", None, "weight_not_a_number", 0),
        ("c", None, None, 0),
    ]


def test_all_but_one_of_equal_rows_are_duplicates(connection) -> None:
    staged = stage(
        connection, [("a", "2"), ("a", "1"), (None, "1"), ("b", "1"), ("a", "1"), ("c", None), ("c", None)]
    )
    cells = Cells()
    cells.text("tag", "c0", required=True)
    cells.text("n", "c1")
    again = Duplicates("duplicate_tag", ["tag"], order=["n"], when="n IS NOT NULL")
    judged = judge(connection, staged, cells, again)
    kept = connection.execute(
        f"SELECT _row, tag FROM {judged.table} WHERE _rejected IS NULL ORDER BY _row"
    ).fetchall()
    assert kept == [(2, "a"), (4, "b"), (6, "c"), (7, "c")]


def test_equal_means_equal_also_for_nulls(connection) -> None:
    staged = stage(connection, [("a", None), ("a", None), ("a", "")])
    cells = Cells()
    cells.text("tag", "c0")
    cells.text("n", "c1")
    judged = judge(connection, staged, cells, Duplicates("duplicate_tag", ["tag", "n"]))
    assert connection.execute(f"SELECT count(*) FROM {judged.table} WHERE _rejected IS NULL").fetchone() == (
        1,
    )
