"""Many rows, a part of them at a time: what is held at once stays small."""

from __future__ import annotations

from collections.abc import Iterator


def slices(n: int, width: int, most: int) -> Iterator[slice]:
    """Slices that cover ``n`` rows of ``width`` cells (or bytes), each of at most ``most`` of them.

    A slice has at least one row, however wide.

    Examples
    --------
    >>> list(slices(5, 10, 25))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, most // max(1, width))
    return (slice(start, min(n, start + step)) for start in range(0, n, step))
