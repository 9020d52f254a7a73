"""Groups too small to tell of."""

from __future__ import annotations

from collections.abc import Sequence

MIN_GROUP = 5
"""Users that a group needs to be told of."""


def suppressed(sizes: Sequence[int], least: int = MIN_GROUP) -> list[bool]:
    """Which groups to leave out so that no group below ``least`` can be seen or computed.

    Where the groups left out hold fewer than ``least`` together, or there is one alone, the total
    minus the groups shown would give them away: the smallest of the others goes with them.

    Examples
    --------
    >>> suppressed([3, 40, 9, 60])
    [True, False, True, False]
    >>> suppressed([2, 4, 9])
    [True, True, False]
    >>> suppressed([8, 9])
    [False, False]
    """
    out = [size < least for size in sizes]
    while any(out) and not all(out):
        if sum(out) > 1 and sum(size for size, gone in zip(sizes, out, strict=True) if gone) >= least:
            break
        out[min((n for n, gone in enumerate(out) if not gone), key=lambda n: sizes[n])] = True
    return out
