"""A small world of events, tags and friends in the workspace's own tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mgrec_core.data.importers import import_source

LINES = [
    f"u{u},i{(u * 3 + n) % 9},rating,{1 + n % 5},{1_700_000_000 + 1000 * n + u}"
    for u in range(8)
    for n in range(6)
]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("world")
    source = folder / "source"
    source.mkdir()
    (source / "interactions.csv").write_text(
        "user_id,item_id,event,rating,timestamp\n" + "\n".join(LINES) + "\n", encoding="utf-8"
    )
    (source / "items.csv").write_text(
        "item_id,title\n" + "\n".join(f"i{n},Title {n}" for n in range(9)) + "\n", encoding="utf-8"
    )
    (source / "social.csv").write_text("user_id,friend_id\nu0,u1\nu1,u2\n", encoding="utf-8")
    import_source(source, folder / "world.duckdb")
    connection = duckdb.connect(str(folder / "world.duckdb"))
    for u in range(8):
        connection.execute(
            "INSERT INTO tags SELECT user_id, item_id, 'seen by ' || user_id, timestamp "
            "FROM events WHERE user_id = ?",
            [f"u{u}"],
        )
    yield connection
    connection.close()
