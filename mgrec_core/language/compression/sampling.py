"""Which texts a model is looked at with."""

from __future__ import annotations

from collections.abc import Sequence


def some(texts: Sequence[str], most: int) -> list[str]:
    """At most so many different texts, every n-th in the order of the alphabet: the same for any order.

    Examples
    --------
    >>> some(["d", "a", "c", "b", "a"], 2)
    ['a', 'c']
    """
    different = sorted(set(texts))
    return different[:: max(1, -(-len(different) // most))][:most]
