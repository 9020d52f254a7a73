"""What can be wrong with a workspace's own files: altered, gone, held by another program, of a later version.

Each fault is a context: within it the workspace is hurt, after it the fault is gone and nothing else is changed.
"""

from __future__ import annotations

import contextlib
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from mgrec_core.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parents[2]
LATER = 9999
"""A version that is not there yet."""


@dataclass(frozen=True)
class Hurt:
    """A fault of a workspace's files.

    Attributes
    ----------
    harm
        Brings it about for the time of a context.
    words
        What whoever meets it must be told: a pattern.
    """

    harm: Callable[[Path], contextlib.AbstractContextManager[None]]
    words: str


@contextlib.contextmanager
def _put_back(*paths: Path) -> Iterator[None]:
    """Let files be as they were afterwards; one that is hurt and written anew in between stays as written."""
    before = {path: path.read_bytes() for path in paths}
    hurt: dict[Path, bytes | None] = {}
    try:
        yield hurt
    finally:
        for path, content in before.items():
            path.write_bytes(content)


def _flipped(path: Path, share: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * share)] ^= 0xFF
    path.write_bytes(content)
