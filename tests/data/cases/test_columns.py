"""Cases of public reports about columns, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mgrec_core.data.importers import import_source

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases is not there")


def rows(folder: Path, target: Path, query: str) -> list[tuple[object, ...]]:
    import_source(folder, target)
    with duckdb.connect(str(target), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_33_seven_notations_of_eight_genres(tmp_path: Path) -> None:
    query = "SELECT attribute, count(DISTINCT value) FROM v_item_values GROUP BY 1"
    found = dict(rows(CASES / "33-lists-in-cells" / "in", tmp_path / "x.duckdb", query))
    assert found.keys() == {"comma", "pyfull", "pylist", "json", "pg", "semicolon", "pipe"}
    assert set(found.values()) == {8}


@pytest.mark.parametrize(
    "view",
    ["v_item_values", "v_item_text", "(SELECT head_id, relation, tail_id, source FROM v_kg)"],
)
def test_35_what_means_nothing_changes_nothing(tmp_path: Path, view: str) -> None:
    case = CASES / "35-id-and-url-columns"
    query = f"FROM {view} ORDER BY ALL"
    dirty = rows(case / "in", tmp_path / "in.duckdb", query)
    assert dirty and dirty == rows(case / "clean", tmp_path / "clean.duckdb", query)


def test_30_kinds_of_products_differ_at_the_beginning(tmp_path: Path) -> None:
    query = "SELECT count(DISTINCT left(text, 100)) FROM v_item_text"
    assert rows(CASES / "30-truncated-texts" / "in", tmp_path / "x.duckdb", query) == [(4,)]
