"""What the graph holds, as the current build uses it: counts, search, neighbourhoods.

All but :func:`graph` read ``kg_shown``: ``v_kg`` and the links that the build made, with ``offered`` for what
the build does not use.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from mgrec_core.data.cells import literal
from mgrec_core.data.knowledge.cooccurrence import RELATION, RULE
from mgrec_core.foundation.errors import MgrecError, NotFoundError
from mgrec_core.foundation.files import sql_path
from mgrec_core.model.store import ITEMS, LINKS

if TYPE_CHECKING:
    from mgrec_core.workspace.folder import Workspace

#: Every node with a readable name; an item's is its title.
_NODES = """
SELECT id, coalesce(max(i.label), max(n.label) FILTER (n.label <> n.id), id) AS label,
       count(i.item_id) > 0 AS is_item, count(*) AS degree
FROM (
    SELECT head_id AS id, head_id AS label FROM kg_shown WHERE {kept}
    UNION ALL SELECT tail_id, tail_label FROM kg_shown WHERE {kept}
) n LEFT JOIN kg_items i ON i.item_id = n.id
"""


@dataclass(frozen=True)
class Neighbourhood:
    """A node and the triples around it.

    Attributes
    ----------
    triples
        Columns head_id, head, relation, tail_id, tail, source, rule, confidence; the node's own first,
        by confidence, then those between its neighbours.
    total
        The node's own triples, shown or not.
    """

    id: str
    label: str
    is_item: bool
    triples: pd.DataFrame
    total: int


@contextlib.contextmanager
def graph(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a workspace's graph: views ``kg_shown`` and ``kg_items`` over tables and current build.

    Without a build (or with one that cannot be read) it is what a build without options would use.
    """
    rules, links, items = None, None, None
    with contextlib.suppress(MgrecError):
        if workspace.current_build is not None:
            rules = workspace.manifest().config.get("knowledge", {}).get("rules")
            links = workspace.vectors / workspace.current_build / LINKS
            items = workspace.vectors / workspace.current_build / ITEMS
    with workspace.reading() as connection:
        given = ""
        if rules is not None:
            names = ", ".join(literal(str(rule)) for rule in rules)
            given = f" REPLACE (rule NOT IN ({names or 'NULL'}) AS offered)"
            if not rules:
                given = " REPLACE (true AS offered)"
        made = ""
        if links is not None and links.is_file():
            made = f""" UNION ALL BY NAME
                SELECT head_id, '{RELATION}' AS relation, tail_id, coalesce(title, tail_id) AS tail_label,
                       rule AS source, confidence, false AS offered, rule,
                       true AS head_is_item, true AS tail_is_item
                FROM read_parquet({sql_path(links)}) LEFT JOIN v_items ON item_id = tail_id
                WHERE rule = '{RULE}'"""  # files of earlier versions hold links of another rule, too
        named = "SELECT item_id, label FROM v_items"
        if items is not None and items.is_file():
            named = f"""SELECT item_id, coalesce(b.label, i.label) AS label
                FROM v_items i LEFT JOIN read_parquet({sql_path(items)}) b ON b.id = item_id"""
        connection.execute(f"CREATE TEMP VIEW kg_items AS {named}")
        connection.execute(f"CREATE TEMP VIEW kg_shown AS SELECT *{given} FROM v_kg{made}")
        yield connection


