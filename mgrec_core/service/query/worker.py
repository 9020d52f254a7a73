"""The process of one query: a request on stdin, an Arrow stream on stdout, one error on stderr.

It ends when its stdin does, so that no query outlives who asked. Before the statement is read,
the process gives up opening files and sockets, writing files, and memory beyond its share.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.service.query.sandbox import connect, views
from mgrec_core.service.query.statement import Refused, characters, check
from mgrec_core.workspace.folder import Workspace

BATCH = 2048
_DEAF = 2.0  # seconds that an interrupted query may take to notice
_SPARE = 1 << 30  # of address space beyond DuckDB's share: its allocator's reserves and Arrow's buffers


def main() -> int:
    """Answer the request; 0 for an answer, 2 for a refusal, 1 for what went wrong underneath."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_asker, daemon=True).start()
    out = sys.stdout.buffer
    sql = request["sql"]
    try:
        connection = connect(Workspace(request["workspace"]), request["memory"], request["pseudonymise"])
        names = frozenset(views(connection))
        connection.execute("SELECT 1").fetchall()
        connection.sql("SELECT 1 AS warm").to_arrow_reader(1).read_all()
        _confine(request["memory_bytes"])
        check(connection, sql, names)
        timer = threading.Timer(request["seconds"], connection.interrupt)
        timer.daemon = True
        timer.start()
        # One long function, such as lpad to two billion letters, hears no interruption.
        last = threading.Timer(request["seconds"] + _DEAF, _leave_at_once, [_too_long(request["seconds"])])
        last.daemon = True
        last.start()
        _bind(connection, sql)
        _answer(connection, sql, request, out)
    except MgrecError as error:
        return _fail(str(error), error.exit_code)
    except (MemoryError, duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        return _fail(
            f"the query needs more than the {request['memory']} of memory it may have: ask for less at once",
            2,
        )
    except duckdb.InterruptException:
        return _fail(_too_long(request["seconds"]), 2)
    except duckdb.Error as error:
        return _fail(str(_readable(error, sql)), 2)
    except (OSError, RecursionError, pa.ArrowException) as error:
        return _fail(f"the query cannot be answered ({type(error).__name__})", 1)
    return 0


def _bind(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Find what does not fit together; running alone would not say where it stands."""
    explain = "EXPLAIN "
    try:
        connection.execute(explain + sql).fetchall()
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        raise _readable(error, sql, len(explain)) from None


def _answer(connection: duckdb.DuckDBPyConnection, sql: str, request: dict[str, Any], out: Any) -> None:
    limit, room = request["limit"], request["bytes"]
    reader = connection.sql(sql).to_arrow_reader(min(BATCH, limit + 1))
    schema, batches, rows = reader.schema, [], 0
    while rows <= limit:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            break
        rows += batch.num_rows
        room -= batch.nbytes
        if room < 0:
            raise InputError(
                f"the answer is larger than {request['bytes'] // 2**20} MB: ask for fewer rows or columns"
            )
        batches.append(batch)
    table = pa.Table.from_batches(batches, schema).slice(0, limit)
    names = _distinct(table.column_names)
    table = table.rename_columns(names).replace_schema_metadata({"truncated": str(int(rows > limit))})
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    out.flush()


def _distinct(names: list[str]) -> list[str]:
    """Column names as asked for, later equal ones with a number."""
    found: list[str] = []
    for name in names:
        new, n = name, 2
        while new in found:
            new, n = f"{name}_{n}", n + 1
        found.append(new)
    return found


def _readable(error: duckdb.Error, sql: str, before: int = 0) -> Refused:
    """DuckDB's error in one line, with line and column; ``before`` bytes stand in front of the text."""
    text = str(error)
    start = text.find("{")
    try:
        said = json.loads(text[start:])
        message, at = str(said["exception_message"]), str(said.get("position", ""))
    except (ValueError, KeyError, TypeError):
        message, at = text, ""
    message = " ".join(message.split())[:300]
    place = characters(sql, int(at) - before) if at.isdigit() else None
    return Refused(message, sql, place)


def _confine(memory: int) -> None:
    """From here on: no new file or socket, no file written, no memory beyond the share."""
    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    most = held + memory + _SPARE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _leave_with_the_asker() -> None:
    sys.stdin.buffer.read()
    os._exit(3)


def _too_long(seconds: float) -> str:
    return f"the query took longer than {seconds:g} s and was stopped: ask for less, or allow it more time"


def _leave_at_once(message: str) -> None:
    os._exit(_fail(message, 2))


def _fail(message: str, code: int) -> int:
    sys.stderr.write(json.dumps({"error": " ".join(message.split())}))
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    _code = main()
    sys.stdout.flush()
    os._exit(_code)
