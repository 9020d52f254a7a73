"""The ways to look at a user's interests: one file each, one registry.

A new granularity is one small file with ``NAME`` and ``build(spaces)``, added below.
"""

from __future__ import annotations

from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.granularities import (
    attribute,
    behaviour,
    collaborative,
    knowledge,
    popularity,
    recent,
    social,
)
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.structure import Absent, Block, Granularity

_MODULES = (behaviour, recent, attribute, knowledge, collaborative, social, popularity)

#: The fixed order of granularities, the same in every list, chart and file.
GRANULARITIES: tuple[str, ...] = tuple(module.NAME for module in _MODULES)


def build_all(spaces: Spaces, progress: Progress = silent) -> dict[str, Granularity | Absent]:
    """Build every granularity in the fixed order; absent ones say why."""
    built: dict[str, Granularity | Absent] = {}
    for n, module in enumerate(_MODULES):
        progress("granularities", n, len(_MODULES), module.NAME)
        built[module.NAME] = module.build(spaces)
    progress("granularities", len(_MODULES), len(_MODULES))
    return built


def build_one(name: str, spaces: Spaces) -> Granularity | Absent:
    """Build the granularity of that name."""
    found: Granularity | Absent = _MODULES[GRANULARITIES.index(name)].build(spaces)
    return found


__all__ = ["GRANULARITIES", "Absent", "Block", "Granularity", "Spaces", "build_all", "build_one"]
