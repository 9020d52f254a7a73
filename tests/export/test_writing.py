"""Files to hand on: they hold what the engine answers, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from mgrec_core import Engine
from mgrec_core.export.cells import safe_csv
from mgrec_core.export.writing import export_document, file_stem, write_export
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.foundation.text import unguarded

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff201"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    frame = pd.DataFrame({"title": [text, "tea"], "score": [-1.5, 2.0]})
    rows = list(csv.reader(io.StringIO(safe_csv(frame), newline="")))
    assert rows[1][0] == f"'{text}" and rows[1][1] == "-1.5" and rows[2] == ["tea", "2.0"]
    assert frame["title"][0] == text  # what was given stays as it was
    assert unguarded(rows[1][0]) == text and unguarded(rows[2][0]) == "tea"
    headed = safe_csv(pd.DataFrame({text: [1]}))
    assert next(csv.reader(io.StringIO(headed, newline=""))) == [f"'{text}"]


def test_quotes_commas_and_line_breaks_survive() -> None:
    title = 'a "b", c\nd'
    again = pd.read_csv(io.StringIO(safe_csv(pd.DataFrame({"title": [title]}))))
    assert again["title"][0] == title


@pytest.mark.parametrize("text", ["../../etc/passwd", "a/b", "ü", "", "x" * 300, "a\x00b", "CON"])
def test_file_names_stay_in_their_folder(text: str) -> None:
    stem = file_stem(text)
    assert 1 <= len(stem) <= 60 and "/" not in stem and "\x00" not in stem and stem.isascii()


def test_the_document_is_what_the_engine_answers(shop: Engine) -> None:
    weights = Weights({"social": 0.9}, fusion="concat")
    document = export_document(shop, "U001", 5, weights)
    ranked = shop.rank("U001", 5, weights)
    assert document["ranked"] == ranked.to_dict() and document["build"] == shop.build
    assert [e["item_id"] for e in document["explanations"]] == [i.item_id for i in ranked.items]
    assert [e["rank"] for e in document["explanations"]] == [1, 2, 3, 4, 5]
    json.dumps(document, allow_nan=False)


def test_files_of_one_user(shop: Engine, tmp_path: Path) -> None:
    names = [p.name for p in write_export(shop, "U001", tmp_path / "new", ["JSON", " csv "], k=3)]
    assert names == ["user-U001.json", "user-U001-ranked.csv", "user-U001-evidence.csv"]
    first = {n: (tmp_path / "new" / n).read_bytes() for n in names}
    write_export(shop, "U001", tmp_path / "new", ["json", "csv"], k=3)
    assert first == {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()}
    assert [p.name for p in write_export(shop, "U001", tmp_path / "json", ["json"])] == names[:1]


@pytest.mark.parametrize("formats", [["docx"], ["json", "exe"], [], [""]])
def test_formats_that_are_none(shop: Engine, tmp_path: Path, formats: list[str]) -> None:
    with pytest.raises(InputError, match="choose"):
        write_export(shop, "U001", tmp_path / "x", formats)
    assert not (tmp_path / "x").exists()


def test_a_stranger_gets_no_file(shop: Engine, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        write_export(shop, "nobody", tmp_path / "x", ["json"])
    assert not (tmp_path / "x").exists()
