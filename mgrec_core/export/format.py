"""What an export format is: its name, and a user's results as the contents of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation.registry import Registry

if TYPE_CHECKING:
    from mgrec_core.foundation.results import Explanation, RankedList


@dataclass(frozen=True)
class UserResults:
    """One user's ranked list and why.

    Attributes
    ----------
    document
        All of it as a JSON object: what :func:`~mgrec_core.export.export_document` gives.
    ranked
        The list; its ``user_id`` is a pseudonym where those are asked for.
    explanations
        One for each item of the list, in its order.
    top
        Strongest pieces of evidence a granularity that files hold; ``None`` for all.
    """

    document: dict[str, Any]
    ranked: RankedList
    explanations: tuple[Explanation, ...]
    top: int | None


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format of files to hand on.

    Attributes
    ----------
    name
        What ``export --format`` calls it.
    write
        Returns the contents by what comes after the name of the user in the names of the files, such as
        ``".json"`` or ``"-ranked.csv"``. What only it needs is imported when it is called.
    order
        Its place in lists and among the files.
    """

    name: str
    write: Callable[[UserResults], Mapping[str, str | bytes]]
    order: int = 100


FORMATS: Registry[Format] = Registry(Format, "mgrec_core.export.formats", "mgrec.exports")
"""Formats by name."""
