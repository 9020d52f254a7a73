"""The rules that derive triples: their names, what they do, and which are on unless told otherwise.

Rules of the tables (what items are) run at import, so that their triples can be read and counted. Rules
of events and of vectors run at build: the first would carry test events into a training part if they
were stored, the second need the language model.

What is on by default may not lower the ranking. Measured on the MovieLens sample, on pairs held out of
the training part, against attribute + decade + franchise (nDCG@10 of the default preset / of knowledge
alone, difference ± standard error, 671 users, one split):

============  ==================  ==================
rule added    fused               knowledge alone
============  ==================  ==================
text          −.0004 ± .0004      +.0017 ± .0009
neighbours    −.0001 ± .0011      +.0039 ± .0027
cooccurrence  −.0015 ± .0013      +.0946 ± .0063
============  ==================  ==================

None gains in the fused list, so all stay off; co-occurrence lifts `knowledge` by making it a second
`collaborative`. The sample has no hierarchy: that rule is unmeasured, hence off too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Rule:
    """One way to triples.

    Attributes
    ----------
    what
        One sentence for people; ``confidence`` says what the number means.
    when
        ``import`` or ``build``.
    default
        Whether a build without a given graph uses it unless told otherwise.
    """

    name: str
    what: str
    confidence: str
    when: str
    default: bool


ALL = (
    Rule("given", "triples of the source's own file", "as the file says, else 1", "import", True),
    Rule("linked", "triples about names that were linked to items", "the link's score × the triple's own",
         "import", True),
    Rule("attribute", "an item has a value that other items share", "1", "import", True),
    Rule("decade", "an item is from a decade, by a year among its attributes or in its title", "1",
         "import", True),
    Rule("franchise", "an item's title continues another's", "1: the rule keeps a series or drops it",
         "import", True),
    Rule("hierarchy", "a value belongs to a wider one: always together, or written as a path A > B > C",
         "share of the value's items that are in the wider one", "import", False),
    Rule("text", "a title or description names something that others name too",
         "how surprising the words' company is, from 0 to 1 (NPMI)", "import", False),
    Rule("cooccurrence", "two items are in the same histories more often than chance",
         "cosine of the items' users, shrunk for few of them", "build", False),
    Rule("neighbours", "two items' texts are each among the other's nearest",
         "cosine of the whitened vectors", "build", False),
)  # fmt: skip

BY_NAME = {rule.name: rule for rule in ALL}
DERIVED = tuple(rule.name for rule in ALL if rule.when == "import" and rule.name != "given")
"""Values of ``kg.source`` that only these rules may write."""

NAMES = tuple(BY_NAME)
TABLE_RULES = tuple(name for name in DERIVED if name != "linked")
DEFAULT = tuple(name for name in TABLE_RULES if BY_NAME[name].default)


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
    from mgrec_core.data.knowledge import attributes, hierarchy, text_entities

    connection.execute("DELETE FROM kg_offered")
    connection.execute("DELETE FROM kg WHERE source IN ?", [list(TABLE_RULES)])
    connection.execute("CREATE OR REPLACE TEMP TABLE derived_all AS FROM kg_offered")
    try:
        for rule in (attributes, hierarchy, text_entities):
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
