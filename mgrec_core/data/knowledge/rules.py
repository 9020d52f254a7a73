"""The rules that derive triples: their names, what they do, and which are on unless told otherwise.

Rules of the tables (what items are) run at import, so that their triples can be read and counted;
``cooccurrence`` reads events and runs with each build, on what that build may know.

Two are off unless named. ``text`` gains where items have descriptions, and nothing where they have titles
alone. ``cooccurrence`` gains a little on one set of four: elsewhere `collaborative` has said it already.
nDCG@10 of the fused list with the rule minus without it, each at weights learned on validation pairs,
95 % interval over users (last: the last 20 % of each user's items are held out; random: any 20 %; four:
the mean over last and three random ones):

=========================  =====  ================  ======================
text on: set, split        users  beside            difference
=========================  =====  ================  ======================
marketplace, four            300  graph             +.0110 [.0015, .0208]
marketplace, four            300  attribute         +.0117 [.0034, .0208]
marketplace, four            300  graph, attribute  +.0144 [.0065, .0228]
MovieLens small, last        610  graph             +.0004 [−.0004, .0013]
Online Retail, last        1,000  franchise         +.0013 [−.0015, .0043]
Complete Journey, last       990  graph             +.0002 [−.0003, .0006]
Last.fm HetRec, random     1,000  graph             −.0001 [−.0002, .0000]
=========================  =====  ================  ======================

=========================  =====  ================  ======================
cooccurrence on            users  beside            difference
=========================  =====  ================  ======================
marketplace, four            300  graph             +.0050 [.0014, .0089]
marketplace, four            300  attribute         +.0046 [.0021, .0071]
=========================  =====  ================  ======================

On MovieLens small, Online Retail and Last.fm HetRec its differences were within their intervals of 0.
The marketplace is synthetic, and the only one of these with descriptions: measure it on your own data
(`evaluate` and `tune` use the rules that the build was made with).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mgrec_core.data.knowledge import cooccurrence

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class GraphRule:
    """One way to triples.

    Attributes
    ----------
    what
        One sentence for people; ``confidence`` says what the number means.
    default
        Whether a build without a given graph uses it unless told otherwise.
    of_tables
        Whether the import derives its triples from the tables.
    """

    name: str
    what: str
    confidence: str
    default: bool
    of_tables: bool = True


ALL = (
    GraphRule("given", "triples of the source's own file", "as the file says, else 1", True, False),
    GraphRule(
        "linked",
        "triples about names that were linked to items",
        "the link's score × the triple's own",
        True,
        False,
    ),
    GraphRule("attribute", "an item has a value that other items share", "1", True),
    GraphRule(
        "decade", "an item is from a decade, by a year among its attributes or in its title", "1", True
    ),
    GraphRule(
        "franchise", "an item's title continues another's", "1: the rule keeps a series or drops it", True
    ),
    GraphRule(
        "text",
        "a title or description names something that others name too",
        "how surprising the words' company is, from 0 to 1 (NPMI)",
        False,
    ),
    GraphRule(
        cooccurrence.RULE,
        "two items are in the same histories more often than chance; made by each build",
        "cosine of the items' users, shrunk for few of them",
        False,
        False,
    ),
)

BY_NAME = {rule.name: rule for rule in ALL}
TABLE_RULES = tuple(rule.name for rule in ALL if rule.of_tables)
DEFAULT = tuple(name for name in TABLE_RULES if BY_NAME[name].default)
DERIVED = ("linked", *TABLE_RULES, "hierarchy")
"""Values of ``kg.source`` that no file may use: the rules', and a former one's that databases may hold."""


def given_triples(table: str) -> str:
    """SQL condition for the triples of ``table`` that no rule derived."""
    return f"{table}.source NOT IN ({', '.join(repr(rule) for rule in DERIVED)})"


def derive(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Run every rule of the tables and store its triples; those derived before are replaced.

    Where the source gave a graph, all go to ``kg_offered``; else the rules that are on by default
    fill ``kg``. The same tables give the same rows in the same order.

    Parameters
    ----------
    connection
        Open for writing, with ``items``, ``item_attributes`` and ``kg`` filled.

    Returns
    -------
    dict
        Triples by rule.
    """
    from mgrec_core.data.knowledge import attributes, text_entities

    connection.execute("DELETE FROM kg_offered")
    connection.execute("DELETE FROM kg WHERE source IN ?", [list(TABLE_RULES)])
    connection.execute("CREATE OR REPLACE TEMP TABLE derived_all AS FROM kg_offered")
    try:
        for rule in (attributes, text_entities):
            rule.derive(connection, "derived_all")
        given = connection.execute("SELECT count(*) FROM kg").fetchone() or (0,)
        used = [] if given[0] else list(DEFAULT)
        for table, wanted in (("kg", "source IN ?"), ("kg_offered", "source NOT IN ?")):
            connection.execute(
                f"INSERT INTO {table} FROM derived_all WHERE {wanted}"
                " ORDER BY head_id, relation, tail_id, source",
                [used or [""]],
            )
        counts = connection.execute("SELECT source, count(*) FROM derived_all GROUP BY 1").fetchall()
    finally:
        connection.execute("DROP TABLE IF EXISTS derived_all")
    return {str(name): int(number) for name, number in counts}
