"""Items that the engine takes for a user's and that are not: what a model learns most from.

Xiong et al. (2021), "ANCE", mine them from the model itself; here the engine of the training part does, so
that they need no second training. The very best of a list are left out: among them are items that the user
will turn out to want (Ding et al. 2021, "RocketQA", on false negatives).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.model import Model

FROM, TO = 20, 200
"""Places of the list that are drawn from."""

MOST_USERS = 5_000
"""Of more, an even sample gets hard negatives: a list takes some milliseconds."""


def hard_negatives(
    model: Model, weights: dict[str, float], written: NDArray[np.bool_], count: int = 20, seed: int = 0
) -> NDArray[np.int64]:
    """Draw hard negatives of each user, never an item of the same user.

    Parameters
    ----------
    model
        Built on the training part alone.
    weights
        λ by granularity.
    written : |I|
        Items with a text; others are left out.
    count
        h, how many of each user.

    Returns
    -------
    |U| × h
        Positions of items, −1 where there are fewer.
    """
    rng = np.random.default_rng(seed)
    found = np.full((model.n_users, count), -1, dtype=np.int64)
    factors = [weights.get(name, 0.0) for name in model.present]
    rows = np.unique(np.linspace(0, model.n_users - 1, min(model.n_users, MOST_USERS)).astype(np.int64))
    for user, split, allowed in model.splits(rows, factors):
        best = top_k(split.contributions.sum(axis=1), TO, allowed & written)[FROM:]
        drawn = rng.choice(best, size=min(count, len(best)), replace=False)
        found[user, : len(drawn)] = drawn
    return found
