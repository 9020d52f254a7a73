"""Writing aside: all of it or what was there before; paths as SQL."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from mgrec_core.foundation.files import remove, replacing, sql_path, write_text


def test_a_text_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "note.json"
    for text in ("first", "zweitens é"):
        write_text(target, text, durable=True)
        assert target.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "note.json"
    write_text(target, "before")
    with pytest.raises(RuntimeError), replacing(target) as staged:
        staged.write_text("half", encoding="utf-8")
        raise RuntimeError
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "\udcff")
    assert target.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]


def test_a_folder_takes_the_place_of_a_full_one(tmp_path: Path) -> None:
    target = tmp_path / "build"
    for name in ("one", "two"):
        with replacing(target) as staged:
            staged.mkdir()
            (staged / name).touch()
    assert [path.name for path in target.iterdir()] == ["two"]
    remove(target)
    remove(target)
    assert not any(tmp_path.iterdir())


def test_two_at_once_do_not_share_a_path(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    both = Barrier(2)

    def write(text: str) -> str:
        with replacing(tmp_path / "note") as staged:
            both.wait(10)
            staged.write_text(text, encoding="utf-8")
            return staged.name

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(write, "ab"))) == 2
    assert (tmp_path / "note").read_text(encoding="utf-8") in ("a", "b")


def test_duckdb_reads_a_path_with_a_quote(tmp_path: Path) -> None:
    path = tmp_path / "it's ''here''.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    assert duckdb.sql(f"SELECT a FROM read_csv({sql_path(path)})").fetchall() == [(1,)]


def test_a_pipe_takes_what_comes_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "streamed")
        assert os.read(reader, 100) == b"streamed"
    finally:
        os.close(reader)
    assert pipe.is_fifo() and [path.name for path in tmp_path.iterdir()] == ["pipe"]
