"""Importers: sources of several formats into one database of canonical tables.

A new format needs one file, in this package or behind an entry point of ``mgrec.importers``: a subclass of
:class:`~mgrec_core.data.importers.base.Importer` that says by what its sources are found and fills the
tables, an instance of it, and its own cleaning rules, if any.
"""

from mgrec_core.data.fingerprint import data_fingerprint
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.detection import detect_format, detect_part
from mgrec_core.data.importers.registry import IMPORTERS
from mgrec_core.data.importers.running import import_source

__all__ = [
    "IMPORTERS",
    "Import",
    "Importer",
    "data_fingerprint",
    "detect_format",
    "detect_part",
    "import_source",
]
