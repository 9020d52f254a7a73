"""Names of files that say what is in them, whatever an id holds."""

from __future__ import annotations

import hashlib
import re

LONGEST = 60
_DIGITS = 8


def file_stem(text: str) -> str:
    """An id as a part of a file's name: letters, digits and ``._-``, at most 60 characters.

    What had to be changed gets a digest behind it, so that two ids never name one file.

    Examples
    --------
    >>> file_stem("42"), file_stem("../a b")
    ('42', '.._a_b-2c2c791a')
    """
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", text)
    if safe == text and 0 < len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{safe[: LONGEST - _DIGITS - 1]}-{digest}"


def stem_of(names: tuple[tuple[str, str], ...]) -> str:
    """The beginning of a document's files' names.

    Examples
    --------
    >>> stem_of((("user", "15"), ("", "films")))
    'user-15_films'
    """
    return "_".join(f"{what}-{file_stem(one)}" if what else file_stem(one) for what, one in names)
