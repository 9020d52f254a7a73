"""Documents written as files, each format as its declaration names them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mgrec_core.export.document import Document
from mgrec_core.export.format import FORMATS, Format
from mgrec_core.export.naming import stem_of
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import replacing


def formats_of(names: Iterable[str]) -> list[Format]:
    """Find formats by their names, in the registry's order.

    Raises
    ------
    InputError
        A name that is none, or no name at all.
    """
    wanted = {name.strip().lower() for name in names if name.strip()}
    for name in sorted(wanted):
        if name not in FORMATS:
            raise InputError(f"unknown export format {name!r}: choose {', '.join(FORMATS)}")
    if not wanted:
        raise InputError(f"--format names no format: choose {', '.join(FORMATS)}")
    return [form for name, form in FORMATS.items() if name in wanted]


def write_document(document: Document, folder: Path, formats: Sequence[Format]) -> list[Path]:
    """Write ``<names>.json`` and so on; each file is there whole or not at all.

    Raises
    ------
    InputError
        A folder that cannot be written.
    """
    stem = stem_of(document.names)
    files = {
        folder / f"{stem}{ending}": content
        for form in formats
        for ending, content in form.write(document).items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            with replacing(path) as staged:
                if isinstance(content, bytes):
                    staged.write_bytes(content)
                else:  # ids may hold what UTF-8 cannot
                    staged.write_bytes(content.encode("utf-8", "replace"))
    except OSError as error:
        raise refusal(error, f"--out {folder}", "written", choose="choose another --out") from None
    return list(files)
