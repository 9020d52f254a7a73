"""Things that several items' texts name: quoted and capitalised phrases, and words that keep company.

A phrase of two to four words counts when at least :data:`LEAST_ITEMS` items and at most
:data:`LARGEST_SHARE` of them have it, and its words come together far more often than chance:

    NPMI = ln(p(phrase) / Π p(word)) / ((n − 1) · −ln p(phrase)) ∈ [−1, 1]

(Bouma 2009, for n words), over items. Phrases in quotes or written with capitals inside a sentence need
less of it: the writer has marked them. No model is asked. Source ``text``.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

import duckdb

from mgrec_core.data.knowledge.found import keep

LEAST_ITEMS = 3
LARGEST_SHARE = 0.1
LEAST_NPMI = 0.5
#: For phrases in quotes or capitals.
LEAST_NPMI_MARKED = 0.25
_LONGEST_TEXT = 2_000
_LONGEST = 4
_WORD = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*")
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„\n]{3,60})[”\"»“]")
_SENTENCE = re.compile(r"[.!?:;\n()\[\]|,/]+\s*|\s[-–—]\s")
_YEAR = re.compile(r"\(\d{4}\)")
_WEAK = frozenset(
    re.findall(
        r"\w+",
        """
        a an the and or of in on at to for with from by as is are was be it its this that these those he she
        they you we i his her their our my your not no but if so than then when who which what all any more
        most one two out up into over after before about has have had will can may der die das und oder von
        im zu mit ein eine le la les de du des et un une el los las y en
        """,
    )
)


def derive(connection: duckdb.DuckDBPyConnection, target: str) -> None:
    """Add (item, ``mentions``, phrase) to a table like ``kg``."""
    texts = connection.execute(
        "SELECT item_id, title, description FROM items WHERE title IS NOT NULL OR description IS NOT NULL"
        " ORDER BY item_id"
    ).fetchall()
    found = find_entities((item, [part for part in parts if part]) for item, *parts in texts)
    if not found:
        return
    text = dict.fromkeys(("item_id", "key", "label"), "VARCHAR")
    keep(connection, "found_text", found, **text, confidence="DOUBLE")
    try:
        connection.execute(
            f"INSERT INTO {target} SELECT item_id, 'mentions', 'text:' || key, label, 'text', confidence"
            " FROM found_text ORDER BY item_id, key"
        )
    finally:
        connection.execute("DROP TABLE found_text")


def find_entities(texts: Iterable[tuple[str, list[str]]]) -> list[tuple[str, str, str, float]]:
    """Find the phrases that items share.

    Parameters
    ----------
    texts
        Item id and its texts.

    Returns
    -------
    list of (item id, key, label, confidence)
        Sorted. The confidence is the NPMI, in (0, 1]. A phrase that only ever comes as part of a
        longer one is left out.
    """
    words: Counter[str] = Counter()
    phrases: dict[tuple[str, ...], set[str]] = defaultdict(set)
    labels: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    marked: Counter[tuple[str, ...]] = Counter()
    items = 0
    for item, parts in texts:
        items += 1
        seen: set[str] = set()
        here: dict[tuple[str, ...], tuple[str, bool]] = {}
        for part in parts:
            _read(_YEAR.sub(" ", part[:_LONGEST_TEXT]), seen, here)
        words.update(seen)
        for key, (label, is_marked) in here.items():
            phrases[key].add(item)
            labels[key][label] += 1
            marked[key] += is_marked
    most = max(LEAST_ITEMS, LARGEST_SHARE * items)
    scores = {}
    for key, having in phrases.items():
        if LEAST_ITEMS <= len(having) <= most:
            score = npmi(len(having), [words[word] for word in key], items)
            if score >= (LEAST_NPMI_MARKED if 2 * marked[key] >= len(having) else LEAST_NPMI):
                scores[key] = min(1.0, score)
    inside = {
        shorter
        for key in scores
        for n in range(2, len(key))
        for at in range(len(key) - n + 1)
        if (shorter := key[at : at + n]) in scores and len(phrases[shorter]) == len(phrases[key])
    }
    return sorted(
        (item, " ".join(key), min(labels[key], key=lambda text: (-labels[key][text], text)), score)
        for key, score in scores.items()
        if key not in inside
        for item in phrases[key]
    )


def npmi(together: int, apart: list[int], total: int) -> float:
    """Normalised pointwise mutual information of n words, in [−1, 1].

    Examples
    --------
    >>> npmi(5, [5, 5], 100)
    1.0
    >>> round(npmi(1, [10, 10], 100), 6) + 0.0
    0.0
    """
    if together >= total:
        return 0.0
    p = together / total
    independent = sum(math.log(count / total) for count in apart)
    return (math.log(p) - independent) / ((len(apart) - 1) * -math.log(p))


def _read(text: str, seen: set[str], here: dict[tuple[str, ...], tuple[str, bool]]) -> None:
    """Collect a text's words and phrases."""
    quoted = {tuple(w.casefold() for w in _WORD.findall(phrase)) for phrase in _QUOTED.findall(text)}
    for sentence in _SENTENCE.split(text):
        found = _WORD.findall(sentence)
        folded = [word.casefold() for word in found]
        seen.update(folded)
        for n in range(2, _LONGEST + 1):
            for at in range(len(found) - n + 1):
                key = tuple(folded[at : at + n])
                if key[0] in _WEAK or key[-1] in _WEAK or all(w.isdigit() for w in key):
                    continue
                capital = at > 0 and all(w[:1].isupper() or w.casefold() in _WEAK for w in found[at : at + n])
                is_marked = capital or key in quoted
                label = " ".join(found[at : at + n])
                if key not in here or is_marked:
                    here[key] = (label, is_marked or here.get(key, ("", False))[1])
