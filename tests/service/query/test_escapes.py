"""Escapes through the real process: refused in a sentence, the workspace unchanged and alive."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.service.query import Limits, run
from mgrec_core.workspace.folder import Workspace
from tests.service.query.test_refusals import REFUSED

THROUGH = random.Random(3).sample([sql for sql in REFUSED if "\0" not in sql], 42)
"""As many as are quick, each through a process of its own."""

# The process as it is, but for the check of the statement: what DuckDB and the system refuse alone.
UNCHECKED = """
import json, os, sys
from mgrec_core.foundation import worker
from mgrec_core.service.query.sandbox import connect
from mgrec_core.workspace.folder import Workspace

connection = connect(Workspace(sys.argv[1]), "256MB")
worker.confine((256 + 1024) * 2**20)
got = []
for sql in json.loads(sys.argv[2]):
    try:
        connection.execute(sql).fetchall()
        got.append(sql)
    except Exception:
        pass
print(json.dumps(got), flush=True)
os._exit(0)
"""
HARMFUL = [
    sql
    for sql in REFUSED
    if any(
        word in sql
        for word in (
            "/etc/passwd", ".csv", ".parquet", "http", "s3:", "ESCAPE", "INSTALL", "LOAD", "SET enable",
            "SET lock", "RESET", "SECRET", "UPDATE ", "DELETE", "INSERT", "TRUNCATE", "ALTER", "glob",
        )
    )
]  # fmt: skip


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_forty_ways_and_more_through_the_process(built_world: Workspace, tmp_path: Path) -> None:
    assert len(THROUGH) >= 40
    before = fingerprint(built_world.path)

    def attempt(sql: str) -> str:
        with pytest.raises(InputError) as raised:
            run(
                built_world.path,
                sql.replace("ESCAPE", str(tmp_path)),
                Limits(rows=10, seconds=20, memory_mb=256),
            )
        return str(raised.value)

    with ThreadPoolExecutor(2) as pool:
        for sql, said in zip(THROUGH, pool.map(attempt, THROUGH), strict=True):
            assert said and "\n" not in said and "ended its process" not in said, (sql, said)
            assert "Traceback" not in said and "root:" not in said, (sql, said)
    assert fingerprint(built_world.path) == before
    assert not any(tmp_path.iterdir())
    answer = run(built_world.path, "SELECT count(*) AS n FROM v_users")
    with built_world.reading() as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (answer.to_frame()["n"][0],)


def test_without_the_check_nothing_is_reached_either(built_world: Workspace, tmp_path: Path) -> None:
    assert len(HARMFUL) >= 40
    harmful = [sql.replace("ESCAPE", str(tmp_path)) for sql in HARMFUL]
    before = fingerprint(built_world.path)
    done = subprocess.run(
        [sys.executable, "-c", UNCHECKED, str(built_world.path), json.dumps(harmful)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert json.loads(done.stdout) == [], done.stderr
    assert fingerprint(built_world.path) == before
    assert not any(tmp_path.iterdir())
