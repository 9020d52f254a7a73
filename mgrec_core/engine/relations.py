"""By which relations of the knowledge graph items and entities are joined, within two hops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from mgrec_core.data.knowledge.cooccurrence import RELATION
from mgrec_core.foundation.explanation import Evidence
from mgrec_core.foundation.files import sql_path

_MOST = 3
"""Ways between two nodes that are told."""

Edges = dict[str, dict[str, list[str]]]
"""Node → neighbour → relations, both ways."""


def with_relations(
    evidence: tuple[Evidence, ...], item_id: str, edges: Edges, names: dict[str, str]
) -> tuple[Evidence, ...]:
    """The evidence with the relations that lead to it from the user's items, and on to the explained one.

    Parameters
    ----------
    names
        Readable names of nodes between two others.
    """
    found = []
    for piece in evidence:
        if not piece.through:
            found.append(piece)
            continue
        ways = tuple(
            replace(way, relations=between(edges, way.id, piece.id, names)) if way.id else way
            for way in piece.through
        )
        found.append(replace(piece, through=ways, joins=between(edges, item_id, piece.id, names)))
    return tuple(found)


def between(edges: Edges, start: str, end: str, names: dict[str, str]) -> tuple[str, ...]:
    """Relations between two nodes: direct ones, else ``first → node → second``.

    Examples
    --------
    >>> edges = {"a": {"x": ["by"], "b": ["near"]}, "b": {"a": ["near"], "y": ["of"]}}
    >>> between(edges, "a", "x", {}), between(edges, "a", "y", {"b": "B"})
    (('by',), ('near → B → of',))
    """
    direct = edges.get(start, {}).get(end, [])
    if direct:
        return tuple(sorted(set(direct))[:_MOST])
    found = {
        f"{first} → {names.get(middle, middle)} → {second}"
        for middle, firsts in edges.get(start, {}).items()
        for second in edges.get(middle, {}).get(end, [])
        for first in firsts
    }
    return tuple(sorted(found)[:_MOST])


def edges_of(
    connection: duckdb.DuckDBPyConnection,
    items: Iterable[str],
    entities: Iterable[str],
    rules: Iterable[str] | None,
    links: Path | None,
) -> tuple[Edges, dict[str, str]]:
    """Read the triples around some items, and those that join their neighbours to some entities.

    Parameters
    ----------
    rules
        Which rules' triples the build uses; ``None``: all that are not only offered.
    links
        The file of links that the build made, where there is one.

    Returns
    -------
    edges, names
        The names are those of the nodes between.
    """
    values = {"items": sorted(set(items)), "entities": sorted(set(entities))}
    kept = "NOT offered"
    if rules is not None:
        kept, values["rules"] = "list_contains($rules, rule)", list(rules)
    made = ""
    if links is not None:
        made = (
            f" UNION ALL SELECT head_id, '{RELATION}', tail_id, tail_id FROM read_parquet({sql_path(links)})"
        )
    rows = connection.execute(
        f"""WITH used AS (
            SELECT head_id, relation, tail_id, tail_label FROM v_kg WHERE {kept}{made}
        ), every AS (
            SELECT head_id AS a, relation, tail_id AS b, tail_label AS name FROM used WHERE head_id <> tail_id
            UNION ALL SELECT tail_id, relation, head_id, head_id FROM used WHERE head_id <> tail_id
        ), near AS MATERIALIZED (
            SELECT * FROM every WHERE list_contains($items, a)
        ), onward AS (
            SELECT b.* FROM every b WHERE list_contains($entities, b.b) AND b.a IN (SELECT b FROM near)
        )
        SELECT DISTINCT a, relation, b, coalesce(i.label, name) FROM (FROM near UNION ALL FROM onward) e
        LEFT JOIN v_items i ON i.item_id = e.b ORDER BY ALL""",
        values,
    ).fetchall()
    edges: Edges = defaultdict(lambda: defaultdict(list))
    names: dict[str, str] = {}
    for a, relation, b, name in rows:
        edges[str(a)][str(b)].append(str(relation))
        if name and str(name) != str(b):
            names[str(b)] = str(name)
    return edges, names
