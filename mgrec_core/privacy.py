"""Pseudonyms, the same for a person everywhere in one workspace; groups too small to tell of."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation.errors import InputError, WorkspaceBrokenError

if TYPE_CHECKING:
    from mgrec_core.analysis.audience import Audience
    from mgrec_core.analysis.comparison import Comparison
    from mgrec_core.foundation.results import Explanation, RankedList
    from mgrec_core.quality.document import Example, QualityReport, Table

MIN_GROUP = 5
"""Users that a group needs to be told of."""

KEY_FILE = "privacy.key"
_PEOPLE = ("friend", "history")  # kinds of evidence whose ids are users'
_KEY_BYTES = 32
_DIGITS = 24  # 96 bits: no two of a billion people collide


def suppressed(sizes: Sequence[int], least: int = MIN_GROUP) -> list[bool]:
    """Which groups to leave out so that no group below ``least`` can be seen or computed.

    Where the groups left out hold fewer than ``least`` together, or there is one alone, the total
    minus the groups shown would give them away: the smallest of the others goes with them.

    Examples
    --------
    >>> suppressed([3, 40, 9, 60])
    [True, False, True, False]
    >>> suppressed([2, 4, 9])
    [True, True, False]
    >>> suppressed([8, 9])
    [False, False]
    """
    out = [size < least for size in sizes]
    while any(out) and not all(out):
        if sum(out) > 1 and sum(size for size, gone in zip(sizes, out, strict=True) if gone) >= least:
            break
        out[min((n for n, gone in enumerate(out) if not gone), key=lambda n: sizes[n])] = True
    return out


def hide_ranked(ranked: RankedList, key: WorkspaceKey) -> RankedList:
    """The list with pseudonyms for its user and for the people in it."""
    rows = ranked.items
    if ranked.target == "users":
        rows = tuple(
            dataclasses.replace(row, item_id=key.pseudonym(row.item_id), title=key.pseudonym(row.item_id))
            for row in rows
        )
    return dataclasses.replace(ranked, user_id=key.pseudonym(ranked.user_id), items=rows)


def hide_explanation(explanation: Explanation, key: WorkspaceKey) -> Explanation:
    """The explanation with pseudonyms for its user and for the friends among the evidence."""
    evidence = {
        granularity: tuple(
            dataclasses.replace(
                e, id=key.pseudonym(e.id), label=key.pseudonym(e.id) if e.label == e.id else e.label
            )
            if e.kind in _PEOPLE
            else e
            for e in found
        )
        for granularity, found in explanation.evidence.items()
    }
    return dataclasses.replace(explanation, user_id=key.pseudonym(explanation.user_id), evidence=evidence)


def hide_comparison(found: Comparison, key: WorkspaceKey) -> Comparison:
    """The comparison with pseudonyms for its users, also where a side is called after its user."""
    lists = [hide_ranked(one, key) for one in (found.first, found.second)]
    first, second = (
        f"user {new.user_id}" if name == f"user {old.user_id}" else name
        for name, old, new in zip(found.names, (found.first, found.second), lists, strict=True)
    )
    return dataclasses.replace(found, first=lists[0], second=lists[1], names=(first, second))


def hide_audience(found: Audience, key: WorkspaceKey) -> Audience:
    """The audience with pseudonyms for its users; within a rank they follow the pseudonyms' order."""
    rows = found.rows.assign(user_id=key.pseudonyms(found.rows["user_id"]))
    return dataclasses.replace(found, rows=rows.sort_values(["rank", "user_id"], ignore_index=True))


def hide_users(rows: Iterable[Mapping[str, Any]], key: WorkspaceKey) -> list[dict[str, Any]]:
    """Rows with pseudonyms for their ``user_id``, those without one (everybody's) as they are."""
    return [
        {**row, "user_id": key.pseudonym(row["user_id"])} if row.get("user_id") else dict(row) for row in rows
    ]


def hide_quality(report: QualityReport, key: WorkspaceKey) -> QualityReport:
    """The report with pseudonyms for its users, and without the receipt's example rows, which name some."""

    def example(one: Example) -> Example:
        if one.kind != "user":
            return one
        like = key.pseudonym(one.like) if one.like else ""
        return one.model_copy(update={"id": key.pseudonym(one.id), "label": "", "like": like})

    def table(one: Table) -> Table:
        users = {n for n, column in enumerate(one.columns) if column.kind == "user"}
        rows = tuple(
            tuple(key.pseudonym(str(cell)) if n in users else cell for n, cell in enumerate(row))
            for row in one.rows
        )
        return one.model_copy(update={"rows": rows})

    findings = tuple(
        one.model_copy(update={"examples": tuple(map(example, one.examples))}) for one in report.findings
    )
    sections = tuple(
        one.model_copy(update={"tables": tuple(map(table, one.tables))}) for one in report.sections
    )
    receipt = report.receipt.model_copy(update={"examples": ()})
    return report.model_copy(update={"findings": findings, "sections": sections, "receipt": receipt})


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
        self._made = False

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
        """Remove the key again if it is made within a ``with`` block that fails."""
        try:
            yield
        except BaseException:
            if self._made and self.path is not None:
                self.path.unlink(missing_ok=True)
                self.__dict__.pop("_key", None)
                self._made = False
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
            key = bytes.fromhex(self.path.read_text(encoding="ascii").strip())
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be read or made ({error.strerror}): "
                "pseudonyms need the key of the workspace; check the permissions of its folder"
            ) from None
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
        aside = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}.part")
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
                self._made = True
        finally:
            aside.unlink(missing_ok=True)


def _domain(kind: str) -> bytes:
    return kind.encode() + b"\0"
