"""The key of a workspace: pseudonyms that are the same for a person everywhere in it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import WorkspaceBrokenError

KEY_FILE = "privacy.key"
_KEY_BYTES = 32
_DIGITS = 24  # 96 bits: no two of a billion people collide


class WorkspaceKey:
    """The secret of one workspace, made when it is first asked for and readable by its owner alone.

    The one place where pseudonyms are made, at import as in exports. They are the first 96 bits of
    HMAC-SHA-256 (RFC 2104) under this key, over what kind of thing is meant and its identifier. Whoever
    has the key can compute the pseudonym of any id they know, so it must not travel with an export.

    Parameters
    ----------
    workspace
        Folder of the workspace; None takes a key of its own that is kept nowhere, so that its pseudonyms
        fit no others.
    """

    def __init__(self, workspace: str | Path | None = None) -> None:
        self.path = None if workspace is None else Path(workspace) / KEY_FILE

    def pseudonym(self, identifier: str, kind: str = "user") -> str:
        """24 hexadecimal digits after ``p_``, the same for an equal identifier and kind.

        Raises
        ------
        InputError
            The key cannot be read or made.
        WorkspaceBrokenError
            The key file is damaged.
        """
        message = _domain(kind) + identifier.encode("utf-8", "surrogatepass")
        return "p_" + hmac.digest(self._key, message, hashlib.sha256).hex()[:_DIGITS]

    def pseudonyms(self, identifiers: Iterable[str], kind: str = "user") -> list[str]:
        """:meth:`pseudonym` of each."""
        return [self.pseudonym(identifier, kind) for identifier in identifiers]

    def sql(self, text: str, kind: str) -> str:
        """SQL that does the same as :meth:`pseudonym`: RFC 2104 spelt out, NULL for NULL."""
        block = self._key.ljust(hashlib.sha256().block_size, b"\0")
        inner, outer = (bytes(one ^ pad for one in block) for pad in (0x36, 0x5C))
        first, second = (f"unhex('{part.hex()}')" for part in (inner + _domain(kind), outer))
        return f"'p_' || left(sha256({second} || unhex(sha256({first} || encode({text})))), {_DIGITS})"

    @contextlib.contextmanager
    def unless_failed(self) -> Iterator[None]:
        """Remove the key again if it is made, here or by a process started here, in a block that fails."""
        there = self.path is not None and self.path.exists()
        try:
            yield
        except BaseException:
            if self.path is not None and not there:
                self.path.unlink(missing_ok=True)
                self.__dict__.pop("_key", None)
            raise

    @cached_property
    def _key(self) -> bytes:
        if self.path is None:
            return secrets.token_bytes(_KEY_BYTES)
        try:
            if not self.path.is_file():
                self._make(self.path)
            if self.path.stat().st_mode & 0o077:  # copied with wider rights than it was made with
                with contextlib.suppress(OSError):
                    self.path.chmod(0o600)
            key = _read(self.path)
        except OSError as error:
            raise refusal(error, f"{self.path}, which pseudonyms need,", "written") from None
        except ValueError:  # UnicodeDecodeError too
            key = b""
        if len(key) != _KEY_BYTES:
            raise WorkspaceBrokenError(
                f"{self.path} is damaged: restore it, or move it away for new pseudonyms "
                "that do not match those given out before"
            )
        return key

    def _make(self, path: Path) -> None:
        """Write aside and link: of two processes that make it at once one wins, and none reads half."""
        staged = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}.part")
        try:
            with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(staged, path)
        finally:
            staged.unlink(missing_ok=True)


def is_key(path: Path) -> bool:
    """Whether a file holds a key."""
    try:
        return len(_read(path)) == _KEY_BYTES
    except (OSError, ValueError):
        return False


def _read(path: Path) -> bytes:
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def _domain(kind: str) -> bytes:
    return kind.encode() + b"\0"
