"""Bias: how popular a list is, alone and against what the user chose (Abdollahpouri et al. 2019)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.metrics.means import divide, mean_of_lists
from mgrec_core.metrics.metric import FromList, Lists, PerUser


def popularity(top: Lists, users_of_item: NDArray[np.floating]) -> PerUser:
    """Mean number of users of the list's items."""
    return mean_of_lists(np.asarray(users_of_item, dtype=np.float64), top)


def popularity_lift(top: Lists, users_of_item: NDArray[np.floating], history: sparse.csr_array) -> PerUser:
    """Popularity of the list over that of the user's history, minus 1.

    Parameters
    ----------
    history : U × |I|
        Stored entries are the user's training items.
    """
    held = sparse.csr_array((np.ones(history.nnz), history.indices, history.indptr), shape=history.shape)
    chosen = divide(held @ np.asarray(users_of_item, dtype=np.float64), np.diff(history.indptr))
    listed = popularity(top, users_of_item)
    return np.where(chosen > 0, divide(listed, chosen) - 1.0, 0.0)


METRICS = (
    FromList(
        name="popularity",
        title="Popularity",
        formula="mean number of users of the list's items",
        compute=lambda top, catalogue: popularity(top, catalogue.users_of_item),
        better="none",
        unit="users",
        order=14,
    ),
    FromList(
        name="popularity_lift",
        title="Popularity lift",
        formula="popularity of the list / popularity of the user's history − 1",
        compute=lambda top, catalogue: popularity_lift(top, catalogue.users_of_item, catalogue.history),
        better="lower",
        headline=True,
        order=15,
    ),
)
