"""Balance: whether a list has the categories of the history (Steck 2018).

The formula is KL(p ‖ q̃) in nats, p the categories of the history (by strength), q those of the list,
q̃ = (1 − α)·q + α·p with α = .01: 0 is perfectly calibrated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import rel_entr

from mgrec_core.metrics.catalogue import Catalogue
from mgrec_core.metrics.means import divide
from mgrec_core.metrics.metric import FromList, Lists, PerUser

_ALPHA = 0.01


def calibration(top: Lists, history: sparse.csr_array, categories: sparse.csr_array) -> PerUser:
    """KL(p ‖ q̃) between the categories of the history and of the list (Steck 2018, eq. 6).

    Parameters
    ----------
    history : U × |I|
        Strengths.
    categories : |I| × C
        Each row sums to 1: an item's share in each of its categories.
    """
    places = np.flatnonzero(top.ravel() >= 0)
    rows = np.repeat(np.arange(len(top)), top.shape[1])[places]
    listed = sparse.csr_array(
        (np.ones(len(places)), (rows, top.ravel()[places])), shape=(len(top), categories.shape[0])
    )
    p = _shares((history @ categories).toarray())
    q = _shares((listed @ categories).toarray())
    mixed = (1 - _ALPHA) * q + _ALPHA * p
    result: PerUser = np.where(q.sum(axis=1) > 0, rel_entr(p, mixed).sum(axis=1), 0.0)
    return result


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(divide(weights, weights.sum(axis=1, keepdims=True)))


def _of_catalogue(top: Lists, catalogue: Catalogue) -> PerUser | None:
    if catalogue.categories is None:
        return None
    return calibration(top, catalogue.history, catalogue.categories)


CALIBRATION = FromList(
    name="calibration",
    title="Miscalibration",
    formula="KL divergence from the history's categories to the list's",
    compute=_of_catalogue,
    better="lower",
    unit="nats",
    order=16,
)
