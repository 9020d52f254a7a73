"""Lists of objects in cells, as the guess sees them: an order's products, a visit's actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    r"""(?P<sign>[{}\[\]:,])|"(?P<a>(?:[^"\\]|\\.)*)"|'(?P<b>(?:[^'\\]|\\.)*)'|(?P<c>[^,:{}\[\]\s"']+)"""
)
_DEEP = 2
"""Keys of which a column's name is made at most: ``products.sku``, ``products.product.brand``."""


def lists_of_objects(samples: dict[str, Sequence[str]]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the columns that hold lists of objects, and what is in the objects: ``column.key`` → values.

    Of an object within such an object the keys are ``column.key.inner``, as :mod:`.verbs.explode` makes them.

    Parameters
    ----------
    samples
        Column → its first values; long ones may be cut.
    """
    for column, values in samples.items():
        filled = [value for value in values if value.strip() not in ("[]", "")]
        if not filled or sum(value.lstrip().startswith("[{") for value in filled) < 0.9 * len(filled):
            continue
        found: dict[str, list[str]] = {}
        for value in filled:
            for path, text in _pairs(value):
                if text not in ("null", "None", "") and len(path) <= _DEEP:
                    found.setdefault(".".join((column, *path)), []).append(text)
        if found:
            yield column, found


def _pairs(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the keys that lead to each value of a list of objects, in JSON or Python's notation."""
    around: list[str] = []  # keys of the objects and lists that are open; empty for elements of lists
    key, last = "", ""
    for token in _TOKEN.finditer(text):
        sign = token["sign"]
        if sign is None:
            last = next(one for one in (token["a"], token["b"], token["c"]) if one is not None)
            if key:
                yield tuple(one for one in (*around, key) if one), last
                key = ""
        elif sign == ":":
            key = last
        elif sign in "{[":
            around.append(key)
            key = ""
        elif sign in "}]" and around:
            around.pop()
            key = ""
