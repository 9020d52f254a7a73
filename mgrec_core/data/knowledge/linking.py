"""Names in a given graph linked to items by their titles.

A graph that speaks of "Toy Story" where the catalogue has item 1 says nothing about it until the name is
linked. Names and titles are compared without case, accents, punctuation and articles; a year must not
contradict. An equal name that only one title has is accepted; others are compared by rapidfuzz:
candidates of :data:`ACCEPT` or more, clearly ahead of the next, are accepted, those from :data:`REVIEW`
wait in ``kg_links`` for a person.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
from rapidfuzz import fuzz

from mgrec_core.data.knowledge.found import keep
from mgrec_core.data.knowledge.franchises import title_key
from mgrec_core.data.receipt import ExampleRow, Reason, ReceiptWriter
from mgrec_core.foundation.text import shorten

ACCEPT = 0.93
REVIEW = 0.78
#: How far the best candidate must be ahead of the next to be accepted.
AHEAD = 0.03
#: A graph with at least this share of its roots among the items needs no linking.
ENOUGH = 0.5
#: Candidates a name has in the review table.
MOST_CANDIDATES = 3
_BLOCK = 400  # titles that share a word are compared only where so few do
_YEAR = re.compile(r"\s*[\[(]((?:1[5-9]|20)\d\d)[\])]\s*$")
_NUMBER = re.compile(r"\d+")
_PREFIX = re.compile(r"^[\w-]{1,20}:(?=\S)")


@dataclass(frozen=True)
class Link:
    """A name and an item it may mean; score in (0, 1]."""

    node_id: str
    label: str
    item_id: str
    score: float
    verdict: str


@dataclass(frozen=True)
class _Name:
    key: str
    year: str

    @classmethod
    def of(cls, text: str) -> _Name:
        year = _YEAR.search(text)
        return cls(title_key(_YEAR.sub("", text)), year[1] if year else "")


def find_links(names: Iterable[tuple[str, str]], titles: Iterable[tuple[str, str]]) -> list[Link]:
    """Find the items that names may mean.

    Parameters
    ----------
    names
        Node id and label of the graph.
    titles
        Item id and title.

    Returns
    -------
    list of Link
        Sorted by name, best first; at most one accepted for a name.

    Examples
    --------
    >>> links = find_links([("n", "Amelie")], [("1", "Amélie (2001)"), ("2", "Heat (1995)")])
    >>> [(link.item_id, link.score, link.verdict) for link in links]
    [('1', 0.98, 'accepted')]
    """
    items = [(item, _Name.of(title)) for item, title in sorted(set(titles))]
    exact: dict[str, list[int]] = defaultdict(list)
    by_word: dict[str, list[int]] = defaultdict(list)
    for n, (_, name) in enumerate(items):
        if name.key:
            exact[name.key].append(n)
            for word in _blocks(name.key):
                by_word[word].append(n)
    found: list[Link] = []
    for node, label in sorted(set(names)):
        name = _Name.of(_PREFIX.sub("", label) if label == node else label)
        if len(name.key) < 2:
            continue
        near = exact.get(name.key) or sorted(
            {n for word in _blocks(name.key) if len(by_word[word]) <= _BLOCK for n in by_word[word]}
        )
        scored = sorted((-_score(name, items[n][1]), items[n][0]) for n in near)
        scored = [(-value, item) for value, item in scored if -value >= REVIEW][:MOST_CANDIDATES]
        for place, (value, item) in enumerate(scored):
            alone = len(scored) == 1 or value - scored[1][0] >= AHEAD
            accepted = place == 0 and alone and value >= ACCEPT
            found.append(Link(node, label, item, value, "accepted" if accepted else "review"))
        if scored and found[-len(scored)].verdict == "accepted":  # the others are out of question
            del found[len(found) - len(scored) + 1 :]
    return found


def _blocks(key: str) -> set[str]:
    """What two names must share to be compared: a word, or how a longer word begins or ends."""
    words = key.split()
    return {*words, *(f"{w[:4]}…" for w in words if len(w) > 5), *(f"…{w[-4:]}" for w in words if len(w) > 5)}


def _score(name: _Name, title: _Name) -> float:
    """How surely two names are the same, in [0, 1]."""
    same = name.key == title.key
    value = (
        1.0
        if same
        else max(fuzz.ratio(name.key, title.key), fuzz.token_sort_ratio(name.key, title.key)) / 100
    )
    if name.year and title.year and name.year != title.year:
        value *= 0.95 if abs(int(name.year) - int(title.year)) == 1 else 0.8
    elif name.year != title.year:
        value *= 0.98
    # "Toy Story 2" is nearly "Toy Story 3", and another film.
    if _NUMBER.findall(name.key) != _NUMBER.findall(title.key):
        value *= 0.85
    return round(min(value, 1.0 if same else 0.99), 4)


def needs_linking(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the graph speaks of names: fewer than :data:`ENOUGH` of its roots are items.

    Roots are heads that are no tails (all heads where there are none): in a hierarchy the categories are
    heads as well, and an item that is called like its category is still an item.
    """
    row = connection.execute(
        """WITH heads AS (SELECT DISTINCT head_id FROM kg WHERE source <> 'linked'),
        roots AS (SELECT * FROM heads WHERE head_id NOT IN (SELECT tail_id FROM kg WHERE source <> 'linked')),
        asked AS (FROM roots UNION ALL FROM heads WHERE NOT EXISTS (FROM roots))
        SELECT count(*), count(item_id) FROM asked LEFT JOIN items ON item_id = head_id"""
    ).fetchone()
    return bool(row and row[0] and row[1] < ENOUGH * row[0])


