"""From a workspace or an open database to the rankers of people and advertisements."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

from mgrec_core.foundation.errors import InputError
from mgrec_core.model.model import Model
from mgrec_core.targets.holdings import AdHoldings, Holdings
from mgrec_core.targets.people import People
from mgrec_core.targets.ranker import Ranker

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.targets.ads import Ads


def open_ranker(engine: Engine, target: str) -> Ranker:
    """Return the ranker of ``users`` or ``ads`` of an engine's build, with the learned weights.

    Raises
    ------
    InputError
        Another target.
    """
    from mgrec_core.targets.weights import learned

    labels = [engine.item_label(i) for i in engine.item_ids]
    with contextlib.closing(engine.workspace.connect()) as connection:
        found: Ranker
        if target == "users":
            found = people(connection, engine.model, engine.user_ids, engine.item_ids, labels)
        elif target == "ads":
            found = ads(connection, engine.model, engine.user_ids, engine.item_ids, labels)
        else:
            raise InputError(f"unknown target {target!r}: choose users or ads")
    if stored := learned(engine.workspace.state, target):
        found.use(stored)
    return found


def people(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    user_ids: list[str],
    item_ids: list[str],
    labels: list[str],
) -> People:
    """The ranker of people over an open database and the model built from it."""
    return People(model, Holdings.load(connection, user_ids, item_ids, labels))


def ads(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    user_ids: list[str],
    item_ids: list[str],
    labels: list[str],
) -> Ads:
    """The ranker of advertisements over an open database and the model built from it."""
    from mgrec_core.targets.ads import Ads

    held = Holdings.load(connection, user_ids, item_ids, labels)
    return Ads(model, held, AdHoldings.load(connection, user_ids, item_ids))
