"""Find series of works in their titles: "Toy Story 2" continues "Toy Story".

A title offers *stems*: what is left of it without a sequel number, a subtitle or a
sequel word. Titles that offer the same stem make a series when enough speaks for it. Wrong
knowledge is worse than none, so a rule that is often wrong is left out: films of one
hero under unlike titles (James Bond) are not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_ROMAN = {
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_WORDS = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
_ENDS = {*_ROMAN, *_WORDS, "i", *map(str, range(1, 100))}
_PART = (
    r"(?:parts?|episode|vol\.?|volume|chapter|book|season)\s?"
    rf"(?:\d{{1,2}}|i|{'|'.join([*_ROMAN, *sorted(_WORDS)])})"
)
_NUMBER = rf"[2-9]|1[0-2]|{'|'.join(_ROMAN)}"
#: "Toy Story 2", "Star Trek II", "Alien³", "Kill Bill: Vol. 1", "Dune: Part Two".
_NUMBERED = re.compile(
    rf"^(?P<stem>.+?)(?:[\s:,-]+(?P<part>{_PART})|[\s:,-]+(?P<number>{_NUMBER})|(?P<power>[²³]))$", re.I
)
#: One letter is a sequel number in "Rocky V" and none in "Malcolm X"; "Chicago 10" and "Maroon 5"
#: continue nothing. Such a number joins a series and does not vouch for one.
_VOUCHING = {"2", "3", "ii", "iii"}
_SEQUEL_WORD = re.compile(
    r"^(?P<stem>.+?) (?:returns|reloaded|revolutions|rises|begins|forever|reborn|strikes back|"
    r"(?:strikes|rides) again)$",
    re.I,
)
_SEQUEL_PREFIX = re.compile(
    r"^(?:the )?(?:return (?:of|to)|revenge of|bride of|son of|curse of|beneath|escape from|battle for|"
    r"conquest of|rise of|dawn of|trail of) (?P<stem>.+)$",
    re.I,
)
#: "Harry Potter and the …", "Indiana Jones and the …": a name of two words or more.
_HERO = re.compile(r"^(?P<stem>[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*)+) (?:and|&) the \w", re.I)
_SUBTITLE = re.compile(r": | - | – | — ")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_YEAR = re.compile(r"\s*\(\d{4}(?:[-–]\d{0,4})?\)\s*$")
_ARTICLE = re.compile(r"^(?:the|a|an) |, (?:the|a|an)$", re.I)
_ALIAS = re.compile(r"^(?:a\.k\.a\.|aka) ", re.I)
#: Words that begin many unrelated titles; a stem made of them alone is none.
_STOP = frozenset(
    re.findall(
        r"\w+",
        """
        a an the and of in on at to for with from by or my our your his her its new old big little first last
        best complete collection set pack box part parts volume vol chapter book season episode introduction
        story tale tales adventures adventure life love live show night day time world one two three i ii iii
        no not movie film untitled mission war justice freedom history god death trilogy
        """,
    )
)
_LONGEST = 200  # characters of a title that are looked at


@dataclass
class _Group:
    """The titles that offer one stem."""

    labels: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)  # item → its compared title
    marked: set[str] = field(default_factory=set)  # compared titles that say they continue something
    numbered: set[str] = field(default_factory=set)  # … by a number that vouches
    main: set[str] = field(default_factory=set)  # items whose own title, not one in brackets, offers it

    def is_series(self, key: str) -> bool:
        """Say whether enough speaks for a series."""
        words = key.split()
        if len(set(self.titles.values())) < 2 or not self.marked or len(key) < 3:
            return False
        if all(word in _STOP or word.isdigit() for word in words):
            return False
        # Without a number, one word begins unrelated titles too easily ("Dragon", "Dragon: …").
        return bool(self.numbered) or len(words) > 1 or len(self.marked) > 1


def title_key(text: str) -> str:
    """Return what is compared: no case, accents, articles or punctuation; ``&`` is ``and``.

    >>> title_key("The Fast & the Furious")
    'fast and the furious'
    """
    text = _ARTICLE.sub("", text.strip()).replace("&", " and ").casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w'’]+", " ", text).split())


def _names(title: str) -> list[str]:
    """Return the title itself and, from its brackets, its other names."""
    title = _YEAR.sub("", title[:_LONGEST])
    others = [_ALIAS.sub("", piece.strip()) for piece in _BRACKETS.findall(title)]
    return [" ".join(_BRACKETS.sub(" ", title).split()), *others]


def _stems(name: str) -> Iterator[tuple[str, str]]:
    """Yield (stem, what speaks for a series): 'number', 'other', or '' for what may only join one."""
    name = _ARTICLE.sub("", name)
    for head in [name, *(name[: found.start()] for found in _SUBTITLE.finditer(name))]:
        stem = _ARTICLE.sub("", head.strip())
        yield stem, "" if head is name else "other"
        last = re.split(r"[\s#.]", stem)[-1].casefold()
        if (last in _ENDS or last.endswith(("²", "³"))) and (found := _NUMBERED.match(stem)):
            number = (found["number"] or "2").casefold()
            yield found["stem"].rstrip(" :,-"), "number" if number in _VOUCHING else ""
        elif word := _SEQUEL_WORD.match(stem):
            yield word["stem"], "other"
    # "Dawn of the Dead" continues no film "The Dead": a short word after a prefix says nothing.
    if (prefix := _SEQUEL_PREFIX.match(name)) and len(_ARTICLE.sub("", prefix["stem"])) >= 7:
        yield prefix["stem"], "other"
    if hero := _HERO.match(name):
        yield hero["stem"], "other"


def find_franchises(titles: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Find the series that titles belong to.

    Parameters
    ----------
    titles : iterable of (str, str)
        Item id and title.

    Returns
    -------
    list of (str, str, str)
        Item id, key of the series, readable name of the series; sorted, each series with
        at least two items of different titles. An item may be in several ("Harry Potter" and
        "Harry Potter and the Deathly Hallows").

    Examples
    --------
    >>> find_franchises([("1", "Toy Story (1995)"), ("2", "Toy Story 2 (1999)"), ("3", "Heat (1995)")])
    [('1', 'toy story', 'Toy Story'), ('2', 'toy story', 'Toy Story')]
    """
    groups: dict[str, _Group] = defaultdict(_Group)
    for item, title in titles:
        names = _names(title)
        whole = title_key(names[0])
        for position, name in enumerate(names):
            for stem, evidence in _stems(name):
                group = groups[title_key(stem)]
                group.labels[" ".join(_ARTICLE.sub("", stem).split())] += 1
                group.titles[item] = whole
                if position == 0:
                    group.main.add(item)
                if evidence:
                    group.marked.add(whole)
                if evidence == "number":
                    group.numbered.add(whole)
    kept = {key: group for key, group in groups.items() if group.is_series(key)}
    of_item: dict[str, list[str]] = defaultdict(list)
    for key, group in kept.items():
        for item in group.titles:
            of_item[item].append(key)
    return sorted(
        (item, key, min(group.labels, key=lambda text: (-group.labels[text], text)))
        for key, group in kept.items()
        if not _is_shadow(key, kept, of_item)
        for item in group.titles
    )


def _is_shadow(key: str, kept: dict[str, _Group], of_item: dict[str, list[str]]) -> bool:
    """Say whether a series is another one under a name that says less."""
    group = kept[key]
    overlap = Counter(other for item in group.titles for other in of_item[item] if other != key)
    for other, shared in overlap.items():
        # "Mission: Impossible II" also offers "Mission", which would take in "The Mission".
        if other.startswith(key + " ") and group.marked <= set(kept[other].titles.values()):
            return True
        # Original titles in brackets: "Battle Royale 2 (Batoru rowaiaru II)".
        if len(group.main) < 2 <= len(kept[other].main) and 2 * shared >= len(group.titles):
            return True
    return False