def counts(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Triples, heads, tails and mean confidence by rule, source and relation; whether only offered."""
    return connection.execute(
        """SELECT rule, source, relation, count(*) AS triples, count(DISTINCT head_id) AS heads,
                  count(DISTINCT tail_id) AS tails, avg(confidence) AS confidence, offered
           FROM kg_shown GROUP BY ALL ORDER BY offered, triples DESC, rule, source, relation"""
    ).df()


def search(
    connection: duckdb.DuckDBPyConnection, text: str, limit: int = 50, *, offered: bool = False
) -> pd.DataFrame:
    """Nodes whose id or label has the text: id, label, is_item, degree; equal and busy ones first."""
    kept = "true" if offered else "NOT offered"
    return connection.execute(
        f"""SELECT * FROM ({_NODES.format(kept=kept)} GROUP BY id)
            WHERE contains(lower(strip_accents(label)), lower(strip_accents($text)))
               OR contains(lower(id), lower($text))
            ORDER BY lower(label) = lower($text) OR id = $text DESC, degree DESC, id LIMIT $limit""",
        {"text": text, "limit": limit},
    ).df()


def neighbourhood(
    connection: duckdb.DuckDBPyConnection,
    node: str,
    *,
    limit: int = 60,
    relations: list[str] | None = None,
    offered: bool = False,
) -> Neighbourhood:
    """Read the triples of a node, the surest first, and those among its neighbours.

    Parameters
    ----------
    limit
        Most of the node's own triples.
    relations
        Only these; ``None``: all.
    offered
        Also triples of rules that are off.

    Raises
    ------
    NotFoundError
        The graph does not have the node.
    """
    kept = "true" if offered else "NOT offered"
    found = connection.execute(
        f"SELECT label, is_item FROM ({_NODES.format(kept=kept)} WHERE id = ? GROUP BY id)", [node]
    ).fetchone()
    if found is None:
        raise NotFoundError(f"the knowledge graph has no entity {node!r}: search for a part of its name")
    values: dict[str, Any] = {"node": node, "limit": limit, "relations": relations or []}
    wanted = f"{kept} AND (len($relations) = 0 OR list_contains($relations, relation))"
    (total,) = connection.execute(
        f"SELECT count(*) FROM kg_shown WHERE {wanted} AND (head_id = $node OR tail_id = $node)",
        {k: v for k, v in values.items() if k != "limit"},
    ).fetchone() or (0,)
    triples = connection.execute(
        f"""WITH edges AS (SELECT * FROM kg_shown WHERE {wanted}),
        own AS (
            SELECT *, 0 AS ring FROM edges WHERE head_id = $node OR tail_id = $node
            ORDER BY confidence DESC, relation, head_id, tail_id LIMIT $limit
        ), near AS (
            SELECT head_id AS id FROM own UNION SELECT tail_id FROM own
        ), among AS (
            SELECT e.*, 1 AS ring FROM edges e
            SEMI JOIN near h ON h.id = e.head_id SEMI JOIN near t ON t.id = e.tail_id
            WHERE e.head_id <> $node AND e.tail_id <> $node
            ORDER BY confidence DESC, relation, head_id, tail_id LIMIT $limit
        )
        SELECT head_id, coalesce(h.label, e.head_id) AS head, relation, tail_id,
               coalesce(t.label, e.tail_label) AS tail, source, rule, confidence
        FROM (FROM own UNION ALL FROM among) e
        LEFT JOIN kg_items h ON h.item_id = head_id LEFT JOIN kg_items t ON t.item_id = tail_id
        ORDER BY ring, confidence DESC, relation, head_id, tail_id""",
        values,
    ).df()
    return Neighbourhood(node, str(found[0]), bool(found[1]), triples, int(total))


def examples(connection: duckdb.DuckDBPyConnection, rule: str, limit: int = 8) -> pd.DataFrame:
    """A few triples of a rule, spread over the graph by a fixed hash."""
    return connection.execute(
        """SELECT coalesce(h.label, head_id) AS head, relation, coalesce(t.label, tail_label) AS tail,
                  confidence, source
           FROM (SELECT * FROM kg_shown WHERE rule = ?
                 ORDER BY md5(head_id || relation || tail_id), head_id, tail_id LIMIT ?)
           LEFT JOIN kg_items h ON h.item_id = head_id LEFT JOIN kg_items t ON t.item_id = tail_id
           ORDER BY head, relation, tail""",
        [rule, limit],
    ).df()


def relations(connection: duckdb.DuckDBPyConnection, node: str, *, offered: bool = False) -> list[str]:
    """Relations of a node's triples, the commonest first."""
    kept = "true" if offered else "NOT offered"
    rows = connection.execute(
        f"SELECT relation FROM kg_shown WHERE {kept} AND (head_id = ? OR tail_id = ?)"
        " GROUP BY 1 ORDER BY count(*) DESC, relation",
        [node, node],
    ).fetchall()
    return [str(row[0]) for row in rows]


def busiest(connection: duckdb.DuckDBPyConnection) -> str:
    """A node to begin with: the item with the most kinds of triples; empty without a graph."""
    row = (
        connection.execute(
            """SELECT head_id FROM kg_shown WHERE NOT offered AND head_is_item GROUP BY head_id
           ORDER BY count(DISTINCT relation) DESC, count(*) DESC, head_id LIMIT 1"""
        ).fetchone()
        or connection.execute(
            "SELECT head_id FROM kg_shown WHERE NOT offered ORDER BY head_id LIMIT 1"
        ).fetchone()
    )
    return str(row[0]) if row else ""
