"""Finds the granularities: files of this package, installed packages, and what is registered at run time."""

from __future__ import annotations

from collections.abc import Sequence

from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.registry import Registry
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Spec
from mgrec_core.model.granularities.structure import Absent, Granularity

SPECS: Registry[Spec] = Registry(
    Spec, "mgrec_core.model.granularities", "mgrec.granularities", one="granularity"
)
"""Granularities by name, in the fixed order."""

register = SPECS.register
unregister = SPECS.unregister


def specs() -> tuple[Spec, ...]:
    """All granularities in the fixed order, the same in every list, chart and file."""
    return tuple(SPECS.values())


def names() -> tuple[str, ...]:
    """Names of all granularities in the fixed order."""
    return tuple(SPECS)


def find(name: str) -> Spec | None:
    """The granularity of that name; ``None`` where there is none."""
    return SPECS.get(name)


def is_prior(name: str) -> bool:
    """Tell whether a granularity says the same of every user."""
    spec = find(name)
    return spec is not None and spec.prior


def default_weights(present: Sequence[str]) -> dict[str, float]:
    """The documented default λ, one for every data set until `tune` learns better ones."""
    return {name: spec.weight for name in present if (spec := find(name))}


def build_all(spaces: Spaces, progress: Progress = silent) -> dict[str, Granularity | Absent]:
    """Build every granularity in the fixed order; absent ones say why."""
    built: dict[str, Granularity | Absent] = {}
    every = specs()
    for n, spec in enumerate(every):
        progress("granularities", n, len(every), spec.name)
        built[spec.name] = spec.build(spaces)
    progress("granularities", len(every), len(every))
    return built
