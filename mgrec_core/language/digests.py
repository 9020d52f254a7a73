"""Digests of files, remembered so that a large model is not read again to see that nothing changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path

from mgrec_core.foundation.files import write_text

# Below this a digest takes a fraction of a second, and reading is the surer check.
_REMEMBER_FROM = 256 * 2**20


def text_digest(text: str) -> str:
    """Return the hexadecimal sha256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def file_digest(path: Path) -> str:
    """Return the hexadecimal sha256 of a file.

    Within a process a file of the same size and modification time is read once; files above 256 MB
    are remembered between processes too, in the user's cache folder.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    resolved = path.resolve()
    stat = resolved.stat()
    return _digest(resolved, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=1024)
def _digest(path: Path, size: int, modified: int) -> str:
    if size < _REMEMBER_FROM:
        return _read(path)
    memory = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mgrec" / "digests"
    # one small file a digest: nothing to merge when two processes write at once
    note = memory / text_digest(f"{path}\n{size}\n{modified}")
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(note.read_text(encoding="utf-8"))
        if isinstance(known, str) and len(known) == 64:
            return known
    digest = _read(path)
    with contextlib.suppress(OSError):
        memory.mkdir(parents=True, exist_ok=True)
        write_text(note, json.dumps(digest))
    return digest


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
