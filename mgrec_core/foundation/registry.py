"""Things that can be added as one file with one declaration: found, never listed.

A registry looks through the modules of a package for objects of one kind that stand at the top
level of a module, alone or in a tuple. What others install is found by its entry points, whose value
is such a module or such an object; what a program makes while it runs is handed to :meth:`Registry.register`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mgrec_core.foundation.causes import Cause, cause_of
from mgrec_core.foundation.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Declared(Protocol):
    """What a registry can hold."""

    @property
    def name(self) -> str:
        """What it is called, in options and documents."""

    @property
    def order(self) -> float:
        """Its place among the others, the smallest first; equal places go as they are found."""


D = TypeVar("D", bound=Declared)


class Registry(Mapping[str, D]):
    """Declarations by name, in their order; the package is read when it is first asked.

    Parameters
    ----------
    kind
        Class of the declarations.
    place
        Package whose modules hold them, such as ``"mgrec_core.metrics"``, or a single module.
    group
        Group of entry points by which other distributions add some.
    *more
        Further packages or modules.
    one
        What a declaration is called in sentences; by default its class.
    shared
        The entry points are another registry's too, so that one without a declaration is no mistake.
    """

    def __init__(
        self, kind: type[D], place: str, group: str, *more: str, one: str = "", shared: bool = False
    ) -> None:
        self.places, self.group = (place, *more), group
        self._one, self._shared = one or kind.__name__.lower(), shared
        self._kind = kind
        self._found: dict[str, D] | None = None
        self._registered: dict[str, D] = {}

    def register(self, declaration: D) -> D:
        """Add a declaration for as long as the program runs.

        Raises
        ------
        InputError
            Another one has its name.
        """
        if declaration.name in self:
            raise self._twice(declaration)
        self._registered[declaration.name] = declaration
        return declaration

    def unregister(self, name: str) -> None:
        """Take back what was registered; what stands in a file stays."""
        self._registered.pop(name, None)

    def look_again(self) -> None:
        """Read the package and the entry points anew when asked next."""
        self._found = None

    def __getitem__(self, name: str) -> D:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        found = self._all()
        return iter(sorted(found, key=lambda name: found[name].order))

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, D]:
        if self._found is None:
            found: dict[str, D] = {}
            for declaration in self._in_package():
                self._add(found, declaration)
            from importlib.metadata import entry_points  # it takes longer to import than all of this

            for point in entry_points(group=self.group):
                for declaration in self._behind(point):
                    self._add(found, declaration)
            self._found = found
        return {**self._found, **self._registered}

    def _add(self, found: dict[str, D], declaration: D) -> None:
        if not getattr(declaration, "name", None):
            where = type(declaration).__module__
            raise InputError(f"{where} declares {self._one} without a name: give it one")
        if found.get(declaration.name, declaration) != declaration:
            raise self._twice(declaration)
        found[declaration.name] = declaration

    def _twice(self, declaration: D) -> InputError:
        what = self.group.rpartition(".")[2]
        return InputError(f"there are two {what} named {declaration.name}: rename one of them")

    def _in_package(self) -> Iterator[D]:
        for place in self.places:
            package = importlib.import_module(place)
            inside = sorted(module.name for module in pkgutil.iter_modules(getattr(package, "__path__", ())))
            for name in [place, *(f"{place}.{module}" for module in inside)]:
                yield from self._declared(self._import(name))

    def _import(self, name: str) -> ModuleType:
        """A module of the package: what its author got wrong is told in one sentence, with its file."""
        try:
            return importlib.import_module(name)
        except InputError:
            raise
        except Exception as error:  # whatever a file that was put there does when it is imported
            if cause_of(error) is Cause.NO_MEMORY:
                raise
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
            file = f"{name.replace('.', '/')}.py"
            raise InputError(f"{file} cannot be loaded ({reason}): correct it or remove it") from error

    def _behind(self, point: EntryPoint) -> Iterator[D]:
        package = point.dist.name if point.dist else point.value
        try:
            loaded: Any = point.load()
        except Exception as error:  # whatever somebody else's module does when it is imported
            if cause_of(error) is Cause.NO_MEMORY:
                raise
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
            raise InputError(
                f"{self._one} {point.name} of the package {package} cannot be loaded ({reason}): "
                "update or uninstall that package"
            ) from error
        found = [*(self._declared(loaded) if isinstance(loaded, ModuleType) else self._each(loaded))]
        if not found and not self._shared:
            raise InputError(f"the package {package} offers {point.value}, which is no {self._one}")
        yield from found

    def _declared(self, module: ModuleType) -> Iterator[D]:
        for value in vars(module).values():
            yield from self._each(value)

    def _each(self, value: object) -> Iterator[D]:
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, self._kind):
                yield one
