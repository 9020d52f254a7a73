"""Which embedded model reads some texts, where nobody has named one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mgrec_core.language.embedded import MINILM, USE
from mgrec_core.language.model_files import find_model
from mgrec_core.language.scripts import scripts
from mgrec_core.language.text_cache import normalise_text
from mgrec_core.language.tokenizing import tokenizer_of

_MOST = 2_000
"""Different texts that are looked at; of more, every n-th in the order of the alphabet."""
_KNOWN = 4.8
"""Letters a piece from which MiniLM knows the words: 5.1 to 6.1 in English, 2.9 in German, 1.1 in Russian."""
_MORE_PIECES = 1.12
"""Times as many pieces as the multilingual model's from which MiniLM spells words instead of knowing them.

Measured on letters alone: .81 to .94 in English, 1.02 on names of artists; German 1.39 (1.22 with English
attributes), Korean 2.15, Arabic 2.09, Russian 3.25."""
_UNKNOWN = 0.05
"""Share of unknown tokens from which MiniLM does not do."""
_UNREAD = 0.15
"""Share of unknown tokens from which the multilingual model does not do either."""
_NO_LETTERS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class Choice:
    """A model and why.

    Attributes
    ----------
    model
        Its name; ``None`` is the default.
    reason
        One sentence; empty for the default.
    """

    model: str | None
    reason: str = ""


@dataclass(frozen=True)
class _Pieces:
    letters: int
    pieces: int
    unknown: float


def choose_model(texts: Iterable[str]) -> Choice:
    """Choose the embedded model for some texts; the same texts in any order give the same choice.

    MiniLM unless the multilingual model knows the words and MiniLM does not: it has unknown tokens that
    the other has not, or it needs many more pieces a word.

    Raises
    ------
    NotFoundError, InputError
        An embedded model is not installed, or damaged.
    """
    different = sorted({normalise_text(text) for text in texts} - {""})
    looked_at = different[:: -(-len(different) // _MOST) or 1]
    words = [spelled for text in looked_at if (spelled := _NO_LETTERS.sub(" ", text).strip())]
    if not words:
        return Choice(None)
    usual = _read(MINILM.name, words)
    if usual.unknown < _UNKNOWN and usual.letters >= _KNOWN * usual.pieces:
        return Choice(None)
    other = _read(USE.name, words)
    gaps = usual.unknown >= _UNKNOWN and other.unknown <= usual.unknown / 2
    spelled_out = usual.pieces >= _MORE_PIECES * other.pieces
    if other.unknown >= _UNREAD or not (gaps or spelled_out):
        return Choice(None)
    why = (
        f"{100 * usual.unknown:.0f} % of the texts' tokens are unknown to {MINILM.name}"
        if gaps
        else f"{MINILM.name} cuts their words into {usual.pieces / other.pieces:.1f} times as many pieces"
    )
    share = ", ".join(f"{100 * part:.0f} % {name}" for name, part in list(scripts(looked_at).items())[:3])
    return Choice(
        USE.name,
        f"{USE.name} was chosen to read the texts ({share}): {why}; `build --model NAME` takes another.",
    )


def _read(model: str, words: list[str]) -> _Pieces:
    pieces = unknown = 0
    for _, own, missed in tokenizer_of(find_model(model)).survey(words):
        pieces += own
        unknown += missed
    return _Pieces(sum(map(len, words)), pieces, unknown / max(pieces, 1))
