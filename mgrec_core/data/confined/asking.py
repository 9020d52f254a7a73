"""The asker's side: start a reading, watch it, cancel it, take its result."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from mgrec_core.data.confined.limits import (
    IMPORTING,
    LOOKING,
    Limits,
    broke,
    bytes_to_write,
    too_long,
    too_much,
)
from mgrec_core.data.importers.sources import Place
from mgrec_core.data.importers.sources.libpq import PASSWORD, PASSWORD_FOR
from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation import errors, log
from mgrec_core.foundation.child import Child, Ended
from mgrec_core.foundation.errors import Cancelled, InputError, MgrecError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.text import shorten

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping as ColumnMapping
    from mgrec_core.data.look import Look
    from mgrec_core.data.options import ImportOptions
    from mgrec_core.data.preview import Preview

T = TypeVar("T")
_LOG = log.get("reading")
_MODULE = "mgrec_core.data.confined.worker"
_KINDS = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, MgrecError)
}


class Reading(Child, Generic[T]):
    """One reading that runs in its own process from the moment this is made."""

    def __init__(
        self,
        do: str,
        place: Place,
        limits: Limits,
        take: Callable[[Any], T],
        request: Mapping[str, Any],
        progress: Progress = silent,
        where: Path | None = None,
    ) -> None:
        self._limits, self._made, self._progress = limits, take, progress
        self._shown = shown(place)
        asked = {
            "do": do,
            "source": place.url if isinstance(place, PostgresAddress) else str(place),
            "shown": self._shown,
            "memory": limits.memory_mb << 20,
            "written": bytes_to_write(limits, where or Path(tempfile.gettempdir())),
            **request,
        }
        self._do = do
        self._raised: BaseException | None = None
        super().__init__(
            _MODULE,
            asked,
            seconds=limits.seconds,
            most=limits.answer_mb << 20,
            environment=_of_databases() if isinstance(place, PostgresAddress) else {},
            scratch=True,
            heard=self._hear,
        )
        log.event(_LOG, logging.INFO, "started", do=do, pid=self.pid)

    def result(self) -> T:
        """Wait for what was read.

        Raises
        ------
        InputError
            The source is refused, or wants more time, memory or disk than it may have.
        Cancelled
            :meth:`cancel` was called.
        """
        ended = self.wait()
        if self._raised is not None:
            raise self._raised
        log.event(
            _LOG, logging.INFO, "ended", do=self._do, code=ended.code, stopped=ended.stopped or None,
            seconds=round(ended.seconds, 3),
        )  # fmt: skip
        if ended.stopped or ended.code:
            raise self._refusal(ended)
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return self._made(json.loads(ended.out)["result"])
        raise InputError(broke(self._shown))

    def _refusal(self, ended: Ended) -> MgrecError:
        match ended.stopped:
            case "person":
                return Cancelled("the reading was cancelled; nothing was changed")
            case "time":
                return InputError(too_long(self._shown, self._limits.seconds))
            case "size":
                return InputError(
                    f"{self._shown} holds more than can be shown: fewer tables, or fewer columns, are needed"
                )
        if told := ended.error:
            return _KINDS.get(told["kind"], InputError)(told["error"])
        # What a library wrote last, as it gave up, is English for machines.
        if b"memory" in ended.said.lower() or b"alloc" in ended.said.lower():
            return too_much(self._shown, self._limits.memory_mb << 20)
        return InputError(broke(self._shown))

    def _hear(self, line: bytes) -> bool:
        """Take a line of progress; tell whether it was one."""
        if not line.startswith(b'{"progress"'):
            return False
        try:
            stage, done, total, *detail = json.loads(line)["progress"]
            told = str(stage), int(done), int(total), str(detail[0]) if detail else ""
        except (ValueError, KeyError, TypeError):
            return True
        try:
            self._progress(*told)
        except BaseException as error:  # a thread has nobody to raise to: who asks for the result does
            self._raised = error
            self.cancel()
        return True


def _of_databases() -> dict[str, str]:
    """What of our environment says how databases are reached; libpq.py decides what goes to which host."""
    ours = (PASSWORD, PASSWORD_FOR, "HOME", "USER", "LOGNAME")
    return {name: value for name, value in os.environ.items() if name in ours or name.startswith("PG")}


def shown(place: Place) -> str:
    """What messages call a source, never an address or a whole path; a file alone in a folder by its name."""
    if isinstance(place, PostgresAddress):
        return str(place)
    if place.is_dir() and len(inside := list(itertools.islice(place.iterdir(), 2))) == 1:
        place = inside[0]
    return shorten(place.resolve().name, 80)


def looking(
    place: Place,
    name: str,
    workspaces: Sequence[Path],
    *,
    unpack: bool = False,
    limits: Limits = LOOKING,
) -> Reading[Look]:
    """Start :func:`mgrec_core.data.look.look`; ``unpack`` takes apart the zip files of an upload first."""

    def take(found: Any) -> Look:
        from mgrec_core.data.look import Look

        return Look.from_dict(found)

    asked = {"name": name, "workspaces": [str(one.absolute()) for one in workspaces], "unpack": unpack}
    return Reading("look", place, limits, take, asked)


def previewing(
    place: Place,
    mapping: ColumnMapping | None = None,
    format: str | None = None,
    rows: int | None = None,
    options: ImportOptions | None = None,
    *,
    limits: Limits = LOOKING,
) -> Reading[Preview]:
    """Start :func:`mgrec_core.data.preview.preview`."""

    def take(found: Any) -> Preview:
        import pyarrow as pa

        from mgrec_core.data.preview import Preview

        frames = {}
        for table, content in found["tables"].items():
            with pa.ipc.open_stream(base64.b64decode(content)) as stream:
                frames[table] = stream.read_all().to_pandas()
        return Preview(ImportReport.from_dict(found["report"]), frames, found["rows"])

    from mgrec_core.data.preview import PREVIEWED

    asked = {"format": format, "rows": PREVIEWED if rows is None else rows, **_choices(mapping, options)}
    return Reading("preview", place, limits, take, asked)


def proposing(
    place: Place, workspace: Path, name: str, *, limits: Limits = LOOKING
) -> Reading[tuple[ColumnMapping, bool]]:
    """Start :func:`mgrec_core.data.preview.propose` on a source's first rows."""

    def take(found: Any) -> tuple[ColumnMapping, bool]:
        from mgrec_core.data.importers.mapping import Mapping

        return Mapping.model_validate(found["mapping"]), bool(found["kept"])

    return Reading("propose", place, limits, take, {"workspace": str(workspace.absolute()), "name": name})


