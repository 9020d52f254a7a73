"""Typed Parquet events: the fast way and the ordinary way leave the same."""

from __future__ import annotations

import io

import duckdb
import pyarrow
import pytest
from pyarrow import parquet

from mgrec_core.data.importers import canonical
from mgrec_core.data.options import ImportOptions
from mgrec_core.foundation.errors import InputError

CLEAN = (
    "SELECT 'u' || (i * 7 % 20) AS user_id, 'i' || (i * 11 % 30) AS item_id,"
    " CASE WHEN i % 3 = 0 THEN 'buy' ELSE 'click' END AS event, i % 5 + 0.5::DOUBLE AS weight,"
    " make_timestamp((1700000000 + i // 4) * 1000000) AS timestamp, i AS place FROM range(200) t(i)"
)
_APART = "REPLACE (make_timestamp((1700000000 + place * 7) * 1000000) AS timestamp)"
WAYS = {
    "sorted": ("", "timestamp, user_id, item_id, event, weight", True),
    "shuffled": ("", "hash(place)", True),
    "apart, sorted": (_APART, "place", True),
    "apart, shuffled": (_APART, "hash(place)", True),
    "undated": ("REPLACE (CAST(NULL AS TIMESTAMP) AS timestamp)", "place", True),
    "partly undated": ("REPLACE (CASE WHEN place % 9 > 0 THEN timestamp END AS timestamp)", "place", True),
    "seconds": ("REPLACE (epoch(timestamp)::BIGINT AS timestamp)", "place", True),
    "numbers": ("REPLACE (place % 9 AS user_id, CAST(NULL AS DOUBLE) AS weight)", "place", True),
    "spaces": ("REPLACE (CASE place WHEN 3 THEN ' u1 ' ELSE user_id END AS user_id)", "place", True),
    "nameless": ("REPLACE (CASE place WHEN 3 THEN NULL ELSE user_id END AS user_id)", "place", True),
    "a capital": ("REPLACE (CASE place WHEN 3 THEN 'Click' ELSE event END AS event)", "hash(place)", True),
    "capitals": ("REPLACE (upper(event) AS event)", "place", False),
    "future": ("REPLACE (timestamp + INTERVAL 999 YEAR AS timestamp)", "place", False),
    "negative": ("REPLACE (-weight AS weight)", "place", False),
    "milliseconds": ("REPLACE (epoch_ms(timestamp) AS timestamp)", "place", False),
    "further": ("RENAME (event AS kind)", "place", False),
}


@pytest.mark.parametrize("name", WAYS)
def test_both_ways_leave_the_same(name: str, run, tmp_path, monkeypatch) -> None:
    change, order, fast = WAYS[name]
    folder = tmp_path / "typed" / "shop"
    folder.mkdir(parents=True)
    rows = f"SELECT * EXCLUDE (place) FROM (SELECT * {change}, place AS n FROM ({CLEAN})) ORDER BY {order}"
    rows = rows.replace("EXCLUDE (place)", "EXCLUDE (place, n)")
    duckdb.execute(f"COPY ({rows}) TO '{folder / 'interactions.parquet'}'")
    taken = []
    real = canonical.load_typed_events
    monkeypatch.setattr(canonical, "load_typed_events", lambda *a: taken.append(real(*a)) or taken[-1])
    try:
        quick = run(folder)
    except InputError as error:
        quick, said = None, str(error)
    monkeypatch.setattr(canonical, "load_typed_events", lambda *a: False)
    if quick is None:
        with pytest.raises(InputError) as caught:
            run(folder)
        assert str(caught.value) == said and taken == [fast]
        return
    slow = run(folder)
    assert taken == [fast] and quick.report == slow.report and quick.fingerprint == slow.fingerprint
    for table in ("events", "users", "items", "event_types"):
        assert quick.rows(f"FROM {table}") == slow.rows(f"FROM {table}")


def test_repeated_events_go_the_ordinary_way_unless_they_are_wanted(run, tmp_path) -> None:
    folder = tmp_path / "typed" / "shop"
    folder.mkdir(parents=True)
    duckdb.execute(
        "COPY (SELECT 'u' AS user_id, 'i' || i % 3 AS item_id, TIMESTAMP '2024-03-01' AS timestamp"
        f" FROM range(9) t(i)) TO '{folder / 'interactions.parquet'}'"
    )
    assert run(folder).file("interactions.parquet") == (9, 3, 0, 6)
    wanted = run(folder, options=ImportOptions.of(["duplicate_event"]))
    assert wanted.file("interactions.parquet") == (9, 9, 0, 0)
    assert wanted.rows("SELECT event_id FROM events") == [(n,) for n in range(9)]


