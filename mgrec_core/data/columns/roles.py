"""Roles of attribute columns, and the rules by which a column gets one.

An ``attribute`` is a category that items share, a ``list`` several of them in a cell, a ``number`` a quantity
that is read in bands, a ``text`` prose. Dates, addresses, images and ids say which item it is or when its row
was written, not what it is like: as attributes they would be interests that nobody has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["attribute", "list", "number", "text", "date", "url", "image", "id", "ignore"]
ROLES: tuple[Role, ...] = get_args(Role)

VALUES: tuple[Role, ...] = ("attribute", "list", "number")
"""Roles whose values can be interests; ``text`` is for the language model alone, the others for nothing."""

FEW_NUMBERS = 12
"""Numbers with no more different values than this are categories."""
_MOST = 0.9
_UNIQUE = 0.98
_ENOUGH = 20
_PROSE = 80

_STRONG = re.compile(
    r"ids?|oid|uuid|guid|isbn|issn|ean|gtin|upc|asin|sku|mpn|plu|md5|sha|hash|checksum|etag|barcode|doi"
)
_WEAK = re.compile(r"ref|reference|code|key|slug|handle|permalink|number|no|nr|num|index|unnamed|row")
_GLUED = re.compile(
    r"(item|product|movie|book|user|article|track|artist|album|imdb|tmdb|parent|work|category|brand|author|"
    r"genre|seller|store|shop)ids?$"
)
_QUANTITY = re.compile(
    r"price|cost|count|views|votes|likes|sales|sold|rank|position|population|amount|qty|quantity|weight|length|"
    r"size|width|height|depth|area|budget|revenue|score|rating|duration|runtime|year|age|followers|pages|volume|"
    r"salary|income|distance|popularity"
)
_IMAGE = re.compile(r"image|img|picture|photo|poster|thumb|cover|icon|logo|avatar|banner", re.IGNORECASE)
_MOMENT = re.compile(r"(^|_)(time|date|datetime|timestamp|at|day|since)$|time|date|created|modified|release")


@dataclass(frozen=True)
class Facts:
    """What was counted of a column's values; shares are of the different values.

    Attributes
    ----------
    values, owners, distinct
        Values in all, items or users that have one, and different values.
    url, picture, digest, date, compact_date, moment, number, whole, structure, code
        Shares of addresses, names of image files, hashes and UUIDs, dates and times, dates as YYYYMMDD,
        numbers that are seconds or milliseconds of our times, numbers, whole numbers, records within a
        cell, and single words with a digit in them.
    length, words
        Means.
    same_length
        Share of the most frequent length.
    shortest
        Characters of the shortest value.
    span
        Greatest whole number minus the smallest.
    """

    values: int = 0
    owners: int = 0
    distinct: int = 0
    url: float = 0.0
    picture: float = 0.0
    digest: float = 0.0
    date: float = 0.0
    compact_date: float = 0.0
    moment: float = 0.0
    number: float = 0.0
    whole: float = 0.0
    structure: float = 0.0
    code: float = 0.0
    length: float = 0.0
    words: float = 0.0
    same_length: float = 0.0
    shortest: int = 0
    span: float = 0.0

    @property
    def own(self) -> float:
        """Different values for each owner: 1 where nobody shares one."""
        return self.distinct / max(self.owners, 1)


def decide(name: str, facts: Facts, *, several: bool = False) -> tuple[Role, str]:
    """Return a column's role and why it has it.

    Parameters
    ----------
    name
        The column's name.
    facts
        What was counted of its values.
    several
        Whether its cells were split, or owners have several values.
    """
    if not facts.values:
        return "ignore", "it is empty"
    if facts.structure >= _MOST:
        return "ignore", "its cells hold records, not values"
    found = _address(name, facts) or _moment(name, facts) or _identity(name, facts)
    if found:
        return found
    numeric = facts.number == 1
    if numeric and not says_id(name) and facts.distinct > FEW_NUMBERS:
        return "number", f"numbers, {facts.distinct} different ones: read in bands"
    if not numeric and (facts.length > _PROSE or _sentences(facts)):
        return "text", "sentences of its own for each"
    shared = f"{facts.distinct} different values, {facts.owners} have one"
    return ("list" if several or facts.values > facts.owners else "attribute"), shared


def _address(name: str, facts: Facts) -> tuple[Role, str] | None:
    if facts.url >= _MOST:
        pictures = facts.picture >= 0.5 or _IMAGE.search(name)
        return ("image", "addresses of images") if pictures else ("url", "addresses")
    return ("url", "names of image files") if facts.picture >= _MOST else None


def _moment(name: str, facts: Facts) -> tuple[Role, str] | None:
    named = _MOMENT.search(_plain(name)) is not None
    if facts.date >= _MOST:
        return "date", "dates or times"
    if facts.compact_date == 1 and (named or facts.distinct > FEW_NUMBERS):
        return "date", "dates written as YYYYMMDD"
    return ("date", "times counted from 1970") if facts.moment == 1 and named else None


def _identity(name: str, facts: Facts) -> tuple[Role, str] | None:
    if facts.digest >= _MOST and facts.own >= 0.5:
        return "id", "hashes or UUIDs"
    strong = says_id(name)
    weak = any(_STRONG.fullmatch(one) or _WEAK.fullmatch(one) for one in _words(name))
    if facts.words < 1.5 and ((strong and facts.own >= 0.5) or (weak and facts.own >= _UNIQUE)):
        return "id", "its name and its values, hardly one of them shared"
    if facts.own < _UNIQUE or facts.owners < _ENOUGH or _QUANTITY.search(_plain(name)):
        return None
    if facts.whole == 1 and facts.span < 1.05 * facts.distinct:
        return "id", "numbers one after the other, a different one for each"
    if facts.same_length >= 0.85 and facts.code >= 0.95 and facts.shortest >= 4:
        return "id", "codes of one length, a different one for each"
    return None


def _sentences(facts: Facts) -> bool:
    return facts.owners >= _ENOUGH and facts.own >= 0.9 and facts.words >= 4


def says_id(name: str) -> bool:
    """Return whether a column's name ends as the names of ids do."""
    words = _words(name)
    return bool(words) and bool(_STRONG.fullmatch(words[-1]) or _GLUED.search(words[-1]))


def _words(name: str) -> list[str]:
    return [one.lower() for one in re.findall(r"md5|[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def _plain(name: str) -> str:
    return "_".join(_words(name))


def told(role: Role, number: int) -> str:
    """Return a number of columns of a role in words."""
    word = {"url": "URL", "ignore": "column"}.get(role, role)
    return f"{number} {word}{'' if number == 1 else 's'}{' without values' if role == 'ignore' else ''}"
