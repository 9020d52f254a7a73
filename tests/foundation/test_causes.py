"""What stands behind an error, on errors that real faults raise."""

from __future__ import annotations

import errno
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import (
    InputError,
    MgrecError,
    NoMemoryError,
    NoRoomError,
    WorkspaceBrokenError,
    WorkspaceLockedError,
)
from tests.cli.faults import full, read_only, small_disk

MANY = 300_000


def raised(act: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as found:
        act()
    return found.value


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    try:
        with small_disk(tmp_path_factory.mktemp("disks") / "small", 4) as disk:
            with duckdb.connect(str(disk / "kept.duckdb")) as connection:
                connection.execute("CREATE TABLE t AS SELECT range AS n FROM range(10)")
            yield disk
    except PermissionError as error:
        pytest.skip(str(error))


def _insert(disk: Path) -> None:
    with duckdb.connect(str(disk / "kept.duckdb")) as connection:
        connection.execute(f"INSERT INTO t SELECT hash(range) % 1000000 FROM range({MANY})")


def _new(disk: Path) -> None:
    with duckdb.connect(str(disk / "new.duckdb")) as connection:
        connection.execute("CREATE TABLE t (n INT)")


def _copy(disk: Path) -> None:
    duckdb.execute(f"COPY (SELECT random() FROM range({MANY})) TO '{disk}/copy.parquet'")


def _spill(disk: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"SET temp_directory='{disk}/tmp'; SET memory_limit='60MB'; SET threads=1")
        connection.execute(
            "CREATE TABLE z AS SELECT random(), range::VARCHAR || repeat('d', 20) FROM range(2000000)"
        )


def _sqlite(disk: Path) -> None:
    connection = sqlite3.connect(disk / "new.sqlite")
    try:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 5000)
        connection.commit()
    finally:
        connection.close()


WRITES: dict[str, Callable[[Path], object]] = {
    "into a DuckDB file": _insert,
    "a DuckDB file": _new,
    "a copy by DuckDB": _copy,
    "what DuckDB spills": _spill,
    "Parquet": lambda disk: pq.write_table(pa.table({"x": np.random.rand(MANY)}), disk / "a.parquet"),
    "an array": lambda disk: np.save(disk / "a.npy", np.random.rand(MANY)),
    "a text": lambda disk: (disk / "a.txt").write_text("x" * (8 << 20)),
    "SQLite": _sqlite,
}


