"""Compression, encodings and line ends of text files, also where they fall between two chunks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.data.importers import encoding
from mgrec_core.data.importers.encoding import inspect
from mgrec_core.foundation.text import shorten


@pytest.fixture(params=[1, 2, 3, 7, 1 << 20])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    size = request.param
    original = encoding._chunks

    def small(path: Path):
        for part in original(path):
            yield from (part[start : start + size] for start in range(0, len(part), size))

    monkeypatch.setattr(encoding, "_chunks", small)


@pytest.mark.parametrize(
    ("data", "expected", "rules"),
    [
        ("a,b\r\né,2\r\n".encode(), None, set()),
        ("a,b\né,2\n".encode(), None, set()),
        ("a,b\ré,2\r".encode(), "a,b\né,2\n", set()),
        ("a,b\r\né,2\nx,3\r\n".encode(), "a,b\né,2\nx,3\n", set()),
        ("a,b\né\r!,2\n".encode(), "a,b\né !,2\n", set()),
        ("a,b\r\né,2\rx,3\ry,4\n".encode(), "a,b\né,2\nx,3\ny,4\n", set()),
        ('a,b\r"é, è",2\nx,3\n'.encode(), 'a,b\n"é, è",2\nx,3\n', set()),
        ("a,b\né\rè\rê,2\nx,3\n".encode(), "a,b\né è ê,2\nx,3\n", set()),
        ("a,b\né,“2”\n".encode("cp1252"), "a,b\né,“2”\n", {"not_utf8"}),
        ("a,b\r\né,2\r\n".encode("utf-16"), "a,b\né,2\n", {"utf16"}),
        ("a,b\né😀,2\n".encode("utf-16-be").join([b"\xfe\xff", b""]), "a,b\né😀,2\n", {"utf16"}),
        ("a,b\né,2\0\n".encode(), "a,b\né,2\ufffd\n", {"null_character"}),
        ("a,b\r\né😀,2\r\n".encode("utf-32"), "a,b\né😀,2\n", {"utf16"}),
        (
            "a,b\nGetr\ufffdänk,heiß\ngrün,2\n".encode().replace("\ufffd".encode(), b"\xff"),
            "a,b\nGetr\ufffdänk,heiß\ngrün,2\n",
            {"damaged_utf8"},
        ),
        (("é" * 20 + "\n").encode() + b"\xff\n", "é" * 20 + "\n\ufffd\n", {"damaged_utf8"}),
    ],
)
def test_texts(chunk, tmp_path: Path, data: bytes, expected: str | None, rules: set[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    text = inspect(path, scratch)
    assert set(text.conversions) == rules
    if expected is None:
        assert text.path == path
    else:
        assert text.path.read_bytes().decode() == expected
    assert text.header.startswith("a,b") or rules == {"damaged_utf8"}


def test_lines_that_end_in_three_ways_are_all_read(run) -> None:
    lines = ["user_id,item_id", *(f"u{n},i{n}" for n in range(30))]
    ends = ("\n", "\r", "\r\n")
    found = run({"interactions.csv": "".join(line + ends[n % 3] for n, line in enumerate(lines))})
    assert found.file("interactions.csv") == (30, 30, 0, 0)
    assert found.rows("SELECT count(DISTINCT user_id), max(length(item_id)) FROM events") == [(30, 3)]


def test_shorten_gives_one_printable_line() -> None:
    assert shorten("a\nb\t\x1b[31mc\u2028d") == "a b [31mc d"
    assert shorten("x" * 500, 10) == "x" * 9 + "…"
