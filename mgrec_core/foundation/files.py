"""Files that are whole or not there, and paths as SQL."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path


def sql_path(path: str | Path) -> str:
    """Return a path as an SQL literal, absolute and quoted, ready to put into a statement.

    Examples
    --------
    >>> sql_path("/data/it's.csv")
    "'/data/it''s.csv'"
    """
    return "'" + str(Path(path).resolve()).replace("'", "''") + "'"


@contextlib.contextmanager
def replacing(target: Path, *, durable: bool = False) -> Iterator[Path]:
    """Write a file or a folder aside, then put it in place of ``target``: a reader sees all of it or none.

    Parameters
    ----------
    target
        What is replaced when the block ends; its folder must exist.
    durable
        Wait until a file's content is on the disk before it replaces another, for what cannot be made
        again.

    Yields
    ------
    Path
        A path beside ``target`` where nothing is yet, ``<name>.<process>-<thread>.part``. When the block
        raises, what was written there is removed and ``target`` stays as it was.

    Raises
    ------
    OSError
        It cannot be written or moved.
    """
    if target.exists() and not (target.is_file() or target.is_dir()):
        yield target  # a pipe or a device, such as /dev/stdout, takes what comes
        return
    # two processes, or two sessions of one server, may write the same file at once
    staged = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    remove(staged)
    try:
        yield staged
        if durable and staged.is_file():
            with staged.open("rb") as file:
                os.fsync(file.fileno())
        if staged.is_dir():
            remove(target)  # a folder cannot replace one that is not empty
        staged.replace(target)
    finally:
        with contextlib.suppress(OSError):
            remove(staged)


def write_text(target: Path, text: str, *, errors: str = "strict", durable: bool = False) -> None:
    """Write a UTF-8 text so that a reader sees the whole of it or what was there before.

    Raises
    ------
    OSError
        It cannot be written.
    """
    with replacing(target, durable=durable) as staged:
        staged.write_text(text, encoding="utf-8", errors=errors)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
