"""Which format a source is of."""

from __future__ import annotations

import re
from pathlib import Path

from mgrec_core.data.importers.registry import IMPORTERS
from mgrec_core.data.importers.sources import as_place
from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten


def detect_format(source: str | Path | PostgresAddress) -> str:
    """Return the name of the format whose files a folder, a file or a database holds.

    Parameters
    ----------
    source
        Folder or file to look into, or the ``postgres://`` address of a database.

    Raises
    ------
    InputError
        When it does not exist or is of no known format; the sentence says what to do then.
    """
    place = as_place(source)
    if isinstance(place, PostgresAddress):
        return "database"
    if not place.exists():
        raise InputError(f"the folder {shorten(str(place))} does not exist; check the path")
    for importer in IMPORTERS.values():
        if (place.is_dir() or importer.from_file) and importer.recognises(place):
            return importer.name
    what = "folder" if place.is_dir() else "file"
    whole = "" if place.is_dir() else " (or give the folder that holds it)"
    raise InputError(
        f"the {what} {shorten(str(place))} is of no known format{whole}. {_nearly(place)}Say which column is"
        " what: `mapping SOURCE --workspace DIR --out FILE` writes a proposal and `import … --mapping FILE`"
        " uses it, or take the Import page"
    )


def detect_part(source: str | Path | PostgresAddress) -> str:
    """Return the format of a source that is added to a workspace: it may lack interactions.

    Raises
    ------
    InputError
        As :func:`detect_format`.
    """
    try:
        return detect_format(source)
    except InputError:
        place = as_place(source)
        if isinstance(place, Path) and place.is_dir():
            for importer in IMPORTERS.values():
                if importer.recognises_part(place):
                    return importer.name
        raise


def _nearly(place: Path) -> str:
    """Return a sentence about the formats that one of the folder's files belongs to, else all names."""
    files = {path.name for path in place.iterdir()} if place.is_dir() else set()
    near = [one for one in IMPORTERS.values() if files & set(re.findall(r"[\w.]+\.\w+", one.looks_for))]
    if near:
        return f"{'; '.join(f'{one.name} needs {one.looks_for}' for one in near)}. "
    usual, *others = [one for one in IMPORTERS.values() if one.name != "mapping"]
    return f"Known are {usual.name} ({usual.looks_for}), {', '.join(one.name for one in others)}. "
