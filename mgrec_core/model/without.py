"""A user as if one item were not in the history: what a seen item is explained with.

The item spaces and what is known of everybody else stay as they are built; the user's own weights are
computed from what is left, by the code that the build computes them with. Friends and the prior stay: that
others had the item is no evidence of the user's own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from mgrec_core.data.signals.variants import UserEvents
from mgrec_core.model.granularities.histories import Histories
from mgrec_core.model.model import Model


def histories_without(events: UserEvents, item_id: str, places: dict[str, int]) -> Histories:
    """What is left of a user's history without an item, one row.

    Parameters
    ----------
    places
        Position of each item of the build.
    """
    known = np.array([n for n, one in enumerate(events.items) if one in places], dtype=np.int64)
    at = np.array([places[events.items[n]] for n in known], dtype=np.int64)
    keep = np.array([[one != item_id for one in events.items]])
    signal, age = events.signals(keep)[0, known], events.ages(keep)[0, known]

    def row(values: np.ndarray) -> sparse.csr_array:
        held = values != 0
        order = np.argsort(at[held])
        data, columns = values[held][order], at[held][order]
        shape = (1, len(places))
        return sparse.csr_array((data, columns, np.array([0, len(columns)])), shape=shape)

    return Histories(row(signal), row(np.maximum(signal, 0.0)), row(age))


def without(model: Model, user: int, item: int, histories: Histories) -> Model:
    """The model of this one user, without the item in the history.

    Parameters
    ----------
    histories
        What is left of the history, of :func:`histories_without`.
    """
    granularities = {}
    for name, g in model.granularities.items():
        weights = sparse.csr_array(g.weights[[user]])
        if g.from_history is not None:
            weights = g.from_history.weights(histories)
        elif g.kind == "item":  # a build of before: its weights are the items' own
            weights.data = np.where(weights.indices == item, 0, weights.data)
            weights.eliminate_zeros()
        granularities[name] = replace(g, weights=weights)
    seen = sparse.csr_array(model.seen[[user]])
    seen.data = np.where(seen.indices == item, 0, seen.data)
    seen.eliminate_zeros()
    found = replace(model, granularities=granularities, seen=seen)
    found.__dict__["global_scale"] = model.global_scale  # the population's, a cached property
    return found


def still_counting(model: Model) -> list[str]:
    """Granularities in which the item cannot be taken out of what the user has had."""
    return [
        name
        for name, g in model.granularities.items()
        if g.from_history is None and g.kind not in ("item", "friend", "everyone")
    ]
