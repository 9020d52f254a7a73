"""What every export format must do with every kind of document, whoever declares it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mgrec_core.export import FORMATS, Document
from mgrec_core.export.naming import stem_of
from mgrec_core.export.writing import write_document
from tests.export.conftest import OTHER, USER, Made

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture(params=FORMATS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_are_formats() -> None:
    assert {"json", "csv", "html", "md", "parquet", "pdf"} <= set(FORMATS)
    (line,) = [
        line
        for line in README.read_text(encoding="utf-8").splitlines()
        if "mgrec_core export " in line and "--user 42 --out" in line
    ]
    assert set(line.rpartition("--format ")[2].split(",")) == set(FORMATS)


def test_it_writes_files_named_after_what_they_are_of_the_same_every_time(
    name: str, document: Document, tmp_path: Path
) -> None:
    form = [FORMATS[name]]
    first, second = (write_document(document, tmp_path / part, form) for part in "ab")
    assert first and {path.name for path in first} == {path.name for path in (tmp_path / "a").iterdir()}
    stem = stem_of(document.names)
    assert all(path.name.startswith(stem) and path.stat().st_size for path in first)
    assert document.head.workspace in stem
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_its_files_are_its_own(name: str, document: Document) -> None:
    own = set(FORMATS[name].write(document))
    for other, form in FORMATS.items():
        assert other == name or not own & set(form.write(document))


def test_pseudonyms_hide_users(name: str, kind: str, made: Made, folder: Path) -> None:
    for path in write_document(made(kind, hide=True), folder, [FORMATS[name]]):
        content = path.read_bytes()
        assert not any(one in path.name or one.encode() in content for one in (USER, OTHER))


def test_it_says_where_it_comes_from(name: str, document: Document) -> None:
    """Those that can be searched as they are: what is packed has a test of its own."""
    written = [one for one in FORMATS[name].write(document).values() if isinstance(one, str)]
    for value in (document.head.data_fingerprint[:12], document.head.date):
        assert not written or any(value in one.replace("\\", "") for one in written)


def test_nothing_to_tell_is_no_failure(name: str, document: Document) -> None:
    empty = dataclasses.replace(
        document,
        sections=(),
        frames={key: lambda make=make: make().head(0) for key, make in document.frames.items()},
    )
    assert FORMATS[name].write(empty)
