"""Which scripts texts are written in, by the names that Unicode gives their letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_NAMES = {
    "CJK": "Chinese characters",
    "HIRAGANA": "Japanese kana",
    "KATAKANA": "Japanese kana",
    "KATAKANA-HIRAGANA": "Japanese kana",
    "HANGUL": "Korean",
}
_PREFIXES = frozenset({"FULLWIDTH", "HALFWIDTH", "MODIFIER", "MATHEMATICAL", "IDEOGRAPHIC"})


@lru_cache(maxsize=65_536)
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    first, *rest = unicodedata.name(character, "OTHER").split()
    if first in _PREFIXES and rest:
        first = "LATIN" if first == "MATHEMATICAL" else rest[0]
    return _NAMES.get(first, first.capitalize())


def scripts(texts: Iterable[str]) -> dict[str, float]:
    """Return the share of each script among the texts' letters, the most frequent first.

    Shares below a thousandth are left out. There is no claim about languages: Latin letters write many.

    Examples
    --------
    >>> scripts(["Heat", "蜘蛛侠"])
    {'Latin': 0.571, 'Chinese characters': 0.429}
    """
    letters: Counter[str] = Counter()
    for text in texts:
        letters.update(text)
    found: Counter[str] = Counter()
    for character, count in letters.items():
        if script := _script(character):
            found[script] += count
    whole = found.total()
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: round(count / whole, 3) for name, count in ordered if count / whole >= 0.001}
