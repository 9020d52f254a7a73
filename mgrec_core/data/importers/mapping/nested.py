"""Lists of objects in cells, as the guess sees them: an order's products, a visit's actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PAIR = re.compile(
    r"""["'](?P<key>[^"'{}\[\]]{1,60})["']\s*:\s*(?:"(?P<a>(?:[^"\\]|\\.)*)"|'(?P<b>(?:[^'\\]|\\.)*)'|(?P<c>[^,{}\[\]\s]+))"""
)


def lists_of_objects(samples: dict[str, Sequence[str]]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the columns that hold lists of objects, and what is in the objects: ``column.key`` → values.

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
            for pair in _PAIR.finditer(value):
                text = next(one for one in (pair["a"], pair["b"], pair["c"]) if one is not None)
                if text not in ("null", "None", ""):
                    found.setdefault(f"{column}.{pair['key']}", []).append(text)
        if found:
            yield column, found
