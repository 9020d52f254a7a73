"""Digests of files, computed once for each state of a file.

A digest is remembered with the file's stamp (inode, size, times of change), in the process and in
``.checked.json`` of the workspace. The memory only spares the reading: what it says is held against the
manifest and the stamp, so damage of the memory itself costs time and nothing else.

SHA-256, since processors have instructions for it: 1.5 GB/s against .8 for BLAKE2b where it was measured.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mgrec_core.foundation.files import write_text

#: Name of the memory in a workspace's folder.
CHECKED = ".checked.json"

_THREADS = 4  # hashing lets go of the interpreter
_KEPT = 20_000

Stamp = tuple[int, int, int, int]
_known: dict[str, tuple[Stamp, str]] = {}


def stamp(path: Path) -> Stamp | None:
    """What is another after a file was written or replaced; ``None`` where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - several times faster, and asked for again and again
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests_of_folder(folder: Path) -> dict[str, str]:
    """:func:`digest_of_file` of every file of a folder by name."""
    paths = sorted(folder.iterdir())
    with ThreadPoolExecutor(_THREADS) as pool:
        return dict(zip((path.name for path in paths), pool.map(digest_of_file, paths), strict=True))


def damaged(folder: Path, expected: Mapping[str, str], *, anew: bool = False) -> list[str]:
    """Names of the files of a folder whose content is not as expected, or that are not there.

    Parameters
    ----------
    folder
        What is described as a whole, two levels below the workspace: ``vectors/<build>``, ``panels/<id>``.
    expected
        Digests by name of file.
    anew
        Read every file, also where it has not changed since it was last found whole.
    """
    memory = folder.parent.parent / CHECKED
    stamps = {name: stamp(folder / name) for name in expected}
    unknown = [
        name for name in expected if anew or not _remembered(folder / name, stamps[name], expected[name])
    ]
    if unknown and not anew and _recall(memory):
        unknown = [n for n in unknown if not _remembered(folder / n, stamps[n], expected[n])]
    if not unknown:
        return []

    def read(name: str) -> str | None:
        try:
            return digest_of_file(folder / name)
        except OSError:
            return None

    with ThreadPoolExecutor(_THREADS) as pool:
        found = dict(zip(unknown, pool.map(read, unknown), strict=True))
    for name, digest in found.items():
        before, after = stamps[name], stamp(folder / name)
        if digest is not None and before is not None and before == after:
            _known[str(folder / name)] = before, digest
    if not anew:
        _remember(memory)
    return [name for name in unknown if found[name] != expected[name]]


def _remembered(path: Path, now: Stamp | None, expected: str) -> bool:
    return now is not None and _known.get(str(path)) == (now, expected)


def _recall(memory: Path) -> bool:
    """Take what the workspace's memory says and this process does not know better."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
        for name, (inode, size, written, changed, digest) in found.items():
            path = str(memory.parent / name)
            _known.setdefault(path, ((int(inode), int(size), int(written), int(changed)), str(digest)))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return False
    return True


def _remember(memory: Path) -> None:
    """Write down what is known of this workspace's files that are there still."""
    root = memory.parent
    for path in [path for path in _known if Path(path).is_relative_to(root) and not Path(path).is_file()]:
        _known.pop(path, None)
    lines = {
        Path(path).relative_to(root).as_posix(): [*when, digest]
        for path, (when, digest) in list(_known.items())
        if Path(path).is_relative_to(root)
    }
    while len(_known) > _KEPT:
        _known.pop(next(iter(_known)))
    with contextlib.suppress(OSError):  # a workspace that may only be read is read each time
        write_text(memory, json.dumps(lines))
