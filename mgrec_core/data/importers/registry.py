"""Every format that can be imported."""

from __future__ import annotations

from mgrec_core.data.importers.base import Importer
from mgrec_core.foundation.registry import Registry

IMPORTERS: Registry[Importer] = Registry(Importer, "mgrec_core.data.importers", "mgrec.importers")  # type: ignore[type-abstract]  # only asked with isinstance
"""Importers by the name of their format, in the order in which a source's format is looked for."""
