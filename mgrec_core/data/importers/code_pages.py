"""Which old encoding a text that is not UTF-8 is in, told from the letters that it would have.

Statistics of languages, as `charset-normalizer` has them, need more text than a column of short titles
holds (Cyrillic titles are taken for Greek, Japanese for Russian). Whether letters make words needs little:
in the right encoding they are of one script, common ones, capitals stand first, and no sign is in a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_SIGNS = frozenset("“”‘’„‚«»‹›–—…•·°€£§©®™№¿¡½¼¾²³´×、。・「」『』【】《》〈〉“”！？（）：；，～")
_ALMOST = 0.05
_PLAUSIBLE = 0.5
_WESTERN = "äöüßéèêëàâáãåæçíìîïñóòôõøœúùûÄÖÜÉÈÊËÀÂÁÃÅÆÇÍÌÎÏÑÓÒÔÕØŒÚÙÛªº"
_CENTRAL = "ąćęłńóśźżčďěňřšťůžáéíúýőűöüôľĺŕâăîşţĄĆĘŁŃÓŚŹŻČĎĚŇŘŠŤŮŽÁÉÍÚÝŐŰÖÜÔĽĹŔÂĂÎŞŢäÄßëç"
_TURKISH = "ğıİşçöüâîûĞŞÇÖÜ"


@dataclass(frozen=True)
class CodePage:
    """An old encoding.

    Attributes
    ----------
    codec
        What Python calls it.
    shown
        What the receipt calls it.
    common
        Whether a character is usual in the texts that are written in it.
    latin
        Whether its letters stand among ASCII letters in one word.
    vowels
        Letters of which every language that is written in it has many; empty where it has none such.
    rare
        How much less likely it is than others before one has seen the text.
    """

    codec: str
    shown: str
    common: Callable[[str], bool]
    latin: bool = False
    vowels: str = ""
    rare: float = 0.0


@dataclass(frozen=True)
class Found:
    """The likeliest encoding.

    Attributes
    ----------
    codec, shown
        See :class:`CodePage`.
    doubt
        Another that is nearly as likely, or ``"none"`` where even this one is not; empty where it is clear.
    """

    codec: str
    shown: str
    doubt: str = ""


def _within(codec: str, first: int, last: int) -> Callable[[str], bool]:
    """The characters that every text uses stand in the first rows of the old character sets."""

    def common(character: str) -> bool:
        code = character.encode(codec, errors="ignore")
        return len(code) == 2 and first <= code[0] <= last

    return common


def _between(first: str, last: str) -> Callable[[str], bool]:
    return lambda character: first <= character <= last


def _japanese(character: str) -> bool:
    return "\u3041" <= character <= "\u30fe" or _level_one(character)


_level_one = _within("euc_jp", 0xB0, 0xCF)

_RUSSIAN = "аеиоуыэюяёіїєАЕИОУЫЭЮЯ"
_GREEK = "αεηιουωάέήίόύώΑΕΗΙΟΥΩ"

PAGES = (
    CodePage("cp1252", "Windows-1252 (Western European)", frozenset(_WESTERN).__contains__, True),
    CodePage("cp1250", "Windows-1250 (Central European)", frozenset(_CENTRAL).__contains__, True),
    CodePage("cp1254", "Windows-1254 (Turkish)", frozenset(_TURKISH).__contains__, True),
    CodePage("cp949", "EUC-KR (Korean)", _within("euc_kr", 0xB0, 0xC8)),
    CodePage("gb18030", "GBK (Chinese)", _within("gb2312", 0xB0, 0xD7)),
    CodePage("cp932", "Shift-JIS (Japanese)", _japanese),
    CodePage("big5", "Big5 (Chinese)", _within("big5", 0xA4, 0xC6)),
    CodePage("cp1251", "Windows-1251 (Cyrillic)", _between("А", "ё"), vowels=_RUSSIAN),
    CodePage("euc_jp", "EUC-JP (Japanese)", _japanese, rare=0.1),
    CodePage("koi8_r", "KOI8-R (Cyrillic)", _between("А", "я"), vowels=_RUSSIAN, rare=0.05),
    CodePage("cp1253", "Windows-1253 (Greek)", _between("Ά", "ώ"), vowels=_GREEK, rare=0.05),
    CodePage("cp1255", "Windows-1255 (Hebrew)", _between("א", "ת"), rare=0.1),
    CodePage("cp1256", "Windows-1256 (Arabic)", _between("ء", "ي"), rare=0.1),
    CodePage("cp874", "Windows-874 (Thai)", _between("ก", "๛"), rare=0.15),
    CodePage("cp866", "code page 866 (Cyrillic, DOS)", _between("А", "я"), vowels=_RUSSIAN, rare=0.3),
    CodePage(
        "cp850", "code page 850 (Western European, DOS)", frozenset(_WESTERN).__contains__, True, rare=0.3
    ),
    CodePage("mac_roman", "Mac Roman (Western European)", frozenset(_WESTERN).__contains__, True, rare=0.3),
)  # fmt: skip
"""Those that are equally likely in this order."""

_IDEOGRAPHS = ("gb18030", "cp932", "euc_jp", "big5", "cp949")


def find(sample: bytes) -> Found:
    """Return the likeliest encoding of some whole lines that are not ASCII.

    Parameters
    ----------
    sample
        The lines; others say nothing about the encoding.

    Examples
    --------
    >>> find("Книга".encode("cp1251")).shown, find("Größe, café".encode("latin-1")).codec
    ('Windows-1251 (Cyrillic)', 'cp1252')
    """
    scores = [(score(sample, page), -place) for place, page in enumerate(PAGES)]
    (best, place), *others = sorted(scores, reverse=True)
    page = PAGES[-place]
    text = sample.decode(page.codec, errors="replace")
    doubt = "" if best >= _PLAUSIBLE else "none"
    for other, at in others:
        same = other >= best - _ALMOST and sample.decode(PAGES[-at].codec, errors="replace") != text
        if not doubt and same and not (page.latin and PAGES[-at].latin):
            doubt = PAGES[-at].shown
    return Found(page.codec, page.shown, doubt)


def score(sample: bytes, page: CodePage) -> float:
    """Return how likely an encoding is, in [0, 1]: the mean over the characters that are not ASCII."""
    text = sample.decode(page.codec, errors="replace")
    if text.count("\ufffd") > 0.002 * len(text):
        return 0.0
    total, points = 0, 0.0
    for word in re.findall(r"[^\x00-\x40\[-`{-\x7f\xa0]+", text):
        beyond = sum(character > "\x7f" for character in word)
        if not beyond:
            continue
        total += beyond
        letters = sum(character.isalpha() for character in word)
        mixed = letters > beyond or any(character < "\x7f" for character in word)
        for place, character in enumerate(word):
            if character <= "\x7f":
                continue
            points += _point(character, word[place - 1 : place], page, mixed=mixed, beyond=beyond)
    if not total:
        return 0.0
    vowels = sum(character in page.vowels for character in text) / total
    spoken = not page.vowels or total < 12 or 0.25 <= vowels <= 0.65
    return max(points / total - page.rare - (0 if spoken else 0.2), 0.0)


def _point(character: str, before: str, page: CodePage, *, mixed: bool, beyond: int) -> float:
    if character in _SIGNS:
        return 0.6
    if not page.common(character):
        return 0.2 if character.isalpha() and not "\uff61" <= character <= "\uff9f" else 0.0
    if before and before.islower() and character.isupper():
        return 0.0
    if page.latin:
        return 1.0 if mixed or beyond < 3 else 0.2
    return 0.5 if mixed and page.codec not in _IDEOGRAPHS else 1.0
