"""Parquet interactions of whatever types and bytes: the fast way must leave what the ordinary way leaves."""

from __future__ import annotations

import random
from pathlib import Path
from unittest import mock

import duckdb

from mgrec_core.data.importers import canonical, import_source
from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace.key import WorkspaceKey

TABLES = ("events", "users", "items", "event_types", "import_files", "import_reasons", "import_examples")
_IDS = (
    "VARCHAR", "INTEGER", "UBIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL(9,2)", "BOOLEAN", "DATE", "BLOB",
    "VARCHAR[]", "STRUCT(a VARCHAR)", "UUID", "TIME",
)  # fmt: skip
_NUMBERS = ("DOUBLE", "FLOAT", "INTEGER", "UTINYINT", "DECIMAL(18,3)", "HUGEINT", "VARCHAR", "BOOLEAN")
_TIMES = (
    "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE", "BIGINT",
    "INTEGER", "DOUBLE", "VARCHAR", "UBIGINT",
)  # fmt: skip
_ODD = {
    "user_id": (
        "NULL", "''", "' u1 '", "'U1'", "'a@b.example'", "'+44 20 7946 0958'", "repeat('é', 70000)", "chr(0)",
    ),
    "item_id": ("NULL", "'i1\n'", "'=1+1'", "'17850.0'", "'\u200b'", "'''); DROP TABLE events; --'"),
    "event": ("NULL", "''", "'Click '", "'=HYPERLINK(1)'", "repeat('9', 2100000)"),
    "weight": ("NULL", "-1", "'nan'", "'-inf'", "1e13", "-0.0", "'x'"),
    "rating": ("NULL", "-1", "'inf'", "1e12", "1e300"),
    "timestamp": (
        "NULL", "TIMESTAMP '2999-01-01'", "TIMESTAMP '1950-01-01'", "'infinity'", "-1", "9000000001",
        "1700000000000", "0",
    ),
    "session_id": ("NULL", "' s'", "''", "'10.0.0.1'", "'S'"),
}  # fmt: skip


def write(chance: random.Random, path: Path) -> str:
    """Write a Parquet file of events; return what was done to them."""
    kinds = {"user_id": _IDS, "item_id": _IDS, "event": ("VARCHAR",), "weight": _NUMBERS, "rating": _NUMBERS}
    kinds |= {"timestamp": _TIMES, "session_id": _IDS[:4]}
    names = [name for name in kinds if name in ("user_id", "item_id") or chance.random() < 0.7]
    chosen = {
        name: kinds[name][0 if chance.random() < 0.8 else chance.randrange(len(kinds[name]))]
        for name in names
    }
    rows, repeats = chance.choice((1, 20, 400)), chance.choice((1, 1, 1, 7))
    values = {
        "user_id": "i % 7", "item_id": "i % 11", "event": "'click'", "weight": "i % 5", "rating": "i % 3",
        "timestamp": f"make_timestamp((1700000000 + i // {chance.choice((1, 3))}) * 1000000)",
        "session_id": "i % 4",
    }  # fmt: skip
    odd = chance.sample(names, chance.choice((0, 0, 1, 1, 2)))
    columns = []
    for name, kind in chosen.items():
        value = f"CAST({values[name]} AS {'TIMESTAMP' if name == 'timestamp' else 'VARCHAR'})"
        if name == "timestamp" and kind in ("BIGINT", "INTEGER", "DOUBLE", "UBIGINT"):
            value = f"epoch({value})"
        cast = f"try_cast({value} AS {kind})"
        if name in odd:
            share = chance.choice((2, 30, rows + 1))
            one = chance.choice(_ODD[name])
            some = f"hash(i, {chance.random()}) % {share} = 0"
            cast = f"CASE WHEN {some} THEN try_cast({one} AS {kind}) ELSE {cast} END"
        if kind == "VARCHAR[]":
            cast = f"[CAST({value} AS VARCHAR), NULL, 'x']"
        elif kind.startswith("STRUCT"):
            cast = f"{{'a': CAST({value} AS VARCHAR)}}"
        columns.append(f"{cast} AS {name}")
    if chance.random() < 0.1:
        columns.append("i AS extra")
    order = chance.choice(("i", "i", f"hash(i, {chance.random()})"))
    numbers = f"(SELECT i % {max(1, rows // repeats)} AS i FROM range({rows}) t(i))"
    packing = chance.choice(("zstd", "snappy", "uncompressed", "gzip"))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {', '.join(columns)} FROM {numbers} ORDER BY {order}) TO '{path}'"
            f" (FORMAT parquet, COMPRESSION {packing}, ROW_GROUP_SIZE 2048)"
        )
    return f"typed {chosen}, odd {odd}, {rows} rows by {order}" + _damage(chance, path)


def _damage(chance: random.Random, path: Path) -> str:
    data = path.read_bytes()
    damage = chance.choice((*["whole"] * 8, "truncated", "flipped", "flipped", "footer", "more", "no rows"))
    if damage == "truncated":
        data = data[: chance.randrange(len(data))]
    elif damage in ("flipped", "footer"):
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 6)):
            first = len(data) * 2 // 3 if damage == "footer" else 0
            changed[chance.randrange(first, len(data))] = chance.randrange(256)
        data = bytes(changed)
    elif damage == "more":
        data += chance.randbytes(chance.randrange(1, 99))
    elif damage == "no rows":
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (FROM read_parquet('{path}') LIMIT 0) TO '{path}.none' (FORMAT parquet)"
            )
        data = Path(f"{path}.none").read_bytes()
        Path(f"{path}.none").unlink()
    path.write_bytes(data)
    return f", {damage}"


def check(what: str, source: Path, database: Path, found: ImportReport | InputError) -> None:
    """Compare what was found with the ordinary way.

    Raises
    ------
    AssertionError
        They differ.
    """
    other = database.with_name("ordinary.duckdb")
    try:
        with mock.patch.object(canonical, "load_typed_events", lambda *_: False):
            key = WorkspaceKey(database.parent)  # that of the first import, for the same pseudonyms
            ordinary: ImportReport | InputError = import_source(source, other, "canonical", key=key)
    except InputError as error:
        ordinary = error
    if isinstance(found, InputError) or isinstance(ordinary, InputError):
        assert str(found) == str(ordinary), (what, str(found)[:300], str(ordinary)[:300])
        return
    assert found == ordinary, (what, found, ordinary)
    for table in TABLES:
        one, another = (_rows(path, table) for path in (database, other))
        assert one == another, (what, table, one[:2], another[:2])


def _rows(database: Path, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return [tuple(map(str, row)) for row in connection.execute(f"FROM {table}").fetchall()]
