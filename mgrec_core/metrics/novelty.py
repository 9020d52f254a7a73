"""Surprise: how few users know the items of a list (Zhou et al. 2010)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.means import mean_of_lists
from mgrec_core.metrics.metric import FromList, Lists, PerUser


def novelty(top: Lists, users_of_item: NDArray[np.floating], n_users: int) -> PerUser:
    """Mean self-information of the list in bits: −log2(max(users_i, 1) / |U|)."""
    bits = -np.log2(np.maximum(users_of_item, 1.0) / max(n_users, 1))
    return mean_of_lists(bits, top)


NOVELTY = FromList(
    name="novelty",
    title="Novelty",
    formula="mean −log₂(users of the item / all users)",
    compute=lambda top, catalogue: novelty(top, catalogue.users_of_item, catalogue.n_users),
    unit="bits",
    headline=True,
    order=12,
)
