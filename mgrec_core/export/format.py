"""What an export format is: its name, and a document as the contents of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mgrec_core.export.document import Document
from mgrec_core.foundation.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format of files to hand on.

    Attributes
    ----------
    name
        What ``export --format`` calls it.
    write
        Returns the contents by what comes after the document's name in the names of the files, such as
        ``".json"`` or ``"-ranked.csv"``. What only it needs is imported when it is called.
    order
        Its place in lists and among the files.
    """

    name: str
    write: Callable[[Document], Mapping[str, str | bytes]]
    order: int = 100


FORMATS: Registry[Format] = Registry(Format, "mgrec_core.export.formats", "mgrec.exports")
"""Formats by name."""
