"""Text from data, made safe for the places that read Markdown or HTML.

Titles, labels, ids, file names and error messages come from other people's files. They
pass through :func:`md` wherever Streamlit reads Markdown (messages, labels, captions)
and through :func:`html` wherever it reads HTML.
"""

from __future__ import annotations

import html as _html
import re

from mgrec_core.foundation.text import count as count

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
# Emoji and icon codes, bare links and typographic arrows are replaced after backslashes
# have been read, so these need an invisible WORD JOINER between their characters.
_JOINER = "\N{WORD JOINER}"
_CODES = re.compile(r"[:@](?=\S)|[<>=~-](?=[<>=~-])|(?<=www)(?=\.)")
_SPACE = re.compile(r"\s+")
_INVISIBLE = dict.fromkeys(map(ord, "\N{WORD JOINER}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"))


def md(text: object) -> str:
    r"""Return text that shows as it is where Markdown is read: one line, nothing interpreted.

    Examples
    --------
    >>> print(md("*a*"))
    \*a\*
    >>> md("two\nlines")
    'two lines'
    """
    line = _SPACE.sub(" ", str(text)).strip()
    return _PUNCTUATION.sub(r"\\\1", _CODES.sub(lambda m: m.group(0) + _JOINER, line))


def visible(typed: str) -> str:
    r"""Return what was typed without spaces around it and without the signs that a copied text may carry.

    Examples
    --------
    >>> visible(" /data/my\N{WORD JOINER}-shop ")
    '/data/my-shop'
    """
    return typed.translate(_INVISIBLE).strip()


def html(text: object) -> str:
    """Return text that shows as it is inside HTML elements and attributes.

    Examples
    --------
    >>> html("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return _html.escape(str(text), quote=True)


def shorten(text: object, length: int = 60) -> str:
    """Return text of at most ``length`` characters; what is cut is an ellipsis.

    What stands in brackets at the end is kept where it is short: it tells items of one title apart.

    Examples
    --------
    >>> shorten("abcdef", 4), shorten("The Secret Life of Walter Mitty (1947)", 24)
    ('abc…', 'The Secret Life… (1947)')
    """
    line = _SPACE.sub(" ", str(text)).strip()
    tail = re.search(r" \([^()]*\)$", line) if len(line) > length else None
    if tail and len(tail[0]) <= length // 2:
        return shorten(line[: tail.start()], length - len(tail[0])) + tail[0]
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    Examples
    --------
    >>> duration(4.2), duration(75), duration(3700)
    ('4 s', '1 min 15 s', '1 h 1 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def one_per_line(lines: list[str], length: int = 300) -> str:
    """Return lines for a code block, which interprets nothing; each is cut and kept on one line."""
    return "\n".join(shorten(line, length) for line in lines)
