"""Eight genres written in seven ways: a mapping says how each is."""

from __future__ import annotations

from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping import parse

MAPPING = """
tables:
- {table: interactions, file: interactions.csv, columns: {user_id: user_id, item_id: item_id}}
- table: items
  file: items.csv
  columns: {item_id: item_id, title: title}
  separator: {comma: ", ", pyfull: json, pylist: json, json: json, pg: postgres, semicolon: ";"}
"""


def test_each_has_eight_values(cases, tmp_path) -> None:
    import duckdb

    database = tmp_path / "case.duckdb"
    import_source(cases / "33-lists-in-cells" / "in", database, mapping=parse(MAPPING))
    with duckdb.connect(str(database), read_only=True) as connection:
        counts = connection.execute(
            "SELECT attribute, count(DISTINCT value) FROM item_attributes GROUP BY 1"
        ).fetchall()
    names = ("comma", "pyfull", "pylist", "json", "pg", "semicolon", "pipe")
    assert dict(counts) == dict.fromkeys(names, 8)
