"""What Python found becomes a table, and an import gets by without pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from mgrec_core.data.knowledge.found import keep

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("rows", [[], [("1", 0.5)], [("日 'x'\n", 1.0), (None, 0.25), ("1", 2)]], ids=len)
def test_rows_are_a_table_with_its_types(rows: list[tuple[object, ...]]) -> None:
    connection = duckdb.connect()
    for _ in range(2):  # the second takes the place of the first
        keep(connection, "found", iter(rows), name="VARCHAR", score="DOUBLE")
    assert connection.execute("FROM found").fetchall() == rows
    assert [type_ for _, type_, *_ in connection.execute("DESCRIBE found").fetchall()] == [
        "VARCHAR",
        "DOUBLE",
    ]


def test_a_row_of_another_width_is_no_row() -> None:
    with pytest.raises(ValueError, match="shorter"):
        keep(duckdb.connect(), "found", [("1",)], name="VARCHAR", score="DOUBLE")


def test_an_import_loads_no_pandas(sample_data: Path, tmp_path: Path) -> None:
    """It runs in a process of its own, which would take half as long again to start."""
    code = (
        "import sys, mgrec_core.data.confined.worker\n"
        "from pathlib import Path\n"
        "from mgrec_core.data.importers.running import import_source\n"
        "import_source(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "print({'pandas', 'scipy'} & {*sys.modules})"
    )
    place = [str(sample_data / "marketplace"), str(tmp_path / "x.duckdb")]
    done = subprocess.run([sys.executable, "-c", code, *place], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
