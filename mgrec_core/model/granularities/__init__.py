"""The ways to look at a user's interests: one file each, found by a registry.

A new granularity is one small file in this folder with a ``SPEC`` (:class:`Spec`), which says all that the
program needs to know of it: how it is built, weighed, controlled, drawn and spoken of. Another package
offers its own under the entry points ``mgrec.granularities``, and :func:`register` adds one at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgrec_core.model.granularities.registry import (
    build_all,
    default_weights,
    find,
    is_prior,
    names,
    register,
    specs,
    unregister,
)
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Block, Granularity

__all__ = [
    "GRANULARITIES",
    "Absent",
    "Block",
    "Control",
    "Coverage",
    "Granularity",
    "Spaces",
    "Spec",
    "build_all",
    "default_weights",
    "find",
    "is_prior",
    "names",
    "register",
    "specs",
    "unregister",
]


if TYPE_CHECKING:
    GRANULARITIES: tuple[str, ...]
else:

    def __getattr__(name: str) -> object:
        """``GRANULARITIES``: the names in the fixed order, those registered by now."""
        if name == "GRANULARITIES":
            return names()
        raise AttributeError(f"module {__name__} has no attribute {name}")
