"""A process of our own for one piece of work: started, watched, cancelled; its end never harms the asker.

The child gets one JSON request on its stdin and ends when that does, so that it never outlives who
asked. It answers on stdout and says why not on stderr, as ``{"error": sentence, "kind": class}``; what it
calls for this is in :mod:`mgrec_core.foundation.worker`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_ROOT = str(Path(__file__).resolve().parents[2])
# Of the asker's environment the child gets where packages and temporary files are, and nothing beside us is
# imported from where the asker stands.
_GIVEN = {
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "LANG": "C.UTF-8",
}
SCRATCH = "MGREC_CHILD_SCRATCH"
"""Variable with the child's folder for temporary files."""
_CHUNK = 1 << 16
_MOST_SAID = 1 << 20  # bytes of an error

Stopped = Literal["", "person", "time", "size"]
"""Who stopped a child: nobody, the asker, or a limit of time or of the answer's size."""


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes
    ----------
    code
        Exit code; below 0 the signal that ended it.
    out
        What it answered.
    said
        What it wrote to stderr.
    stopped
        Who stopped it.
    seconds
        From its start to its end.
    """

    code: int
    out: bytes
    said: bytes
    stopped: Stopped
    seconds: float

    @property
    def error(self) -> dict[str, str]:
        """The error that the child told, empty where it told none."""
        try:
            found = json.loads(self.said.splitlines()[-1])
            return {"error": str(found["error"]), "kind": str(found.get("kind", ""))}
        except (ValueError, KeyError, TypeError, IndexError):
            return {}


class Child:
    """One process that runs from the moment this is made.

    Parameters
    ----------
    module
        Module that is run, such as ``mgrec_core.service.query.worker``.
    request
        Goes to its stdin as one line of JSON.
    seconds
        After these it is killed.
    most
        Bytes of its answer; with more it is killed.
    environment
        Further variables of the child; of the asker's it gets only what it needs to run at all.
    scratch
        Whether it writes temporary files: it gets a folder for them, which goes with it however it ends.
    heard
        Is called with each line of the answer, in a thread of the child's own; those lines are not kept.
    """

    def __init__(
        self,
        module: str,
        request: Mapping[str, Any],
        *,
        seconds: float,
        most: int,
        environment: Mapping[str, str] | None = None,
        scratch: bool = False,
        heard: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._started = time.monotonic()
        self._ended: float | None = None
        self._stopped: Stopped = ""
        self._most, self._heard = most, heard
        self._out = self._said = b""
        given = {**_GIVEN, "TMPDIR": tempfile.gettempdir()}
        given["PYTHONPATH"] = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
        self._scratch = tempfile.mkdtemp(prefix="mgrec-child-") if scratch else ""
        if scratch:
            given |= {"TMPDIR": self._scratch, SCRATCH: self._scratch}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={**given, **(environment or {})}, start_new_session=True,
            )  # fmt: skip
        except OSError:
            self._tidy()
            raise
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a child that died already says so with its exit code
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        self._timer = threading.Timer(seconds, self._stop, ["time"])
        self._timer.daemon = True
        self._timer.start()
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._answer, self._errors)]
        for reader in self._readers:
            reader.start()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return any(reader.is_alive() for reader in self._readers)

    @property
    def pid(self) -> int:
        """Its process id, which is also its process group's."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """Seconds since the start, or until the end."""
        return (self._ended or time.monotonic()) - self._started

    def cancel(self) -> None:
        """Stop it; idempotent."""
        self._stop("person")

    def wait(self) -> Ended:
        """Wait for its end; when the waiting is interrupted it is stopped."""
        try:
            for reader in self._readers:
                reader.join()
            code = self._process.wait()
        except BaseException:
            self.cancel()
            raise
        return Ended(code, self._out, self._said, self._stopped, self.seconds)

    def _stop(self, why: Stopped) -> None:
        if self._process.poll() is None:
            self._stopped = self._stopped or why
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _answer(self) -> None:
        """Take the answer and let the ended process go, whether or not anybody asks how it ended."""
        try:
            self._take()
        finally:
            self._process.wait()
            self._timer.cancel()
            self._ended = time.monotonic()
            with contextlib.suppress(OSError):
                self._process.stdin.close()  # type: ignore[union-attr]

    def _take(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        kept, room, line = bytearray(), self._most, b""
        with stream:
            while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined]
                room -= len(chunk)
                if room < 0:
                    self._stop("size")
                    return
                if self._heard is None:
                    kept += chunk
                    continue
                *whole, line = (line + chunk).split(b"\n")
                for one in whole:
                    if not self._heard(one):
                        kept += one
        self._out = bytes(kept + line)

    def _errors(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream:
            while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined]
                self._said = (self._said + chunk)[-_MOST_SAID:]
        self._process.wait()
        self._tidy()  # one that was killed could not

    def _tidy(self) -> None:
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
