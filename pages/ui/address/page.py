"""The pages there are: each file declares itself, and navigation, links and addresses come from that.

A page is one file with one declaration at its top::

    PAGE = Page(title="Item", icon="inventory_2", order=50, group="Explore", shares=("mix",), address=("k",))

Streamlit runs such a file as a script: importing it would draw it, and would load what it draws with
before the first page of a new server is there. So the registry reads the declaration and runs nothing;
that is why its values are literals.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

from mgrec_core.foundation.errors import InputError
from pages.ui.address.view import View

FOLDERS: tuple[Path, ...] = (Path(__file__).resolve().parents[2],)
"""Where the files of pages are; every ``*.py`` in them is one."""

SHARED = {
    "mix": ("user", "preset", "base", "weights", "fusion", "alpha"),
    "reference": ("reference", "reference_weights", "reference_base"),
    "held_out": ("split", "test_ratio"),
}
"""What several pages keep together in their addresses: whose list under which weights, and so on."""

_FIELDS = frozenset(f.name for f in fields(View))


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page's declaration.

    Attributes
    ----------
    title, icon
        As the navigation shows them; the icon is the name of a Material symbol.
    order
        Place among all pages. The first one is where a bare address leads; a group stands where its
        first page does.
    group
        Heading in the navigation; empty: always in sight.
    shares
        Names in :data:`SHARED`: what the page keeps in its address as others do.
    address
        What else it keeps there: fields of the view, or keys of its own. The latter are texts in
        :attr:`View.own`, empty where the address does not have them.
    file
        Filled in by the registry.
    """

    title: str
    icon: str
    order: int
    group: str = ""
    shares: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    file: Path = Path()

    @property
    def name(self) -> str:
        """Name of the file without its ending: the page's place in the address, and what links call it."""
        return self.file.stem

    @property
    def keys(self) -> tuple[str, ...]:
        """All that the page's address keeps."""
        return ("workspace", *(key for group in self.shares for key in SHARED[group]), *self.address)


def pages() -> tuple[Page, ...]:
    """Return all pages in the order of the navigation.

    Raises
    ------
    InputError
        A file has no declaration that can be read, or two files have one name.
    """
    files = [file for folder in FOLDERS for file in sorted(folder.glob("*.py"))]
    found = sorted((_read(file, file.stat().st_mtime_ns) for file in files), key=lambda p: (p.order, p.name))
    names = [page.name for page in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"there are two pages called {', '.join(sorted(twice))}: give one another file name")
    return tuple(found)


def page(name: str) -> Page:
    """Return one page by its name.

    Raises
    ------
    InputError
        There is none.
    """
    for one in pages():
        if one.name == name:
            return one
    raise InputError(f"there is no page {name!r}: choose among {', '.join(p.name for p in pages())}")


def own_keys() -> frozenset[str]:
    """Return the keys of addresses that are no fields of the view: the pages' own."""
    return frozenset(key for one in pages() for key in one.address) - _FIELDS


@lru_cache(maxsize=64)
def _read(file: Path, modified: int) -> Page:
    try:
        body = ast.parse(file.read_text("utf-8")).body
    except (SyntaxError, UnicodeDecodeError) as error:
        raise InputError(f"the page {file.name} cannot be read ({error}): correct it or remove it") from None
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if [ast.unparse(target) for target in node.targets] != ["PAGE"]:
                continue
            try:
                values = {str(word.arg): ast.literal_eval(word.value) for word in node.value.keywords}
                found = replace(Page(**values), file=file)
                found.keys  # noqa: B018 - a group that is not there is told here, not on a click
            except (ValueError, TypeError, KeyError) as error:
                raise InputError(f"the declaration PAGE of {file.name} cannot be read: {error}") from None
            return found
    raise InputError(f"{file.name} declares no page: put PAGE = Page(title=…, icon=…, order=…) at its top")
