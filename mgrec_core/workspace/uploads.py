"""Files that came through the browser: taken into a folder of their own, whatever they are called.

``<workspaces>/.uploads/<id>/<name>/`` holds what one person sent at once. Names are made plain, zip
files unpacked within limits by the process that reads them, and the folder is removed when its import
has succeeded. So much may wait at once, and for so long, and no more.
"""

from __future__ import annotations

import contextlib
import logging
import lzma
import re
import shutil
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from mgrec_core.foundation import log
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError

FOLDER = ".uploads"
MOST_FILES = 200
MOST_BYTES = 2 << 30
"""What one upload may hold when unpacked, in bytes."""
MOST_RATIO = 200
"""How many times its size a packed file may unpack to; beyond it is an attack."""
MOST_UPLOADS = 50
"""Uploads that wait at once to be imported."""
MOST_WAITING = 8 << 30
"""What all of them may hold together, in bytes."""
STALE_SECONDS = 86_400.0
"""An upload that nobody imported is removed after a day."""
_CHUNK = 1 << 20
_LONGEST = 120  # bytes of a name; file systems take 255
# What `zipfile` and its decompressors raise about damaged, locked and odd files.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,  # a password, or a way of packing that it does not know
    ValueError,
    OSError,
)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def plain_name(name: str) -> str:
    r"""Return a file name without folders, signs or surprises.

    Examples
    --------
    >>> plain_name("../../etc/my orders.csv"), plain_name("C:\\x\\a.csv"), plain_name("...")
    ('my orders.csv', 'a.csv', 'file')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = re.sub(r"[^\w .()+-]", "_", "".join(c for c in last if c.isprintable()))
    kept = kept.strip(" .")
    if len(kept.encode()) > _LONGEST:
        stem, dot, ending = kept.rpartition(".")
        ending = ending[:15] if dot else ""
        room = _LONGEST - len((dot + ending).encode())
        kept = (stem or kept).encode()[:room].decode(errors="ignore").rstrip(" .") + dot + ending
    return kept or "file"


def receive(root: Path, files: Iterable[tuple[str, IO[bytes]]], name: str) -> Path:
    """Store uploaded files as they came and return their folder; :func:`unpack` opens the zip files.

    Parameters
    ----------
    root
        Folder of workspaces.
    files
        Name as the browser sent it, and the content.
    name
        What the data are called: the folder's name.

    Raises
    ------
    InputError
        When there is nothing, too much, or the same name twice; nothing is left behind then.
    """
    forget_stale(root)
    room = _room(root)
    folder = root / FOLDER / uuid.uuid4().hex / plain_name(name)
    with contextlib.ExitStack() as unless_stored:
        unless_stored.callback(shutil.rmtree, folder.parent, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
            left = room
            for given, content in files:
                left = _write(folder, given, content, left)
            if not any(folder.iterdir()):
                raise InputError("the upload holds no files; choose the files with your data")
        except OSError as error:
            raise refusal(error, "the upload", "written") from None
        unless_stored.pop_all()
    log.event(log.get("uploads"), logging.INFO, "taken", files=len([*folder.iterdir()]), bytes=room - left)
    return folder


def unpack(folder: Path) -> None:
    """Put the contents of an upload's zip files in their place.

    A zip file is made by whoever sent it: this runs in the reader's process, never in a server's.

    Raises
    ------
    InputError
        When one is no zip file, or unpacks to too much or to a name that is there already.
    """
    packed = [path for path in sorted(folder.iterdir()) if path.name.lower().endswith(".zip")]
    left = MOST_BYTES - sum(path.stat().st_size for path in folder.iterdir() if path not in packed)
    try:
        for path in packed:
            aside = path.rename(folder.parent / f"{uuid.uuid4().hex}.zip")
            with aside.open("rb") as content:
                left = _unpack(folder, path.name, content, left)
            aside.unlink()
        if not any(folder.iterdir()):
            raise InputError("the upload holds no files; choose the files with your data")
    except OSError as error:
        raise refusal(error, "the unpacked upload", "written") from None


def _room(root: Path) -> int:
    """Bytes that one more upload may hold.

    Raises
    ------
    InputError
        When too many wait already, or too much.
    """
    waiting = [folder for folder in (root / FOLDER).glob("*") if folder.is_dir()]
    held = 0
    for folder in waiting:
        with contextlib.suppress(OSError):  # one that is imported now goes while we look
            held += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if len(waiting) >= MOST_UPLOADS or held >= MOST_WAITING:
        raise InputError(
            f"{len(waiting)} uploads of {held >> 20:,} MB wait to be imported, and no more are taken: import"
            " those, or wait; each is removed a day after it came"
        )
    return min(MOST_BYTES, MOST_WAITING - held)


def remove(root: Path, source: Path) -> bool:
    """Remove an upload; anything that is none is left alone.

    Returns
    -------
    bool
        Whether it was an upload of this folder of workspaces.
    """
    mine = source.resolve().parent.parent == (root / FOLDER).resolve()
    if mine:
        shutil.rmtree(source.resolve().parent, ignore_errors=True)
    return mine


def forget_stale(root: Path) -> None:
    """Remove uploads that nobody imported within a day."""
    for folder in (root / FOLDER).glob("*"):
        if time.time() - folder.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, given: str, content: _Readable, left: int) -> int:
    path = folder / plain_name(given)
    if path.exists():
        raise InputError(f"two files are called {path.name}; rename one of them")
    if sum(1 for _ in folder.iterdir()) >= MOST_FILES:
        raise InputError(f"the upload holds more than {MOST_FILES} files; send fewer at once")
    with path.open("xb") as out:
        while chunk := content.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise InputError(
                    f"the upload is larger than {MOST_BYTES >> 30} GiB; put the files into a folder on the"
                    " machine and name that"
                )
            out.write(chunk)
    return left


def _unpack(folder: Path, name: str, content: IO[bytes], left: int) -> int:
    damaged = InputError(f"{name} is no whole zip file, or has a password; pack it again without")
    try:
        packed = zipfile.ZipFile(content)
    except _DAMAGED:
        raise damaged from None
    with packed:
        entries = [e for e in packed.infolist() if not e.is_dir() and "__MACOSX" not in e.filename]
        size, small = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
        if size > left or size > MOST_RATIO * max(small, 1 << 16):
            raise InputError(
                f"{name} would unpack to {size:,} bytes, which is refused; send the files singly"
            )
        for entry in entries:
            try:
                inside = packed.open(entry)
            except _DAMAGED:
                raise damaged from None
            with inside:
                left = _write(folder, entry.filename, _Checked(inside, damaged), left)
    return left


class _Checked:
    """What is read of a packed file, with one sentence for whatever is wrong with it."""

    def __init__(self, inside: IO[bytes], damaged: InputError) -> None:
        self._inside = inside
        self._damaged = damaged

    def read(self, size: int) -> bytes:
        """Return the next bytes; errors of writing them are none of these."""
        try:
            return self._inside.read(size)
        except _DAMAGED:
            raise self._damaged from None
