"""One workspace's data as arrays, read from the views and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypedDict

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.item_texts import item_texts
from mgrec_core.data.knowledge.config import GraphConfig
from mgrec_core.data.knowledge.cooccurrence import RULE, cooccurrence
from mgrec_core.data.labels import item_labels
from mgrec_core.language.template import TEMPLATE


@dataclass(frozen=True)
class Dataset:
    """Users, items and every kind of evidence, in sorted order of their ids unless told otherwise.

    Row order of the source files never matters: ids are sorted, sums are grouped.

    Attributes
    ----------
    users, items
        Sorted ids, |U| and |I| of them.
    labels
        A readable name for each item, no two equal (:func:`mgrec_core.data.labels.item_labels`).
    titles
        Each item's title, else its id, as the source has it.
    texts
        What the language model reads of each item; ``None`` where there are no words.
    strength : |U| × |I|
        How strongly a user's events speak for an item, in (0, 1].
    against : |U| × |I| or None
        How strongly they speak against one, in (0, 1]; no pair is in both. ``None`` is an empty one.
    seen : |U| × |I|
        1 for every pair with an event other than a mere impression, disliked and returned ones too.
    age : |U| × |I| or None
        Age of the pair in the user's history plus one (1 = newest); items of one moment share the mean
        of their places. ``None`` without timestamps.
    value_names, item_values : |V|, |I| × |V|
        ``attribute: value`` names, and which item has which: 1, or how many users gave a tag.
    entity_names, entity_ids, item_entities : |E|, |I| × |E|
        Labels, ids, and the one-hop paths from an item to an entity: the sum of their confidences.
    entity_entities : |E| × |E|
        The same between entities, for second hops.
    item_links : |I| × |I|
        The same between items.
    origins
        Entity or item id → the rules that speak of it in the graph, and the mean confidence of
        their triples, in (0, 1].
    made_links : |I| × |I| or None
        What the rule `cooccurrence` added to ``item_links``.
    friends : |U| × |U|
        Tie strength in (0, 1], symmetric; no entries without friendships.
    """

    users: list[str]
    items: list[str]
    labels: list[str]
    titles: list[str]
    texts: list[str | None]
    strength: sparse.csr_array
    seen: sparse.csr_array
    age: sparse.csr_array | None
    value_names: list[str]
    item_values: sparse.csr_array
    entity_names: list[str]
    entity_ids: list[str]
    item_entities: sparse.csr_array
    entity_entities: sparse.csr_array
    item_links: sparse.csr_array
    friends: sparse.csr_array
    origins: dict[str, tuple[str, float]] = field(default_factory=dict)
    made_links: sparse.csr_array | None = None
    against: sparse.csr_array | None = None

    @cached_property
    def signal(self) -> sparse.csr_array:
        """What a user's events say of an item, |U| × |I| in [−1, 1]: ``strength`` minus ``against``."""
        if self.against is None or self.against.nnz == 0:
            return self.strength
        found = sparse.csr_array(self.strength - self.against)
        found.sort_indices()
        return found

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """Users per item, shape (|I|,)."""
        return np.bincount(self.strength.indices, minlength=len(self.items)).astype(np.float64)

    @cached_property
    def user_index(self) -> dict[str, int]:
        """Row of each user id."""
        return {u: n for n, u in enumerate(self.users)}

    @cached_property
    def item_index(self) -> dict[str, int]:
        """Row of each item id."""
        return {i: n for n, i in enumerate(self.items)}

    @classmethod
    def load(
        cls,
        connection: duckdb.DuckDBPyConnection,
        knowledge: GraphConfig | None = None,
        order: tuple[list[str], list[str]] | None = None,
        template: str = TEMPLATE,
    ) -> Dataset:
        """Read all views of an open workspace database.

        Parameters
        ----------
        knowledge
            Which rules' triples make the graph. Co-occurrence is computed here, from the events that
            the connection has: on a hold-out's copy it knows none of the test events.
        order
            All ids of users and of items in another order than their own.
        template
            What a text is made of (:func:`mgrec_core.data.item_texts.item_texts`).
        """
        knowledge = knowledge or GraphConfig()
        users = order[0] if order else _ids(connection, "SELECT user_id FROM v_users ORDER BY user_id")
        title_of = dict(connection.execute("SELECT item_id, label FROM v_items ORDER BY item_id").fetchall())
        label_of = item_labels(connection)
        items = order[1] if order else list(label_of)
        text_of = item_texts(connection, template)
        u, i = pd.Index(users), pd.Index(items)

        seen = connection.execute("SELECT user_id, item_id, signal FROM v_history").df()
        pairs, against = seen[seen["signal"] > 0], seen[seen["signal"] < 0]
        recency = connection.execute("SELECT user_id, item_id, age + 1 AS age FROM v_recency").df()
        values = connection.execute(
            "SELECT item_id, attribute || ': ' || value AS name, n FROM v_item_values"
        ).df()
        value_names = sorted(values["name"].unique().tolist())
        social = connection.execute("SELECT user_id, friend_id, strength FROM v_social").df()
        data = cls(
            users=users,
            items=items,
            labels=[label_of[item] for item in items],
            titles=[title_of[item] for item in items],
            texts=[text_of[item] for item in items],
            strength=sparse_matrix(u, i, pairs["user_id"], pairs["item_id"], pairs["signal"]),
            against=sparse_matrix(u, i, against["user_id"], against["item_id"], -against["signal"]),
            seen=sparse_matrix(u, i, seen["user_id"], seen["item_id"]),
            age=sparse_matrix(u, i, recency["user_id"], recency["item_id"], recency["age"])
            if len(recency)
            else None,
            value_names=value_names,
            item_values=sparse_matrix(
                i, pd.Index(value_names), values["item_id"], values["name"], values["n"]
            ),
            friends=sparse_matrix(u, u, social["user_id"], social["friend_id"], social["strength"]),
            **_graph(connection, i, knowledge.rules),
        )
        if RULE not in (knowledge.rules or ()):
            return data
        return data.linked(cooccurrence(data.strength, **knowledge.cooccurrence.model_dump()))

    def linked(self, links: sparse.csr_array) -> Dataset:
        """The same data with further links between items.

        Parameters
        ----------
        links : |I| × |I|
            Symmetric confidences in (0, 1], by the rule `cooccurrence`.
        """
        origins = dict(self.origins)
        degree = np.diff(links.indptr)
        mean = np.asarray(links.sum(axis=1)).ravel() / np.maximum(degree, 1)
        for n in np.flatnonzero(degree):
            rules, confidence = origins.get(self.items[n], ("", mean[n]))
            said = f"{rules}, {RULE}" if rules else RULE
            origins[self.items[n]] = (said, float(confidence + mean[n]) / 2)
        both = sparse.csr_array(self.item_links + links)
        both.sort_indices()
        return replace(self, item_links=both, origins=origins, made_links=links)


