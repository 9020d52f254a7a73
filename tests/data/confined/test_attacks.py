"""What the attacks found: a refusal says what is true of the file, and nothing of the machine."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import duckdb
import pytest

from mgrec_core.data.confined import LOOKING, Reading, looking
from mgrec_core.data.look import look
from mgrec_core.foundation.errors import InputError
from tests.data.confined import attacks


@pytest.mark.parametrize("kind", attacks.KINDS)
def test_an_attack_is_the_same_file_each_time(kind: str, tmp_path: Path) -> None:
    if kind in ("gzip bomb", "workbook: heavy", "workbook: shared strings", "workbook: deep XML"):
        pytest.skip("large")
    found = []
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        attacks.KINDS[kind][0](random.Random(3), tmp_path / name)
        found.append(sorted(path.name for path in (tmp_path / name).iterdir()))
    assert found[0] == found[1] and found[0]


def test_a_very_wide_header_is_no_field_that_is_too_long(tmp_path: Path) -> None:
    names = ",".join(f"gene {n} {'x' * 140}" for n in range(1_000))
    (tmp_path / "wide.csv").write_text(f"user,item,{names}\nu,i,{'1,' * 999}\n")
    samples = look(tmp_path / "wide.csv", "wide", []).tables[0].samples
    assert len(samples) == 1_002 and samples["item"] == ["i"]


def test_a_number_of_thousands_of_digits_is_valid_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(f'[{{"user": {"9" * 5000}, "item": 7}}]')
    (table,) = look(tmp_path / "x.json", "x", []).tables
    assert table.samples["user"][0].startswith("999") and table.samples["item"] == ["7"]


def test_a_database_that_is_called_text_is_named_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    file = sqlite3.connect(tmp_path / "given" / "shop.csv")
    file.execute("CREATE TABLE interactions (user_id, item_id)")
    file.close()
    with pytest.raises(InputError, match=r"shop\.csv is an SQLite database, not text"):
        look(tmp_path / "given", "given", [])


def test_blank_lines_are_not_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\n" * 2_000_000 + b"user_id,item_id\n1,2\n")
    with pytest.raises(InputError, match="begins with over a megabyte of blank lines"):
        look(tmp_path / "x.csv", "x", [])


def test_a_cut_duckdb_file_is_refused_without_its_path(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as file:
        file.execute("CREATE TABLE interactions AS SELECT n AS user_id, n AS item_id FROM range(100000) t(n)")
    whole = (tmp_path / "x.duckdb").read_bytes()
    refusals = []
    for cut in (12_000, 12_288, len(whole) // 2, len(whole) - 100):
        (tmp_path / "x.duckdb").write_bytes(whole[:cut])
        try:
            look(tmp_path / "x.duckdb", "x", [])
        except InputError as error:
            refusals.append(str(error))
    assert refusals
    assert all(str(tmp_path) not in one and "x.duckdb" in one for one in refusals)


def test_hundreds_of_small_files_are_mapped(tmp_path: Path) -> None:
    for n in range(300):
        (tmp_path / f"log{n}.csv").write_text("user_id,item_id\nu,i\n")
    found = look(tmp_path, "logs", [])
    assert found.mapping is not None and len(found.mapping.tables) == 300


def test_names_that_fit_no_mapping_are_told(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "x.sqlite")
    file.execute(f"CREATE TABLE {'x' * 5_000} (user_id, item_id)")
    file.close()
    assert "longer than 300 characters" in look(tmp_path / "x.sqlite", "x", []).problem
    (tmp_path / "given").mkdir()
    odd = b"\xff\xfe.csv".decode("utf-8", "surrogateescape")
    (tmp_path / "given" / odd).write_text("user_id,item_id\n1,2\n")
    assert "no text" in look(tmp_path / "given", "x", []).problem


def test_a_fault_of_ours_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """A mapping that is none reaches the reader: nothing but the program can be to blame."""
    (tmp_path / "x.csv").write_text("user_id,item_id\n1,2\n")
    reading = Reading("preview", tmp_path / "x.csv", LOOKING, str, {"mapping": {"no": "mapping"}})
    with pytest.raises(InputError, match="a fault of this program"):
        reading.result()


def test_a_deep_document_is_no_invalid_one(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[" * 100_000 + "]" * 100_000)
    with pytest.raises(InputError, match="nested too deeply"):
        look(tmp_path / "x.json", "x", [])


def test_a_refusal_holds_no_signs_that_turn_the_text(tmp_path: Path) -> None:
    (tmp_path / "\u202egpj.csv").write_text("")
    with pytest.raises(InputError, match="is empty") as refused:
        looking(tmp_path, "x", []).result()
    assert str(refused.value).isprintable()
