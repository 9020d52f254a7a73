"""An order of users and items in which their ids have no part.

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

from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from mgrec_core.foundation.refinement import mixed, refined, told_apart

_DIGEST = "md5_number_lower(concat_ws(chr(31), {}))"
#: What a user or an item is by itself: view, column of the id, what is said.
_SAID = (
    ("v_user_attributes", "user_id", "attribute, value"),
    ("v_items WHERE title IS NOT NULL", "item_id", "'title', title"),
    ("v_items WHERE description IS NOT NULL", "item_id", "'description', description"),
    ("v_item_attributes", "item_id", "attribute, value"),
    ("v_kg WHERE head_is_item AND NOT tail_is_item", "head_id", "relation, tail_id, confidence, offered"),
    ("v_kg WHERE tail_is_item AND NOT head_is_item", "tail_id", "head_id, relation, confidence, offered"),
)
#: What belongs together: view, columns of the two ids, what is said.
_JOINED = (
    (
        "v_events",
        "user_id",
        "item_id",
        "event, coalesce(weight, -1), coalesce(rating, -1e99), epoch_us(timestamp)",
    ),
    ("v_tags", "user_id", "item_id", "'tag', tag"),
    ("v_feedback", "user_id", "item_id", "'feedback', kind"),
    ("v_social", "user_id", "friend_id", "strength"),
    ("v_kg WHERE head_is_item AND tail_is_item", "head_id", "tail_id", "relation, confidence, offered"),
)


_USERS = ("user_id", "friend_id")


class Order(NamedTuple):
    """All ids of users and of items, in an order that does not come from the ids."""

    users: list[str]
    items: list[str]


def nameless_order(connection: duckdb.DuckDBPyConnection, seed: int = 0) -> Order:
    """Order the users and items of an open workspace database without regard to their ids.

    Call it with all the data: what is held out may be all that tells two items apart.

    Parameters
    ----------
    seed
        Another seed gives another order.
    """
    users = _ids(connection, "SELECT user_id FROM v_users ORDER BY user_id")
    items = _ids(connection, "SELECT item_id FROM v_items ORDER BY item_id")
    nodes = pd.DataFrame({"id": pd.array([*users, *items], dtype="string")})
    nodes["place"] = np.arange(len(nodes))
    nodes["is_user"] = nodes["place"] < len(users)
    connection.register("nameless_nodes", nodes)
    colours = np.zeros(len(nodes), dtype=np.uint64)
    colours[: len(users)] = 1
    for view, who, said in _SAID:
        found = connection.execute(
            f"""SELECT n.place AS place, {_DIGEST.format(said)} AS said FROM (FROM {view}) v
                JOIN nameless_nodes n ON n.id = v.{who} AND n.is_user = {who in _USERS}"""
        ).fetchnumpy()
        np.add.at(colours, found["place"], mixed(np.asarray(found["said"], dtype=np.uint64)))
    left, right, labels = [], [], []
    for view, one, other, said in _JOINED:
        found = connection.execute(
            f"""SELECT a.place AS one, b.place AS other, {_DIGEST.format(said)} AS said FROM (FROM {view}) v
                JOIN nameless_nodes a ON a.id = v.{one} AND a.is_user = {one in _USERS}
                JOIN nameless_nodes b ON b.id = v.{other} AND b.is_user = {other in _USERS}"""
        ).fetchnumpy()
        left.append(np.asarray(found["one"], dtype=np.int64))
        right.append(np.asarray(found["other"], dtype=np.int64))
        labels.append(np.asarray(found["said"], dtype=np.uint64))
    connection.unregister("nameless_nodes")
    edges = np.concatenate(left), np.concatenate(right), np.concatenate(labels)
    colours = refined(colours, *edges)
    # Alike users first: what they have may then be told apart by whose it is.
    colours[: len(users)] = told_apart(colours[: len(users)])
    colours = mixed(refined(colours, *edges) ^ mixed(np.array([seed % 2**64], dtype=np.uint64)))
    by_user = np.argsort(colours[: len(users)], kind="stable")
    by_item = np.argsort(colours[len(users) :], kind="stable")
    return Order([users[n] for n in by_user], [items[n] for n in by_item])


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(query).fetchall()]