class _Graph(TypedDict):
    """The parts of a data set that the knowledge graph gives."""

    entity_names: list[str]
    entity_ids: list[str]
    item_entities: sparse.csr_array
    entity_entities: sparse.csr_array
    item_links: sparse.csr_array
    origins: dict[str, tuple[str, float]]


def _graph(connection: duckdb.DuckDBPyConnection, items: pd.Index, rules: tuple[str, ...] | None) -> _Graph:
    """Read the knowledge graph as item → entity, entity → entity and item → item sums of confidence.

    An edge that several sources state counts once a relation, with its best confidence; direction does
    not matter for closeness, so item links and entity edges are symmetric.
    """
    kept = "NOT offered" if rules is None else "list_contains($rules, rule)"
    values = {} if rules is None else {"rules": list(rules)}
    triples = f"SELECT * FROM v_kg WHERE {kept}"
    edges = connection.execute(
        f"""SELECT head_id, tail_id, head_is_item, tail_is_item, sum(confidence ORDER BY confidence) AS n
           FROM (
               SELECT head_id, tail_id, relation, head_is_item, tail_is_item, max(confidence) AS confidence
               FROM ({triples}) WHERE head_id <> tail_id GROUP BY ALL
           ) GROUP BY ALL""",
        values,
    ).df()
    labels = connection.execute(
        f"""SELECT id, coalesce(min(label) FILTER (label <> id), id) AS label FROM (
               SELECT tail_id AS id, tail_label AS label FROM ({triples}) WHERE NOT tail_is_item
               UNION ALL SELECT head_id, head_id FROM ({triples}) WHERE NOT head_is_item
           ) GROUP BY id ORDER BY id""",
        values,
    ).df()
    origins = connection.execute(
        f"""SELECT id, string_agg(DISTINCT source, ', ' ORDER BY source), avg(confidence ORDER BY confidence)
            FROM (SELECT head_id AS id, source, confidence FROM ({triples})
                  WHERE NOT head_is_item OR tail_is_item
                  UNION ALL SELECT tail_id, source, confidence FROM ({triples})
                  WHERE NOT tail_is_item OR head_is_item)
            GROUP BY id ORDER BY id""",
        values,
    ).fetchall()
    entities = pd.Index(labels["id"].astype(str))
    both = edges[edges.head_is_item & edges.tail_is_item]
    forward = edges[edges.head_is_item & ~edges.tail_is_item]
    backward = edges[~edges.head_is_item & edges.tail_is_item]
    inner = edges[~edges.head_is_item & ~edges.tail_is_item]
    item_links = sparse_matrix(items, items, both.head_id, both.tail_id, both.n)
    entity_entities = sparse_matrix(entities, entities, inner.head_id, inner.tail_id, inner.n)
    return {
        "entity_ids": entities.tolist(),
        "entity_names": labels["label"].astype(str).tolist(),
        "item_entities": sparse_matrix(items, entities, forward.head_id, forward.tail_id, forward.n)
        + sparse_matrix(items, entities, backward.tail_id, backward.head_id, backward.n),
        "entity_entities": (entity_entities + entity_entities.T).tocsr(),
        "item_links": (item_links + item_links.T).tocsr(),
        "origins": {str(node): (str(source), float(mean)) for node, source, mean in origins},
    }


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(query).fetchall()]


def sparse_matrix(
    rows: pd.Index,
    columns: pd.Index,
    row_ids: pd.Series,
    column_ids: pd.Series,
    data: pd.Series | None = None,
) -> sparse.csr_array:
    """Sparse matrix from id pairs; ids outside the index are left out, columns sorted within a row."""
    r, c = (
        rows.get_indexer(pd.Index(row_ids.astype(str))),
        columns.get_indexer(pd.Index(column_ids.astype(str))),
    )
    values = np.ones(len(r)) if data is None else data.to_numpy(dtype=np.float64)
    known = (r >= 0) & (c >= 0)
    order = np.lexsort((values[known], c[known], r[known]))
    matrix = sparse.csr_array(
        (values[known][order], (r[known][order], c[known][order])), shape=(len(rows), len(columns))
    )
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix
