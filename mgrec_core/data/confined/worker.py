"""The process that reads an untrusted source: a request on stdin, JSON lines on stdout.

A line ``{"progress": [...]}`` tells where it is; the last line is ``{"result": ...}``. It ends when
its stdin does, so that no reading outlives who asked.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from mgrec_core.data.confined.limits import OPEN_FILES, PROCESSES, no_room, ours, too_much
from mgrec_core.data.importers.detection import detect_format, detect_part
from mgrec_core.data.importers.mapping.model import Mapping, fingerprint
from mgrec_core.data.importers.running import import_source
from mgrec_core.data.importers.sources import Place, as_place
from mgrec_core.data.look import look
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.preview import Preview, preview, propose, sample
from mgrec_core.foundation import worker
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, MgrecError, NoMemoryError, NoRoomError
from mgrec_core.foundation.text import shorten
from mgrec_core.workspace import uploads
from mgrec_core.workspace.key import WorkspaceKey

_OF_FILES = (OSError, duckdb.Error, pa.ArrowException, RecursionError, UnicodeError)
_LONGEST = 300  # characters of a cell that a preview shows


def main() -> int:
    """Do what was asked; 0 with a result, 1 or 2 with a sentence."""
    request = worker.request()
    memory = int(request["memory"])
    shown = str(request["shown"])
    # before the limits of this process are set: whose limit it was
    short, full = too_much(shown, memory), no_room(shown)
    try:
        duckdb.connect().execute("SELECT 1").fetchall()  # its threads and pools count as held
        worker.confine(memory, written=int(request["written"]), open_files=OPEN_FILES, processes=PROCESSES)
        result = _WORK[request["do"]](_place(request), request)
    except Exception as error:
        told = _told(error, shown, short, full)
        return worker.fail(str(told), told.exit_code, type(told).__name__)
    _say({"result": result})
    return 0


def _told(error: Exception, shown: str, short: MgrecError, full: MgrecError) -> MgrecError:
    """Return what the asker is told of an error; ``short`` of memory that is missing, ``full`` of room."""
    cause = cause_of(error)
    if isinstance(error, NoMemoryError) or cause is Cause.NO_MEMORY:
        return short
    if isinstance(error, NoRoomError) or cause is Cause.FULL:
        return full
    if isinstance(error, MgrecError):
        return error
    if isinstance(error, _OF_FILES):
        unfit = InputError(f"{shown} cannot be read ({type(error).__name__}): write the file again")
        return refusal(error, shown, damaged=unfit, other=unfit)
    # Ours, not the file's: the trace is for whoever looks into it.
    traceback.print_exception(error)
    return InputError(ours(shown, type(error).__name__))


def _place(request: dict[str, Any]) -> Place:
    place = as_place(str(request["source"]))
    if request.get("unpack") and isinstance(place, Path):
        uploads.unpack(place)
    return place


def _look(place: Place, request: dict[str, Any]) -> dict[str, Any]:
    return look(place, request["name"], [Path(one) for one in request["workspaces"]]).to_dict()


def _preview(place: Place, request: dict[str, Any]) -> dict[str, Any]:
    found = preview(place, _mapping(request), request["format"], request["rows"], _options(request))
    return _written(found)


def _propose(place: Place, request: dict[str, Any]) -> dict[str, Any]:
    mapping, kept = propose(Path(request["workspace"]), sample(place, unread=[]), request["name"])
    return {"mapping": mapping.model_dump(mode="json"), "kept": kept}


def _columns(place: Place, request: dict[str, Any]) -> str:
    if detect := _DETECT.get(request["unless"]):
        with contextlib.suppress(InputError):
            detect(place)
            return ""
    return fingerprint(table.samples.keys() for table in sample(place, 1, unread=[]))


def _import(place: Place, request: dict[str, Any]) -> dict[str, Any]:
    earlier = request["earlier"]
    report = import_source(
        place,
        Path(request["database"]),
        request["format"],
        lambda *told: _say({"progress": told}),
        mapping=_mapping(request),
        options=_options(request),
        key=WorkspaceKey(request["key"]),
        earlier=Path(earlier) if earlier else None,
    )
    return report.to_dict()


_DETECT = {"known": detect_format, "known part": detect_part}
_WORK: dict[str, Callable[[Place, dict[str, Any]], Any]] = {
    "look": _look,
    "preview": _preview,
    "propose": _propose,
    "columns": _columns,
    "import": _import,
}


def _mapping(request: dict[str, Any]) -> Mapping | None:
    return Mapping.model_validate(request["mapping"]) if request["mapping"] else None


def _options(request: dict[str, Any]) -> ImportOptions | None:
    return None if request["options"] is None else ImportOptions.from_dict(request["options"])


def _written(found: Preview) -> dict[str, Any]:
    """The preview as plain values; tables as Arrow streams, long cells cut."""
    tables = {name: _stream(frame.map(_cut)) for name, frame in found.frames.items()}
    return {"report": found.report.to_dict(), "rows": found.rows, "tables": tables}


def _cut(cell: Any) -> Any:
    return shorten(cell, _LONGEST) if isinstance(cell, str) and len(cell) > _LONGEST else cell


def _stream(frame: pd.DataFrame) -> str:
    table, out = pa.Table.from_pandas(frame, preserve_index=False), pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return base64.b64encode(out.getvalue().to_pybytes()).decode("ascii")


def _say(line: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody listens any more: stdin ends us
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    worker.leave(main())