def link_names(
    connection: duckdb.DuckDBPyConnection, receipt: ReceiptWriter | None = None, *, always: bool = False
) -> int:
    """Fill ``kg_links`` and the linked triples of a graph that speaks of names; count them in the receipt.

    Parameters
    ----------
    always
        Also in a graph of which most roots are items.

    Returns
    -------
    int
        Accepted links; 0 where the graph needs none.
    """
    if not always and not needs_linking(connection):
        return 0
    names = connection.execute(
        "SELECT id, min(label) FROM ("
        " SELECT head_id AS id, head_id AS label FROM kg WHERE source <> 'linked'"
        " UNION ALL SELECT tail_id, tail_label FROM kg WHERE source <> 'linked'"
        ") WHERE id NOT IN (SELECT item_id FROM items) GROUP BY id ORDER BY id"
    ).fetchall()
    titles = connection.execute("SELECT item_id, title FROM items WHERE title IS NOT NULL").fetchall()
    links = find_links(names, titles)
    connection.execute("DELETE FROM kg_links")
    if links:
        text = dict.fromkeys(("node_id", "label", "item_id"), "VARCHAR")
        rows = (tuple(vars(link).values()) for link in links)
        keep(connection, "found_links", rows, **text, score="DOUBLE", verdict="VARCHAR")
        connection.execute(
            "INSERT INTO kg_links SELECT *, 'rule' FROM found_links ORDER BY node_id, score DESC, item_id"
        )
        connection.execute("DROP TABLE found_links")
    write_linked(connection)
    if receipt is not None:
        _tell(connection, receipt)
    return sum(link.verdict == "accepted" for link in links)


def write_linked(connection: duckdb.DuckDBPyConnection) -> int:
    """Make the triples of accepted links anew; return how many there are.

    Where a name was linked to two items by a person, each gets the triples. Confidence is the triple's
    times the scores of the links.
    """
    connection.execute("DELETE FROM kg WHERE source = 'linked'")
    row = connection.execute(
        """INSERT INTO kg
        WITH accepted AS (SELECT node_id, item_id, max(score) AS score FROM kg_links
                          WHERE verdict = 'accepted' GROUP BY ALL)
        SELECT coalesce(h.item_id, head_id) AS head, relation, coalesce(t.item_id, tail_id) AS tail,
               min(coalesce(i.title, tail_label)), 'linked',
               max(confidence * coalesce(h.score, 1) * coalesce(t.score, 1))
        FROM kg LEFT JOIN accepted h ON h.node_id = head_id LEFT JOIN accepted t ON t.node_id = tail_id
        LEFT JOIN items i ON i.item_id = t.item_id
        WHERE (h.item_id IS NOT NULL OR t.item_id IS NOT NULL)
          AND coalesce(h.item_id, head_id) <> coalesce(t.item_id, tail_id)
        GROUP BY head, relation, tail ORDER BY head, relation, tail"""
    ).fetchone()
    return int(row[0]) if row else 0


def _tell(connection: duckdb.DuckDBPyConnection, receipt: ReceiptWriter) -> None:
    """Count linked names and those to review under the graph's file."""
    file = next((one.file for one in receipt.files if one.target == "kg"), "kg")
    rows = connection.execute(
        """SELECT verdict, count(DISTINCT node_id) FROM kg_links
           WHERE verdict = 'accepted'
              OR node_id NOT IN (SELECT node_id FROM kg_links WHERE verdict = 'accepted')
           GROUP BY verdict"""
    ).fetchall()
    told = {
        "accepted": ("linked_name", "a name in the graph was linked to the item with that title"),
        "review": (
            "name_to_review",
            "a name may mean an item: decide with `kg link` or on the page Knowledge graph",
        ),
    }
    for verdict, count in sorted((str(v), int(n)) for v, n in rows):
        rule, explanation = told[verdict]
        receipt.reasons.append(Reason(file, rule, "ignored", count, explanation))
        examples = connection.execute(
            "SELECT label, item_id, score FROM kg_links WHERE verdict = ?"
            " ORDER BY node_id, score DESC LIMIT 5",
            [verdict],
        ).fetchall()
        for label, item, score in examples:
            receipt.examples.append(ExampleRow(file, rule, None, shorten(f"{label} → {item} ({score:.2f})")))
