"""The process of one query: a request on stdin, an Arrow stream on stdout, one error on stderr.

It ends when its stdin does, so that no query outlives who asked. Before the statement is read,
the process gives up opening files and sockets, writing files, and memory beyond its share.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

import duckdb
import pyarrow as pa

from mgrec_core.foundation import worker
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, MgrecError, NoMemoryError
from mgrec_core.service.query.plain import plain, settled
from mgrec_core.service.query.sandbox import Hiding, connect, views
from mgrec_core.service.query.statement import Refused, characters, check
from mgrec_core.workspace.folder import Workspace

BATCH = 2048
_DEAF = 2.0  # seconds that an interrupted query may take to notice
_SPARE = 1 << 30  # of address space beyond DuckDB's share: its allocator's reserves and Arrow's buffers


def main() -> int:
    """Answer the request; 0 for an answer, 2 for a refusal, 1 for what went wrong underneath."""
    request = worker.request()
    out = sys.stdout.buffer
    sql = request["sql"]
    try:
        workspace = Workspace(request["workspace"])
        connection = connect(workspace, request["memory"])
        names = frozenset(views(connection))
        hiding = Hiding(connection, workspace) if request["pseudonymise"] else None
        connection.execute("SELECT 1").fetchall()
        connection.sql("SELECT 1 AS warm").to_arrow_reader(1).read_all()
        worker.confine(request["memory_bytes"] + _SPARE)
        used = check(connection, sql, names)
        timer = threading.Timer(request["seconds"], connection.interrupt)
        timer.daemon = True
        timer.start()
        # One long function, such as lpad to two billion letters, hears no interruption.
        last = threading.Timer(request["seconds"] + _DEAF, _leave_at_once, [_too_long(request["seconds"])])
        last.daemon = True
        last.start()
        if hiding is not None:
            hiding.hide(used)
        _bind(connection, sql)
        _answer(connection, sql, request, out)
    except MgrecError as error:
        return worker.fail(str(error), error.exit_code)
    except (MemoryError, duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        return worker.fail(_too_much(request["memory"]), 2)
    except duckdb.InterruptException:
        return worker.fail(_too_long(request["seconds"]), 2)
    except duckdb.Error as error:
        return worker.fail(str(_readable(error, sql)), 2)
    except OSError as error:  # what befalls DuckDB while Arrow reads from it
        said = str(error)
        if said.startswith("Out of Memory"):
            return worker.fail(_too_much(request["memory"]), 2)
        if said.upper().startswith("INTERRUPT"):
            return worker.fail(_too_long(request["seconds"]), 2)
        if "exception_message" in said:
            return worker.fail(str(_readable(error, sql)), 2)
        return worker.fail("the query cannot be answered (OSError)", 1)
    except Exception as error:  # whatever it is, who asked gets a sentence
        if cause_of(error) is Cause.NO_MEMORY:  # such as a thread that could not be started
            return worker.fail(str(refusal(error, "this query")), 1, NoMemoryError.__name__)
        return worker.fail(f"the query cannot be answered ({type(error).__name__})", 1)
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
    relation = connection.sql(sql)
    names, (projected, kinds) = relation.columns, plain(relation)
    reader = projected.to_arrow_reader(min(BATCH, limit + 1))
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
    table = settled(connection, table, kinds, names)
    table = table.replace_schema_metadata({"truncated": str(int(rows > limit))})
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    out.flush()


def _readable(error: duckdb.Error | OSError, sql: str, before: int = 0) -> Refused:
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


def _too_much(memory: str) -> str:
    return f"the query needs more than the {memory} of memory it may have: ask for less at once"


def _too_long(seconds: float) -> str:
    return f"the query took longer than {seconds:g} s and was stopped: ask for less, or allow it more time"


def _leave_at_once(message: str) -> None:
    os._exit(worker.fail(message, 2))


if __name__ == "__main__":
    worker.leave(main())
