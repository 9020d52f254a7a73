"""The fonts that PDF files are set in: those of the system, by name, or those that a variable names.

A PDF holds the letters that it uses. Text is set in the first text font that is there; characters that it
lacks, Chinese ones above all, come from the first of the others that has them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VARIABLE = "MGREC_PDF_FONTS"
"""Paths of further fonts (TrueType or OpenType), asked before the system's, apart as in PATH."""

REMEDY = "install the Debian packages fonts-dejavu-core and fonts-droid-fallback (or fonts-noto-cjk)"

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
            "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip
_TEXT = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
         ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"), ("Arial.ttf", "Arial Bold.ttf"),
         ("arial.ttf", "arialbd.ttf"))  # fmt: skip
_OTHERS = ("DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "NotoSansCJK-Regular.ttc",
           "NotoSansSC-Regular.otf", "NotoSansCJKsc-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc",
           "uming.ttc", "PingFang.ttc", "msyh.ttc", "simsun.ttc", "NotoSansArabic-Regular.ttf",
           "NotoSansDevanagari-Regular.ttf", "NotoSansHebrew-Regular.ttf",
           "NotoSansThai-Regular.ttf")  # fmt: skip


@dataclass(frozen=True)
class Fonts:
    """The files to set a text in.

    Attributes
    ----------
    text, bold
        The text font; ``None`` where the system has none.
    others
        Fonts with characters of the text that it lacks, in the order they are asked.
    missing
        Characters that no font has.
    """

    text: Path | None
    bold: Path | None
    others: tuple[Path, ...]
    missing: frozenset[str]


def fonts_for(characters: Iterable[str]) -> Fonts:
    """Choose fonts for the characters of a document."""
    found = _installed()
    own = [Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    pairs = [(found[a], found.get(b)) for a, b in _TEXT if a in found]
    text, bold = pairs[0] if pairs else (own[0] if own else None, None)
    left = {c for c in set(characters) if c.isprintable() and not c.isspace()}
    left -= {c for c in left if ord(c) in characters_of(text)} if text else {c for c in left if ord(c) < 256}
    others = []
    for path in [*own, *(found[name] for name in _OTHERS if name in found)]:
        if not left:
            break
        if has := {c for c in left if ord(c) in characters_of(path)}:
            others.append(path)
            left -= has
    return Fonts(text, bold, tuple(others), frozenset(left))


@cache
def characters_of(path: Path) -> frozenset[int]:
    """Code points that a font has; none where it cannot be read."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError):
        return frozenset()


@cache
def _installed() -> dict[str, Path]:
    """Fonts that are looked for, by the names of their files."""
    wanted = {name for pair in _TEXT for name in pair} | set(_OTHERS)
    found: dict[str, Path] = {}
    for folder in (Path(one).expanduser() for one in _FOLDERS):
        for place, _, files in os.walk(folder):
            for name in wanted.intersection(files):
                found.setdefault(name, Path(place) / name)
    return found
