"""Checks of what callers give, with one sentence each where it is wrong."""

from __future__ import annotations

from numbers import Integral

from mgrec_core.foundation.errors import InputError


def check_k(k: int, most: int | None = None, what: str = "item", of: str = "") -> None:
    """Refuse a length of a list that is no whole number from 1 to ``most``.

    Parameters
    ----------
    what
        One of the things in the list.
    of
        Whose number ``most`` is, such as ``the catalogue's``.

    Raises
    ------
    InputError
        ``k`` is out of its range.
    """
    if isinstance(k, Integral) and k >= 1 and (most is None or k <= most):
        return
    if most is None:
        raise InputError(f"k is {k}: ask for at least 1 {what}")
    raise InputError(f"k is {k}: it lies from 1 to {f'{of} ' if of else ''}{most} {what}s")
