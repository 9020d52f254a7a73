"""An order of users, items and advertisements in which their ids have no part.

Whatever is equal must be put in some order: items of one moment when the last are held out, items of one
score, the terms of a sum. Were it the order of ids, giving the items other ids would change an evaluation
(:math:`nDCG` .083 or .102 on one set with dates for times). The order of the source's rows is no better:
files are often sorted by id. So users and items are told apart by what the data say of them: their events
with times and values, titles, attributes, tags, friends and triples, and what these belong to
(:mod:`mgrec_core.foundation.refinement`), mixed with a seed. The order is random with respect to all of that,
the same on every machine, and follows the data when ids are renamed one to one. Only what nothing in the
data tells apart is ordered by id: to exchange two such users or items changes nothing that is measured.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from mgrec_core.foundation.refinement import mixed, refined, told_apart

_DIGEST = "md5_number_lower(concat_ws(chr(31), {}))"
_USER, _ITEM, _AD = range(3)
#: What a node is by itself: its kind, view, column of the id, what is said.
_SAID = (
    (_USER, "v_user_attributes", "user_id", "attribute, value"),
    (_ITEM, "v_items WHERE title IS NOT NULL", "item_id", "'title', title"),
    (_ITEM, "v_items WHERE description IS NOT NULL", "item_id", "'description', description"),
    (_ITEM, "v_item_attributes", "item_id", "attribute, value"),
    (
        _ITEM,
        "v_kg WHERE head_is_item AND NOT tail_is_item",
        "head_id",
        "relation, tail_id, confidence, offered",
    ),
    (
        _ITEM,
        "v_kg WHERE tail_is_item AND NOT head_is_item",
        "tail_id",
        "head_id, relation, confidence, offered",
    ),
    (_AD, "v_ads WHERE label <> ad_id", "ad_id", "'label', label"),
    (_AD, "v_ads", "ad_id", "coalesce(epoch_us(starts), -1), coalesce(epoch_us(ends), -1)"),
    (_AD, "v_ad_values", "ad_id", "attribute, value"),
)
#: What belongs together: view, kinds and columns of the two ids, what is said.
_JOINED = (
    (
        "v_events",
        (_USER, "user_id"),
        (_ITEM, "item_id"),
        "event, coalesce(weight, -1), coalesce(rating, -1e99), epoch_us(timestamp)",
    ),
    ("v_tags", (_USER, "user_id"), (_ITEM, "item_id"), "'tag', tag"),
    ("v_feedback", (_USER, "user_id"), (_ITEM, "item_id"), "'feedback', kind"),
    ("v_social", (_USER, "user_id"), (_USER, "friend_id"), "strength"),
    (
        "v_kg WHERE head_is_item AND tail_is_item",
        (_ITEM, "head_id"),
        (_ITEM, "tail_id"),
        "relation, confidence, offered",
    ),
    ("v_ad_items", (_AD, "ad_id"), (_ITEM, "item_id"), "'ad'"),
    ("v_ad_events", (_USER, "user_id"), (_AD, "ad_id"), "kind, coalesce(epoch_us(timestamp), -1)"),
)


class Order(NamedTuple):
    """All ids of users, of items and of advertisements, in an order that does not come from the ids."""

    users: list[str]
    items: list[str]
    ads: list[str]


def nameless_order(connection: duckdb.DuckDBPyConnection, seed: int = 0) -> Order:
    """Order users, items and ads of an open workspace database without regard to their ids.

    Call it with all the data: what is held out may be all that tells two items apart.

    Parameters
    ----------
    seed
        Another seed gives another order.
    """
    ids = [
        [str(row[0]) for row in connection.execute(f"SELECT {one}_id FROM v_{one}s ORDER BY 1").fetchall()]
        for one in ("user", "item", "ad")
    ]
    ends = np.cumsum([0, *map(len, ids)])
    nodes = pd.DataFrame({"id": pd.array([one for kind in ids for one in kind], dtype="string")})
    nodes["node_kind"] = np.repeat(np.arange(3), [len(kind) for kind in ids])
    nodes["place"] = np.arange(len(nodes))
    connection.register("nameless_nodes", nodes)
    colours = np.array([1, 0, 2], dtype=np.uint64)[nodes["node_kind"].to_numpy()]
    for kind, view, who, said in _SAID:
        found = connection.execute(
            f"""SELECT n.place AS place, {_DIGEST.format(said)} AS said FROM (FROM {view}) v
                JOIN nameless_nodes n ON n.id = v.{who} AND n.node_kind = {kind}"""
        ).fetchnumpy()
        np.add.at(colours, found["place"], mixed(np.asarray(found["said"], dtype=np.uint64)))
    left, right, labels = [], [], []
    for view, (kind, one), (others, other), said in _JOINED:
        found = connection.execute(
            f"""SELECT a.place AS one, b.place AS other, {_DIGEST.format(said)} AS said FROM (FROM {view}) v
                JOIN nameless_nodes a ON a.id = v.{one} AND a.node_kind = {kind}
                JOIN nameless_nodes b ON b.id = v.{other} AND b.node_kind = {others}"""
        ).fetchnumpy()
        left.append(np.asarray(found["one"], dtype=np.int64))
        right.append(np.asarray(found["other"], dtype=np.int64))
        labels.append(np.asarray(found["said"], dtype=np.uint64))
    connection.unregister("nameless_nodes")
    edges = np.concatenate(left), np.concatenate(right), np.concatenate(labels)
    colours = refined(colours, *edges)
    # Alike users first: what they have may then be told apart by whose it is.
    colours[: len(ids[_USER])] = told_apart(colours[: len(ids[_USER])])
    colours = mixed(refined(colours, *edges) ^ mixed(np.array([seed % 2**64], dtype=np.uint64)))
    places = [np.argsort(colours[ends[k] : ends[k + 1]], kind="stable") for k in (_USER, _ITEM, _AD)]
    return Order(*([kind[n] for n in by] for kind, by in zip(ids, places, strict=True)))


@contextlib.contextmanager
def placed(connection: duckdb.DuckDBPyConnection, order: Order) -> Iterator[None]:
    """Offer the order to SQL: ``order_of_users``, ``order_of_items``, ``order_of_ads`` (id, place)."""
    tables = {f"order_of_{name}": ids for name, ids in order._asdict().items()}
    for name, ids in tables.items():
        connection.register(
            name, pd.DataFrame({"id": pd.array(ids, dtype="string"), "place": range(len(ids))})
        )
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)
