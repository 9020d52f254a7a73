"""Any tables by a column mapping: its model, a guess from names and values, a preview, its keeping."""

from __future__ import annotations

from mgrec_core.data.importers.mapping.model import (
    OPTIONAL,
    REQUIRED,
    TARGETS,
    Mapping,
    TableMapping,
    load,
    parse,
)
from mgrec_core.data.times import UNITS

__all__ = ["OPTIONAL", "REQUIRED", "TARGETS", "UNITS", "Mapping", "TableMapping", "load", "parse"]
