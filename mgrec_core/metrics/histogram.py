"""Classes of a histogram: numbers in, counts and readable names of the classes out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def is_heavy(numbers: NDArray[np.float64]) -> bool:
    """Tell whether doubling classes suit: whole numbers ≥ 0 whose largest is over 20 times the median."""
    return _whole(numbers) and float(numbers.max()) > 20 * max(float(np.median(numbers)), 1.0)


def classes(
    numbers: NDArray[np.float64], log: bool | None = None
) -> tuple[NDArray[np.int64], list[str], bool]:
    """Count finite numbers, at least one of them, in classes that a reader can name.

    Parameters
    ----------
    log
        Ask for classes that double in width, which only whole numbers ≥ 0 get; ``None``
        leaves it to :func:`is_heavy`.

    Returns
    -------
    counts, names, doubled
        Numbers in each class, the classes' names, and whether the classes double in width.

    Examples
    --------
    >>> counts, names, doubled = classes(np.array([1.0, 1.0, 5.0, 200.0]))
    >>> names[:3], counts[:3].tolist(), doubled
    (['1', '2–3', '4–7'], [2, 0, 1], True)
    """
    doubled = (is_heavy(numbers) if log is None else log) and _whole(numbers)
    counts, names = _doubling(numbers) if doubled else _even(numbers, _whole(numbers))
    return counts, names, doubled


def _whole(numbers: NDArray[np.float64]) -> bool:
    return bool(np.all(numbers == np.round(numbers)) and numbers.min() >= 0)


def _doubling(numbers: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[str]]:
    """Count whole numbers ≥ 0 in the classes 0, 1, 2–3, 4–7, …; empty first classes are left out."""
    classes = np.where(numbers < 1, 0, np.floor(np.log2(np.maximum(numbers, 1))) + 1).astype(int)
    first = int(classes.min())
    counts = np.bincount(classes)[first:]
    names = ["0", "1", *(f"{_short(2**k)}–{_short(2 ** (k + 1) - 1)}" for k in range(1, int(classes.max())))]
    return counts, names[first : first + len(counts)]


def _even(numbers: NDArray[np.float64], whole: bool) -> tuple[NDArray[np.int64], list[str]]:
    """Count in a bar per value where they are few, else in at most 24 classes of equal width."""
    distinct, per_value = np.unique(numbers, return_counts=True)
    if len(distinct) <= 12:
        return per_value, [f"{v:,.4g}" for v in distinct]
    low, high = float(distinct[0]), float(distinct[-1])
    if whole:
        width = max(1.0, np.ceil((high - low + 1) / 24))
        edges = np.arange(low, high + width + 1e-9, width)
        if edges[-1] <= high:
            edges = np.append(edges, edges[-1] + width)
        counts, _ = np.histogram(numbers, edges)
        names = [
            _short(int(a)) if width == 1 else f"{_short(int(a))}–{_short(int(b) - 1)}"
            for a, b in pairwise(edges)
        ]
        return counts, names
    try:
        counts, edges = np.histogram(numbers, 24)
    except ValueError:  # the values differ by less than floating point can divide: one class
        return np.array([len(numbers)]), [f"{plain(low)} to {plain(high)}"]
    return counts, [f"{plain(a)} to {plain(b)}" for a, b in pairwise(edges)]


def plain(number: float) -> str:
    """Return a number with at most three significant decimals and never in exponents a reader must decode."""
    text = f"{number:,.0f}" if abs(number) >= 1000 or number == round(number) else f"{number:,.3g}"
    return text.replace("-", "−")


def _short(number: int) -> str:
    """Return 8191 as ``8,191`` and 131072 as ``131k``: classes must fit under their bars."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:,.0f}k" if number < 1_000_000 else f"{number / 1_000_000:,.1f}M"
