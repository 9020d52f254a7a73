"""Any tables by a column mapping: a file ``mapping.yaml`` beside the data, or one that is named."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.importers.apply_mapping import fill
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.mapping.model import load
from mgrec_core.data.importers.sources import open_source

BESIDE = "mapping.yaml"


class MappedImporter(Importer):
    """Reads files, sheets or database tables as a mapping says."""

    name: ClassVar[str] = "mapping"
    looks_for: ClassVar[str] = f"{BESIDE} beside the data"
    order: ClassVar[int] = 0
    from_file: ClassVar[bool] = True
    from_address: ClassVar[bool] = True

    def recognises(self, source: Path) -> bool:
        """Return whether a mapping lies beside the data."""
        return (source / BESIDE).is_file()

    def fill(self, run: Import) -> None:
        """Fill the tables that the mapping names."""
        mapping = run.mapping or load(run.source / BESIDE)
        with contextlib.closing(open_source(run.given or run.source)) as source:
            fill(run, source, mapping)


IMPORTER = MappedImporter()
