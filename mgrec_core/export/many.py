"""The documents of many users: one after the other, each whole, and what is there already is kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mgrec_core.export.document import VERSION
from mgrec_core.export.format import Format
from mgrec_core.export.kinds.user import document_of
from mgrec_core.export.provenance import Origin
from mgrec_core.export.writing import write_document
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.progress import Progress, silent

INDEX = "index.jsonl"
"""One line a user whose files are all there: id, key of what they were made from, formats, files."""


def write_many(
    origin: Origin,
    users: Sequence[str],
    folder: Path,
    formats: Sequence[Format],
    *,
    k: int = 10,
    everything: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write every user's list and explanations; users whose files are there are left as they are.

    It may be ended at any moment: every file is whole, and asked for again it goes on where it was. Files of
    another build, other weights or another k are made anew.

    Returns
    -------
    dict
        ``out``, ``users``, ``written`` and ``kept`` (users), ``formats``, and ``index``: the file that names
        every user's files.

    Raises
    ------
    NotFoundError
        An unknown user; nothing is written then.
    InputError
        The folder cannot be written.
    """
    for user in users:
        origin.engine.user_position(user)
    key = _key(origin, k, everything)
    wanted = [form.name for form in formats]
    index = folder / INDEX
    there = dict(_read(index))
    _end_line(index)
    names = {user: origin.key.pseudonym(user) if origin.key else user for user in users}
    missing = [one for one in users if not _is_there(there.get(names[one]), key, wanted, folder)]
    kept = len(users) - len(missing)
    progress("reports", kept, len(users))
    found = origin.engine.explained_lists(missing, k, origin.weights)
    for n, (user, (ranked, explanations)) in enumerate(zip(missing, found, strict=True), start=1):
        document = document_of(origin, ranked, explanations, everything=everything)
        files = [path.name for path in write_document(document, folder, formats)]
        line = {"user_id": names[user], "key": key, "formats": wanted, "files": files}
        try:
            with index.open("a", encoding="utf-8", errors="replace") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise refusal(error, f"--out {folder}", "written", choose="choose another --out") from None
        progress("reports", kept + n, len(users))
    return {
        "out": str(folder),
        "users": len(users),
        "written": len(missing),
        "kept": kept,
        "formats": wanted,
        "index": str(index),
    }


def _end_line(index: Path) -> None:
    """End a line that a killed command left half, so that the next is one of its own."""
    with contextlib.suppress(OSError), index.open("rb+") as file:
        if file.seek(0, 2) and file.seek(-1, 2) and file.read(1) != b"\n":
            file.write(b"\n")


def _key(origin: Origin, k: int, everything: bool) -> str:
    """Digest of all that a user's documents are made from, but for the user and the day."""
    head = origin.head().to_dict() | {"date": "", "preset": ""}
    said = json.dumps([VERSION, k, everything, origin.key is not None, head], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _is_there(line: dict[str, Any] | None, key: str, wanted: list[str], folder: Path) -> bool:
    return (
        line is not None
        and line.get("key") == key
        and set(wanted) <= set(line.get("formats", ()))
        and all((folder / str(name)).is_file() for name in line.get("files", ()))
    )


def _read(index: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Lines of an index by user, without those that a killed command left half."""
    try:
        lines = index.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("user_id"), str):
            yield found["user_id"], found
