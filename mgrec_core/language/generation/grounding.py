"""Whether a text says only what its evidence holds: every title and every number in it must be there.

The check is on the safe side. It does not understand the text: what is quoted, what is written like a name
and what is a number is looked up in the evidence, and a text with anything that is not there is refused
whole. That a title stands there says nothing of what is said about it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from mgrec_core.foundation.text import shorten

LONGEST = 600
"""Characters of a text."""
_SHORTEST = 15
_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", "《": "》"}
_SINGLE = "'‘’‚"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MARKUP = re.compile(r"https?:|www\.|[<>{}\[\]|`*_#\\=]|\.(?:com|org|net|io)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]+[”\"’')]*(?=\s|$)")
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)

# fmt: off
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12, "hundred": 100, "thousand": 1000,
    "million": 10**6, "billion": 10**9, "twice": 2, "half": 50, "third": 33, "quarter": 25,
    "dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 10**6, "thrice": 3,
}
# words with which a sentence may begin without being a name
_STARTS = """
    a about above according across against all almost along also although among an and another any apart are
    as at based because beside besides beyond both but by clearly clear despite each especially even every
    few finally first for from further given he her here his however i if in interest interested interests
    is it its less likes little many more most mostly much nearly next no not notably of on one only or
    other others otherwise overall people preference preferences rather recent recently she several shows
    similarly since so some somewhat still strong strongest strongly such taste tastes than that the their
    them then there these they this those though through to together too under user users very we what
    when where while who with within without you
