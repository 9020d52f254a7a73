"""Item texts are hostile: what a catalogue says must reach a figure as text and nothing else.

plotly reads every string as pseudo-HTML (``<b>``, ``<a href>``, ``<br>``), as a template (``%{x}``)
and, where MathJax is loaded, as TeX between two ``$``. All three readings happen before HTML entities
are decoded, so that writing the special characters as entities switches all three off.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata

SHORT = 40
"""Characters of a title that a row label shows; the hover shows all of it."""

_ENTITIES = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "%": "&#37;", "{": "&#123;", "}": "&#125;",
}  # fmt: skip
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


def clean(text: object) -> str:
    r"""Return ``text`` on one line, without control characters and bidirectional overrides.

    Parameters
    ----------
    text
        Anything; ``None`` and NaN give the empty string.

    Examples
    --------
    >>> clean("Toy\n Story\x00")
    'Toy Story'
    """
    if text is None or text != text:
        return ""
    kept = (
        " " if character.isspace() else character
        for character in str(text)
        # Cf holds the bidirectional controls, but also the joiners that emoji and Indic scripts need.
        if character.isspace()
        or character in "\u200c\u200d"
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn", "Co")
    )
    return " ".join("".join(kept).split())


def shorten(text: object, limit: int = SHORT) -> str:
    """Return the cleaned text, cut to at most ``limit`` characters with an ellipsis.

    What stands in brackets at the end is kept where it is short: it tells items of one title apart.

    Examples
    --------
    >>> shorten("Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb", 20)
    'Dr. Strangelove or:…'
    >>> shorten("The Secret Life of Walter Mitty (1947)", 24)
    'The Secret Life… (1947)'
    """
    whole = clean(text)
    if len(whole) <= limit:
        return whole
    tail = re.search(r" \([^()]*\)$", whole)
    if tail and len(tail[0]) <= limit // 2:
        return shorten(whole[: tail.start()], limit - len(tail[0])) + tail[0]
    end = limit - 1
    # Never leave half of a composed character behind.
    while end > 1 and (unicodedata.combining(whole[end]) or "\u200d" in whole[end - 1 : end + 1]):
        end -= 1
    return whole[:end].rstrip() + "…"


def escape(text: object) -> str:
    """Return the cleaned text as a plotly string that shows exactly these characters.

    Examples
    --------
    >>> escape("<b>5 $ & more</b>")
    '&lt;b&gt;5 &#36; &amp; more&lt;/b&gt;'
    """
    return "".join(_ENTITIES.get(character, character) for character in clean(text))


def isolate(text: str) -> str:
    """Wrap text so that a right-to-left title does not reorder the numbers beside it."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if text else ""


def label(text: object, limit: int = SHORT) -> str:
    """Return a short, escaped, isolated text: what a row, a tick or a legend shows of a title."""
    return isolate(escape(shorten(text, limit)))


def hover(text: object, width: int = 60, limit: int = 400) -> str:
    """Return the escaped text in lines of ``width`` characters: what a hover shows of a title."""
    lines = textwrap.wrap(shorten(text, limit), width) or [""]
    return "<br>".join(isolate(escape(line)) for line in lines)


def signed(value: float, digits: int = 3) -> str:
    """Return a number with its sign, a true minus, and no negative zero.

    Examples
    --------
    >>> signed(0.25), signed(-1.5, 1), signed(-0.0001)
    ('+0.250', '−1.5', '0.000')
    """
    rounded = round(value, digits)
    if rounded == 0:
        return f"{0:.{digits}f}"
    return f"{rounded:+.{digits}f}".replace("-", "−")
