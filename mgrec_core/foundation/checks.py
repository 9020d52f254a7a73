"""Checks of what callers give, with one sentence each where it is wrong."""

from __future__ import annotations

from numbers import Integral

from mgrec_core.foundation.errors import InputError


def check_k(k: int, most: int | None = None, what: str = "item") -> None:
    """Refuse a length of a list that is no whole number from 1 to ``most``.

    Parameters
    ----------
    what
        One of the things in the list.

    Raises
    ------
    InputError
        ``k`` is out of its range.
    """
    if not isinstance(k, Integral) or k < 1:
        raise InputError(f"k is {k}: ask for at least 1 {what}")
    if most is not None and k > most:
        raise InputError(f"k is {k}: it lies from 1 to {most:,}")
