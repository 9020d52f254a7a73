"""Files to hand on: they hold what the engine answers, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core import Engine
from mgrec_core.export import FORMATS
from mgrec_core.export.cells import safe_csv
from mgrec_core.export.formats.as_parquet import KEY
from mgrec_core.export.kinds.user import user_document
from mgrec_core.export.naming import LONGEST, file_stem
from mgrec_core.export.provenance import Origin
from mgrec_core.export.writing import formats_of, write_document
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.foundation.text import unguarded
from tests.export.conftest import Made

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


@pytest.mark.parametrize("text", ["../../etc/passwd", "a/b", "ü", "", "x" * 300, "a\x00b", "\ud800", "红"])
def test_file_names_stay_in_their_folder(text: str) -> None:
    stem = file_stem(text)
    assert 1 <= len(stem) <= LONGEST and "/" not in stem and "\x00" not in stem and stem.isascii()


@given(st.text(max_size=70), st.text(max_size=70))
def test_two_ids_never_name_one_file(one: str, other: str) -> None:
    assert (file_stem(one) == file_stem(other)) == (one == other)


def test_the_document_is_what_the_engine_answers(shop: Engine) -> None:
    weights = Weights({"social": 0.9}, fusion="concat")
    found = user_document(Origin.of(shop, weights), "U001", 5).to_dict()
    ranked = shop.rank("U001", 5, weights)
    assert found["ranked"] == ranked.to_dict() and found["head"]["build"] == shop.build
    assert found["head"]["fusion"] == "concat" and found["head"]["weights"]["social"] == 0.9
    assert [e["item_id"] for e in found["explanations"]] == [i.item_id for i in ranked.items]
    assert [e["rank"] for e in found["explanations"]] == [1, 2, 3, 4, 5]
    json.dumps(found, allow_nan=False)


def test_files_of_one_user(made: Made, folder: Path) -> None:
    names = [p.name for p in write_document(made("user"), folder, formats_of(["JSON", " csv "]))]
    ends = (".json", "-ranked.csv", "-evidence.csv", "-interests.csv", "-about.csv")
    assert names == [f"user-U001_library{end}" for end in ends]
    names = [p.name for p in write_document(made("item"), folder, formats_of(["html", "parquet"]))]
    assert names == [f"item-B01_user-U001_library{end}" for end in (".html", "-evidence.parquet")]


def test_where_it_comes_from_is_said_once_and_not_in_every_row(made: Made, folder: Path) -> None:
    document = made("user")
    written = FORMATS["csv"].write(document)
    assert not any(document.head.build in str(written[end]) for end in ("-ranked.csv", "-evidence.csv"))
    about = dict(csv.reader(io.StringIO(str(written["-about.csv"]))))
    assert about["build"] == document.head.build and about["made with"] == document.head.command
    (path,) = write_document(made("item"), folder, formats_of(["parquet"]))
    head = json.loads(pq.read_schema(path).metadata[KEY])
    assert head["build"] == document.head.build and head["document"] == "item"
    assert len(pd.read_parquet(path)) == len(next(iter(made("item").frames.values()))())


@pytest.mark.parametrize("formats", [["docx"], ["json", "exe"], [], [""]])
def test_formats_that_are_none(formats: list[str]) -> None:
    with pytest.raises(InputError, match="choose"):
        formats_of(formats)


def test_a_stranger_gets_no_document(library: Engine) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        user_document(Origin.of(library, None), "nobody")