"""
# fmt: on
_MAY_START = frozenset(_STARTS.split())


@dataclass(frozen=True)
class Grounds:
    """What a text may speak of.

    Attributes
    ----------
    labels
        Titles, attributes with their values (``genre: Horror``), names of entities.
    numbers
        Numbers beside those within the labels.
    """

    labels: Sequence[str]
    numbers: Sequence[int] = ()

    @cached_property
    def spans(self) -> frozenset[str]:
        """Labels, and the two sides of those with a colon, as they are compared."""
        found = {_plain(label) for label in self.labels}
        for label in self.labels:
            name, colon, value = label.partition(":")
            found |= {_plain(name), _plain(value)} if colon else set()
        return frozenset(found - {""})

    @cached_property
    def figures(self) -> frozenset[Decimal]:
        """All numbers."""
        inside = (_decimal(one) for span in self.spans for one in _NUMBER.findall(span))
        return frozenset({Decimal(n) for n in self.numbers} | {one for one in inside if one is not None})


def whole_sentences(text: str) -> str:
    r"""Return a text on one line, without thoughts before it and what breaks off at its end.

    Examples
    --------
    >>> whole_sentences("<think>Hm.</think> Mostly horror.\n Also comedy. And then th")
    'Mostly horror. Also comedy.'
    """
    line = " ".join(_THOUGHT.sub("", text).split())
    ends = [found.end() for found in _SENTENCE_END.finditer(line)]
    return line[: ends[-1]] if ends else ""


def ungrounded(text: str, grounds: Grounds) -> str | None:
    """Say what keeps a text from being believed, a part of a sentence; ``None`` where nothing does.

    Examples
    --------
    >>> grounds = Grounds(["Heat (1995)", "genre: Crime"], [62])
    >>> ungrounded("Mostly crime: “Heat (1995)” makes up 62 %.", grounds)
    >>> ungrounded("Mostly crime, such as Casino.", grounds)
    'it names “Casino”, which the evidence does not'
    >>> ungrounded("Mostly crime, 80 % of it.", grounds)
    'it says 80, which the evidence does not'
    """
    if len(text) < _SHORTEST:
        return "it is no whole sentence"
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in text):
        return "it holds control characters"
    rest, said = _without_quotes(text, grounds)
    if said:
        return said
    bare = _without_labels(rest, grounds)
    if _MARKUP.search(bare):
        return "it holds markup or an address"
    names = _names(rest)
    if said := _number(bare, grounds) or _language(bare) or _unknown(names, grounds):
        return said
    return "it speaks of nothing in the evidence" if rest == text == bare and not names else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .,;:!?")


def _decimal(text: str) -> Decimal | None:
    thousands = re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text)
    try:
        return Decimal(text.replace(",", "") if thousands else text.replace(",", "."))
    except InvalidOperation:
        return None


def _without_quotes(text: str, grounds: Grounds) -> tuple[str, str | None]:
    """Return the text without what is quoted rightly, and what is wrong with a quotation."""
    rest, place = "", 0
    while place < len(text):
        sign = text[place]
        opened = sign in _PAIRS or sign == '"'
        single = sign in _SINGLE and (place == 0 or not text[place - 1].isalnum())
        if not opened and not single:
            if sign in "”»›」』》":
                return "", "it closes a quotation that it did not open"
            rest += sign
            place += 1
            continue
        if opened:
            ends = [n for n in range(place + 1, len(text)) if text[n] in _PAIRS.get(sign, '"')]
        else:  # an apostrophe within a word ends nothing
            last = len(text) - 1
            ends = [
                n
                for n in range(place + 1, len(text))
                if text[n] in _SINGLE and (n == last or not text[n + 1].isalnum())
            ]
        # a title may hold such a sign itself: the first end at which something of the evidence is complete
        good = next((n for n in ends if _plain(text[place + 1 : n]) in grounds.spans), None)
        if good is None:
            if not ends:
                return "", "it opens a quotation that it does not close"
            return "", f"it names {_shown(text[place + 1 : ends[0]])}, which the evidence does not"
        rest += " , "
        place = good + 1
    return rest, None


def _without_labels(text: str, grounds: Grounds) -> str:
    """Return the text without what the evidence holds, the longest first; its case is not looked at."""
    for span in sorted(grounds.spans, key=len, reverse=True):
        if len(span) > 1:
            pattern = r"\s+".join(re.escape(part) for part in span.split())
            text = re.sub(rf"(?<!\w){pattern}(?!\w)", " , ", text, flags=re.IGNORECASE)
    return text


def _number(rest: str, grounds: Grounds) -> str | None:
    for found in _NUMBER.findall(rest):
        value = _decimal(unicodedata.normalize("NFKC", found))
        if value is None or value not in grounds.figures:
            return f"it says {shorten(found, 20)}, which the evidence does not"
    if odd := next((c for c in rest if unicodedata.category(c) in ("Nl", "No")), None):
        return f"it says {odd}, which the evidence does not"
    for word in _WORD.findall(rest):
        for part in re.split("[-’']", word.casefold()):
            if part in _NUMBER_WORDS and Decimal(_NUMBER_WORDS[part]) not in grounds.figures:
                return f"it says “{part}”, which the evidence does not"
    return None


def _language(rest: str) -> str | None:
    for word in _WORD.findall(rest):
        if not all("LATIN" in unicodedata.name(c, "") for c in word if c.isalpha()):
            return f"it holds words of another language, {_shown(word)}"
    return None


def _names(text: str) -> list[str]:
    """Return what is written like a name: words with a capital, but plain ones at a start."""
    found = []
    for sentence in re.split("[.!?…:]", text):
        first = _WORD.search(sentence)
        if first and _bare(first[0]) in _MAY_START:
            sentence = sentence[first.end() :]
        found += _capitals(sentence)
    return found


def _unknown(names: list[str], grounds: Grounds) -> str | None:
    """Say which name is no part of one title: words of two titles make up a third."""
    for name in names:
        pattern = re.compile(rf"(?<!\w){re.escape(_plain(name))}(?!\w)")
        if not any(pattern.search(span) for span in grounds.spans):
            return f"it names {_shown(name)}, which the evidence does not"
    return None


def _capitals(sentence: str) -> list[str]:
    """Return the words with a capital in them, those that follow each other as one."""
    found: list[str] = []
    before = -1
    for one in _WORD.finditer(sentence):
        if one[0] == one[0].lower():
            continue
        if found and not sentence[before : one.start()].strip():
            found[-1] += f" {one[0]}"
        else:
            found.append(one[0])
        before = one.end()
    return found


def _bare(word: str) -> str:
    return re.split("['’]", word.casefold())[0]


def _shown(text: str) -> str:
    return f"“{shorten(text, 40)}”"
