"""Texts from data in messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_NAMED = 8  # names that are listed before the rest is only counted


def shorten(text: str, length: int = 300) -> str:
    """Return a text on one line, without control characters, cut to ``length``."""
    line = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(line.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "user"), count(1200, "user"), count(2, "entity", "entities")
    ('1 user', '1,200 users', '2 entities')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# A cell that starts like a formula runs as one in spreadsheets (CSV injection); those in Chinese and
# Japanese read full-width signs as the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def guarded(cell: str) -> str:
    """Return the text of a cell so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> guarded("=1+1"), guarded("a=1")
    ("'=1+1", 'a=1')
    """
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    """Return what :func:`guarded` made of a text, as it was."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def nearest(name: str, known: Iterable[str], what: str) -> str:
    """Say what a name that is nowhere may have been meant to be.

    Parameters
    ----------
    known
        The names there are.
    what
        What the list of them begins with, such as "the columns are".

    Examples
    --------
    >>> nearest("genr", ["genre", "price"], "the columns are")
    "did you mean 'genre'?"
    >>> nearest("xyz", ["genre", "price"], "the columns are"), nearest("x", [], "the columns are")
    ("the columns are 'genre', 'price'", 'there are none')
    """
    names = sorted({shorten(one, 60) for one in known})
    folded = {one.casefold(): one for one in names}
    if near := difflib.get_close_matches(name.casefold()[:60], folded, n=3, cutoff=0.6):
        meant = " or ".join(f"'{folded[one]}'" for one in near)
        return f"did you mean {meant}?"
    listed = ", ".join(f"'{one}'" for one in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{what} {listed}{more}" if names else "there are none"