@pytest.mark.parametrize("column", ["weight", "rating"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_one_number_that_is_none_does_not_refuse_the_file(column: str, dictionary: bool, run, write) -> None:
    """Parquet's statistics leave NaN out, so that DuckDB takes every number for one that is not too large."""
    numbers = [1.0, float("nan"), 2.0, float("nan"), 1.0, 2.5]
    table = pyarrow.table({"user_id": [*"abcdef"], "item_id": [*"iijjkk"], column: numbers})
    out = io.BytesIO()
    parquet.write_table(table, out, use_dictionary=dictionary)
    found = run(write({"interactions.parquet": out.getvalue()}))
    assert found.file("interactions.parquet") == (6, 4, 2, 0)
    assert found.reasons("interactions.parquet") == {"null_word": 2}
    kept = found.rows(f"SELECT {column} FROM events ORDER BY user_id")
    assert kept == [(1.0,), (None,), (2.0,), (None,), (1.0,), (2.5,)]


def test_a_file_that_is_damaged_within_is_refused_as_what_it_is(refuse, tmp_path) -> None:
    folder = tmp_path / "typed" / "shop"
    folder.mkdir(parents=True)
    path = folder / "interactions.parquet"
    duckdb.execute(f"COPY (SELECT * EXCLUDE (place) FROM ({CLEAN})) TO '{path}' (COMPRESSION zstd)")
    data = path.read_bytes()
    place = parquet.read_metadata(path).row_group(0).column(4).data_page_offset
    path.write_bytes(data[: place + 30] + b"\xff" * 60 + data[place + 90 :])
    said = refuse(folder)
    assert said.startswith("interactions.parquet cannot be read as Parquet (")
    assert said.endswith("; write the file again") and str(tmp_path) not in said


@pytest.mark.parametrize("seed", range(6))
def test_files_with_some_dirty_rows_leave_the_same_both_ways(seed: int, run, tmp_path, monkeypatch) -> None:
    """Random small files: spaces, capitals, nothing, impossible times and numbers, all of it repeated."""
    folder = tmp_path / "typed" / "shop"
    folder.mkdir(parents=True)
    r = "hash({}, " + str(seed) + ", place) % {}"
    place = ("place", "hash(place)")[seed % 2]
    duckdb.execute(
        "CREATE OR REPLACE TABLE somewhat AS SELECT * REPLACE ("
        f" CASE {r.format(1, 120)} WHEN 0 THEN ' u1' WHEN 1 THEN NULL WHEN 2 THEN ''"
        " ELSE user_id END AS user_id,"
        f" CASE {r.format(2, 100)} WHEN 0 THEN item_id || ' ' ELSE item_id END AS item_id,"
        f" CASE {r.format(3, 150)} WHEN 0 THEN 'Buy' WHEN 1 THEN 'click ' WHEN 2 THEN ''"
        " ELSE event END AS event,"
        f" CASE {r.format(4, 200)} WHEN 0 THEN -1 WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 1e15 ELSE weight END"
        " AS weight,"
        f" CASE {r.format(5, 200)} WHEN 0 THEN TIMESTAMP '1950-01-01' WHEN 1 THEN NULL"
        " WHEN 2 THEN TIMESTAMP '2999-01-01' ELSE timestamp END AS timestamp)"
        f" FROM ({CLEAN.replace('200', '900')})"
    )
    twice = "SELECT * FROM somewhat UNION ALL SELECT * FROM somewhat"
    twice += f" WHERE {r.format(6, 40 + 40 * (seed % 3))} = 0"
    duckdb.execute(
        f"COPY (SELECT * EXCLUDE (place) FROM ({twice}) ORDER BY {place})"
        f" TO '{folder / 'interactions.parquet'}'"
    )
    taken = []
    real = canonical.load_typed_events
    monkeypatch.setattr(canonical, "load_typed_events", lambda *a: taken.append(real(*a)) or taken[-1])
    quick = run(folder)
    monkeypatch.setattr(canonical, "load_typed_events", lambda *a: False)
    slow = run(folder)
    assert taken == [True] and quick.report == slow.report and quick.fingerprint == slow.fingerprint
    read, accepted, repaired, rejected = quick.file("interactions.parquet")
    assert accepted + repaired + rejected == read and repaired and rejected
    for table in ("events", "users", "items", "import_files", "import_reasons", "import_examples"):
        assert quick.rows(f"FROM {table}") == slow.rows(f"FROM {table}"), table