def columns(
    place: Place, unless: Literal["", "known", "known part"] = "", *, limits: Limits = LOOKING
) -> Reading[str]:
    """Start reading the fingerprint of a source's columns, by which a kept mapping is found.

    It is empty where ``unless`` names what the source is: of a known format, or a part of one that can be
    added.
    """
    return Reading("columns", place, limits, str, {"unless": unless})


def importing(
    place: Place,
    database: Path,
    format: str | None = None,
    progress: Progress = silent,
    *,
    mapping: ColumnMapping | None = None,
    options: ImportOptions | None = None,
    key: Path,
    earlier: Path | None = None,
    limits: Limits = IMPORTING,
) -> Reading[ImportReport]:
    """Start :func:`mgrec_core.data.importers.import_source`; ``key`` is the folder of the workspace.

    Progress is told from a thread of the reading's own.
    """
    asked = {
        "database": str(database.absolute()),
        "format": format,
        "key": str(key.absolute()),
        "earlier": str(earlier.absolute()) if earlier else None,
        **_choices(mapping, options),
    }
    return Reading("import", place, limits, ImportReport.from_dict, asked, progress, database.parent)


def _choices(mapping: ColumnMapping | None, options: ImportOptions | None) -> dict[str, Any]:
    return {
        "mapping": mapping.model_dump(mode="json") if mapping else None,
        "options": options.to_dict() if options else None,
    }
