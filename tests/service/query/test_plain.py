"""Answers of any type come through: as numbers, moments and text, or with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from mgrec_core.cli.main import main as cli
from mgrec_core.figures.query import table_chart
from mgrec_core.foundation.errors import InputError
from mgrec_core.service.query import Limits, run
from mgrec_core.service.query.files import as_csv, as_parquet
from mgrec_core.service.query.plain import distinct, for_browser, was
from mgrec_core.workspace.folder import Workspace

#: Expression, what a cell of it holds, what the column was where it became text.
ANSWERS: list[tuple[str, object, str]] = [
    ("INTERVAL 1 DAY", "1 day", "INTERVAL"),
    ("'infinity'::DATE", "infinity", "DATE"),
    ("'-infinity'::TIMESTAMP", "-infinity", "TIMESTAMP"),
    ("'infinity'::TIMESTAMPTZ", "infinity", "TIMESTAMP WITH TIME ZONE"),
    ("'infinity'::TIMESTAMP_NS", "infinity", "TIMESTAMP_NS"),
    ("DATE '0044-03-15 (BC)'", "0044-03-15 (BC)", "DATE"),
    ("TIMESTAMP '0044-03-15 (BC) 10:00:00'", "0044-03-15 (BC) 10:00:00", "TIMESTAMP"),
    ("DATE '12345-01-01'", "12345-01-01", "DATE"),
    ("TIME '10:00'", "10:00:00", "TIME"),
    ("TIMETZ '10:00:00+02'", "10:00:00+02", "TIME WITH TIME ZONE"),
    ("-(2 ** 100)::HUGEINT", "-1267650600228229401496703205376", "HUGEINT"),
    ("170141183460469231731687303715884105727::HUGEINT", str(2**127 - 1), "HUGEINT"),
    ("18446744073709551615::UBIGINT", "18446744073709551615", "UBIGINT"),
    ("12345678901234567.89::DECIMAL(38, 2)", "12345678901234567.89", "DECIMAL(38,2)"),
    ("'c6050a1c-9e4b-463d-abc8-a0fa2f9e525a'::UUID", "c6050a1c-9e4b-463d-abc8-a0fa2f9e525a", "UUID"),
    ("'\\xAAz'::BLOB", "\\xAAz", "BLOB"),
    ("'101'::BIT", "101", "BIT"),
    ("union_value(k := 1)", "1", "UNION(k INTEGER)"),
    ("MAP {'a': 1}", "{a=1}", "MAP(VARCHAR, INTEGER)"),
    ("{'a': 1, 'b': [INTERVAL 1 DAY]}", "{'a': 1, 'b': [1 day]}", "STRUCT(a INTEGER, b INTERVAL[])"),
    ("[[1], [NULL]]", "[[1], [NULL]]", "INTEGER[][]"),
    ("array_value(1, 2)", "[1, 2]", "INTEGER[2]"),
    ("'a'::ENUM('a', 'b')", "a", "ENUM('a', 'b')"),
    ("1::VARIANT", "1", "VARIANT"),
    ("'POINT(1 2)'::GEOMETRY", "POINT (1 2)", "GEOMETRY"),
    ("'{\"a\": 1}'::JSON", '{"a": 1}', "JSON"),
    ("row(1, 2)", "(1, 2)", "TUPLE(INTEGER, INTEGER)"),
    # what stays a number, a truth, a moment, a text, or nothing
    ("sum(1)", 1, ""),
    ("1.5", 1.5, ""),
    ("sum(2.25::DECIMAL(18, 2))", 2.25, ""),
    ("7::UBIGINT", 7, ""),
    ("9223372036854775807", 9223372036854775807, ""),
    ("'NaN'::DOUBLE", None, ""),
    ("'-inf'::FLOAT", None, ""),
    ("true", True, ""),
    ("NULL", None, ""),
    ("'é, \"x\"'", 'é, "x"', ""),
    ("DATE '2024-02-29'", "2024-02-29T00:00:00.000", ""),
    ("TIMESTAMP '0001-06-01 10:00:00'", "0001-06-01T10:00:00.000", ""),
    ("TIMESTAMPTZ '2024-02-29 10:00:00+02'", "2024-02-29T08:00:00.000Z", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def everything(built_world: Workspace) -> object:
    said = ", ".join(f"{expression} AS c{n}" for n, (expression, _, _) in enumerate(ANSWERS))
    nothing = ", ".join("NULL" for _ in ANSWERS)
    return run(built_world.path, f"SELECT {said} UNION ALL SELECT {nothing}")


def test_each_type_is_one_that_everything_reads(everything: object, tmp_path: Path) -> None:
    table: pa.Table = everything.table  # type: ignore[attr-defined]
    assert [was(field) for field in table.schema] == [kind for _, _, kind in ANSWERS]
    frame = everything.to_frame()  # type: ignore[attr-defined]
    for n, (expression, cell, _) in enumerate(ANSWERS):
        held = json.loads(frame[[f"c{n}"]].to_json(orient="records", date_format="iso", default_handler=str))
        assert held == [{f"c{n}": cell}, {f"c{n}": None}], expression
    assert len(as_csv(everything).splitlines()) == 3  # type: ignore[arg-type]
    (tmp_path / "x.parquet").write_bytes(as_parquet(everything))  # type: ignore[arg-type]
    assert duckdb.read_parquet(str(tmp_path / "x.parquet")).columns == list(frame.columns)
    assert pd.read_parquet(tmp_path / "x.parquet").shape == frame.shape


def test_the_command_prints_them(built_world: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    for expression, cell, kind in ANSWERS:
        words = ["query", "--workspace", str(built_world.path), f"SELECT {expression} AS x"]
        if kind in ("INTERVAL", "DATE", "VARIANT", "HUGEINT"):
            assert cli([*words, "--json"]) == 0
            document = json.loads(capsys.readouterr().out)
            assert document["rows"] == [{"x": cell}]
            assert document["columns"] == [{"name": "x", "type": "string", "was": kind}]
            assert cli(words) == 0 and str(cell) in capsys.readouterr().out


def test_names_are_distinct_and_never_empty(built_world: Workspace) -> None:
    answer = run(built_world.path, 'SELECT 1 AS a, 2 AS A, 3 AS a, 4 AS " ", 5 AS "__index_level_0__"')
    names = list(answer.to_frame().columns)
    assert names == ["a", "A", "a_2", "column_4", "__index_level_0__"]
    assert distinct(["n", "n_2", "n"]) == ["n", "n_2", "n_3"]


def test_a_thousand_columns(built_world: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT " + ", ".join(f"{n % 9}" for n in range(1000))
    assert run(built_world.path, sql).to_frame().shape == (1, 1000)
    assert cli(["query", "--workspace", str(built_world.path), sql]) == 0
    assert capsys.readouterr().out


def test_the_order_of_the_rows_is_the_statements(built_world: Workspace) -> None:
    sql = "SELECT x, INTERVAL (x) DAY AS y FROM range(50000) r(x) ORDER BY x DESC"
    frame = run(built_world.path, sql, Limits(rows=50_000)).to_frame()
    assert frame["x"].tolist() == list(range(49_999, -1, -1)) and frame["y"][0] == "49999 days"


def test_an_answer_too_large_is_one_sentence(built_world: Workspace) -> None:
    for cells, said in (
        (1_000_000, "needs more than the 1024MB|larger than 16 MB"),
        (5_000, "larger than 16 MB"),
    ):
        with pytest.raises(InputError, match=said):
            run(built_world.path, f"SELECT repeat('x', {cells}) FROM range(10000)", Limits(answer_mb=16))


def test_a_browser_gets_the_numbers_that_it_would_round_as_text() -> None:
    frame = pd.DataFrame({"a": pd.array([2**53 + 1, None], "Int64"), "b": [2**53, 1]})
    shown = for_browser(frame)
    assert shown["a"][0] == "9007199254740993" and pd.isna(shown["a"][1]) and shown["b"][0] == 2**53


@pytest.mark.parametrize("x", ["c0", "c1", "c3"])
def test_a_chart_leaves_out_what_has_no_place(x: str) -> None:
    frame = pd.DataFrame(
        {
            "c0": ["a", "b", "c", "d"],
            "c1": [1.0, 2.0, float("inf"), 4.0],
            "c2": pd.array([1, None, 3, 4], "Int64"),
            "c3": pd.to_datetime(["2020-01-01"] * 4),
            "y": [float("inf"), float("-inf"), float("nan"), 2.5],
        }
    )
    for y, drawn in (("y", [2.5]), ("c2", [1, 4] if x == "c1" else [1, 3, 4])):
        assert list(table_chart(frame, x, y, "line").data[0].y) == drawn
