"""Uploads that would take the server with them: each ends with a sentence, within its limits."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mgrec_core.data.confined.asking import importing, looking
from mgrec_core.data.confined.limits import LOOKING, Limits
from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping.model import Mapping
from mgrec_core.data.importers.sources import databases
from mgrec_core.foundation.errors import InputError
from tests.data.cases.importing import case

SAID = {"loop.sqlite": "gave no rows within 5 s", "far_cell.xlsx": "MB of memory to be read"}


@pytest.mark.parametrize("name", SAID)
def test_a_look_ends_with_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    shutil.copy(case("41-hostile-uploads") / name, tmp_path / "given" / name)
    limits = Limits(40, LOOKING.memory_mb, LOOKING.written_mb)
    try:
        said = looking(tmp_path / "given", "given", [], limits=limits).result().problem
    except InputError as refused:
        said = str(refused)
    assert SAID[name] in said and name in said and "\n" not in said


def test_an_import_ends_when_its_time_is_over(tmp_path: Path) -> None:
    source, database = case("41-hostile-uploads") / "loop.sqlite", tmp_path / "w" / "data.duckdb"
    database.parent.mkdir()
    limits = Limits(6, LOOKING.memory_mb, LOOKING.written_mb)
    with pytest.raises(InputError, match=r"loop\.sqlite was not read within 6 s"):
        importing(source, database, "database", key=tmp_path, limits=limits).result()


def test_a_whole_import_ends_where_a_view_gives_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "_PATIENCE_WHOLE", 0.5)
    source = case("41-hostile-uploads") / "loop.sqlite"
    with pytest.raises(
        InputError, match=r"loop\.sqlite \[interactions\] gave no rows within 0\.5 s: it is a"
    ):
        import_source(source, tmp_path / "x.duckdb")


def test_a_workbook_with_a_far_cell_is_refused_for_its_memory(tmp_path: Path) -> None:
    source = case("41-hostile-uploads") / "far_cell.xlsx"
    table = {"table": "interactions", "file": "far_cell.xlsx", "columns": {"user_id": "a", "item_id": "b"}}
    mapping = Mapping.model_validate({"name": "far", "tables": [table]})
    limits = Limits(40, LOOKING.memory_mb, LOOKING.written_mb)
    with pytest.raises(InputError, match=r"far_cell\.xlsx .*MB of memory to be read"):
        importing(source, tmp_path / "x.duckdb", mapping=mapping, key=tmp_path, limits=limits).result()