@pytest.mark.parametrize("what", WRITES)
def test_a_full_disk_is_full_for_every_library(disk: Path, what: str) -> None:
    with full(disk):
        error = raised(lambda: WRITES[what](disk))
    assert cause_of(error) is Cause.FULL
    told = refusal(error, "it", "written", damaged=InputError("damaged: move it away"))
    assert isinstance(told, NoRoomError) and told.exit_code == 1
    assert "its disk is full: free space there" in str(told) and "as it was" in str(told)
    with duckdb.connect(str(disk / "kept.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchall() == [(10,)]


@pytest.mark.parametrize("what", sorted(set(WRITES) - {"what DuckDB spills"}))
def test_a_disk_to_read_only_is_that_for_every_library(disk: Path, what: str) -> None:
    for path in disk.iterdir():  # what the full disk left; only the database is kept
        if path.name != "kept.duckdb":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    read_only(disk)
    try:
        error = raised(lambda: WRITES[what](disk))
    finally:
        read_only(disk, False)
    # SQLite says no more of a file that it cannot make than that it cannot be opened
    assert cause_of(error) is (None if what == "SQLite" else Cause.READ_ONLY)


def in_a_process(limit: str, code: str) -> str:
    """What an expression raises in a process with a limit: the cause that is found."""
    script = (
        "import resource, duckdb, torch, numpy as np, pyarrow as pa, pyarrow.parquet as pq\n"
        "from mgrec_core.foundation.causes import cause_of\n"
        "held = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
        f"resource.setrlimit({limit})\n"
        f"try:\n    {code}\nexcept BaseException as error:\n    print(cause_of(error))"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip()


MEMORY = "resource.RLIMIT_AS, (held + (200 << 20),) * 2"
FILES = "resource.RLIMIT_FSIZE, (1 << 16,) * 2"


@pytest.mark.parametrize(
    ("limit", "code", "cause"),
    [
        (MEMORY, "np.zeros(10**9)", Cause.NO_MEMORY),
        (MEMORY, "torch.zeros(10**9)", Cause.NO_MEMORY),
        (MEMORY, "pa.allocate_buffer(10**9)", Cause.NO_MEMORY),
        (MEMORY, "duckdb.sql('SELECT list(random()) FROM range(90000000)').fetchall()", Cause.NO_MEMORY),
        (FILES, "np.save('{folder}/a.npy', np.ones(10**6))", Cause.FULL),
        (FILES, "pq.write_table(pa.table(dict(x=np.random.rand(10**6))), '{folder}/a.parquet')", Cause.FULL),
        (FILES, "duckdb.sql('FROM range(1000000)').to_parquet('{folder}/b.parquet')", Cause.FULL),
    ],
)  # fmt: skip
def test_limits_of_a_process(limit: str, code: str, cause: Cause, tmp_path: Path) -> None:
    assert in_a_process(limit, code.format(folder=tmp_path)) == str(cause)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "whole.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS n FROM range(10)")
    return path.read_bytes()


def attach(path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS it (READ_ONLY)")
        connection.execute("SELECT * FROM it.t").fetchall()


def sealed(raw: bytearray, path: Path) -> BaseException:
    """Put DuckDB's own checksums over changed bytes, until it complains of something else."""
    while True:
        path.write_bytes(raw)
        error = raised(lambda: attach(path))
        wrong = re.search(r"computed checksum (\d+) .* location (\d+)", str(error))
        if wrong is None:
            return error
        at = int(wrong[2])
        raw[at : at + 8] = struct.pack("<Q", int(wrong[1]))


@pytest.mark.parametrize("place", [12, 4096 + 56, 8192 + 56])
def test_a_file_of_a_later_duckdb_is_not_damaged(whole: bytes, tmp_path: Path, place: int) -> None:
    raw = bytearray(whole)
    for at in {place, 4096 + 56, 8192 + 56} if place > 4096 else {place}:
        raw[at : at + 8] = struct.pack("<Q", 9999)
    error = sealed(raw, tmp_path / "later.duckdb")
    assert cause_of(error) is Cause.NEWER
    told = refusal(error, "later.duckdb", damaged=WorkspaceBrokenError("damaged"))
    assert "newer version" in str(told) and "update" in str(told)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: b"user_id,item_id\n" * 900,
        lambda raw: raw[:2000],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:12288] + bytes(len(raw) - 12288),
        lambda raw: raw[:5000] + bytes([raw[5000] ^ 255]) + raw[5001:],
    ],
    ids=["empty", "a text", "cut header", "cut", "overwritten", "a flipped byte"],
)
def test_damage_is_damage(whole: bytes, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(damage(whole))
    error = raised(lambda: attach(path))
    assert cause_of(error) is Cause.DAMAGED
    mine = InputError("import it again")
    assert refusal(error, path, damaged=mine) is mine


def test_a_file_that_another_program_holds(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "held.duckdb"
    path.write_bytes(whole)
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        other.stdout.readline()
        error = raised(lambda: attach(path))
        other.stdin.close()
    assert cause_of(error) is Cause.LOCKED
    assert isinstance(refusal(error, path), WorkspaceLockedError)


def test_nothing_there(tmp_path: Path) -> None:
    assert cause_of(raised(lambda: attach(tmp_path / "none.duckdb"))) is Cause.ABSENT
    assert cause_of(raised((tmp_path / "none").read_bytes)) is Cause.ABSENT


def test_each_number_of_the_system_has_its_sentence() -> None:
    def told(number: int) -> MgrecError:
        return refusal(OSError(number, "x"), "it", "written", choose="choose another --out")

    assert "quota" in str(told(errno.EDQUOT)) and "ulimit -f" in str(told(errno.EFBIG))
    assert "permissions or choose another --out" in str(told(errno.EACCES))
    assert isinstance(told(errno.ENOMEM), NoMemoryError)
    assert "(x): choose another --out, or try again" in str(told(errno.EIO))
    assert cause_of(OSError(errno.EIO, "x")) is None


def test_what_is_behind_another_error_counts() -> None:
    def act() -> None:
        try:
            raise MemoryError
        except MemoryError as error:
            raise ValueError("no model") from error

    assert cause_of(raised(act)) is Cause.NO_MEMORY
    assert cause_of(ValueError("no space left on device")) is None  # any text may say so
