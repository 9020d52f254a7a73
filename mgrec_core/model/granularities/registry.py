"""Finds the granularities: files of this package, installed packages, and what is registered at run time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Spec
from mgrec_core.model.granularities.structure import Absent, Granularity

ENTRY_POINTS = "mgrec.granularities"
"""Group of entry points under which another package offers a :class:`Spec`."""


@cache
def _registered() -> dict[str, Spec]:
    """By name; filled when first asked for, so that importing a granularity's file imports no other."""
    package = __name__.rpartition(".")[0]
    files = iter_modules(import_module(package).__path__, f"{package}.")
    modules = (import_module(file.name) for file in files)
    found = [spec for module in modules if isinstance(spec := getattr(module, "SPEC", None), Spec)]
    found += [_load(point) for point in entry_points(group=ENTRY_POINTS)]
    registered: dict[str, Spec] = {}
    for spec in found:
        _add(registered, spec)
    return registered


def _load(point: EntryPoint) -> Spec:
    """The granularity that an installed package offers."""
    package = point.dist.name if point.dist else point.value
    try:
        spec = point.load()
    except Exception as error:  # whatever another package's code may raise
        raise InputError(
            f"granularity {point.name} of the package {package} cannot be loaded ({type(error).__name__}: "
            f"{' '.join(str(error).split())}): update or uninstall that package"
        ) from error
    if not isinstance(spec, Spec):
        raise InputError(f"the package {package} offers {point.value} as a granularity, which is no Spec")
    return spec


def _add(registered: dict[str, Spec], spec: Spec) -> None:
    if spec.name in registered:
        raise InputError(f"there are two granularities named {spec.name}: rename one of them")
    registered[spec.name] = spec


def register(spec: Spec) -> None:
    """Add a granularity that is declared elsewhere.

    Raises
    ------
    InputError
        There is one of that name.
    """
    _add(_registered(), spec)


def unregister(name: str) -> None:
    """Remove a granularity; builds that hold it open without it."""
    _registered().pop(name, None)


def specs() -> tuple[Spec, ...]:
    """All granularities in the fixed order, the same in every list, chart and file."""
    return tuple(sorted(_registered().values(), key=lambda spec: (spec.place, spec.name)))


def names() -> tuple[str, ...]:
    """Names of all granularities in the fixed order."""
    return tuple(spec.name for spec in specs())


def find(name: str) -> Spec | None:
    """The granularity of that name; ``None`` where there is none."""
    return _registered().get(name)


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
