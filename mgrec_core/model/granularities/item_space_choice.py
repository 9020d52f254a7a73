"""How the item space is fitted: how much sizes count, the ridge, the item scaling.

What is best depends on the data: hours of play taken at face value drown what is played at all, while stars
tell more than yes and no. Each is chosen on a tenth of each history that is held out for it, inside the
histories that a build is given, so that an evaluation's test part has no say. The usual values stay unless
another is better beyond chance, one option after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.held_out import LEAST_ITEMS, hold_out, ndcg_of
from mgrec_core.model.granularities.item_space import CollaborativeConfig, Fit, fit_item_space, sized

CANDIDATES: dict[str, tuple[Any, ...]] = {
    "sizes": ("binary", "root"),
    "regularisation": (0.005, 0.01, 0.04, 0.1),
    "item_scaling": (0.0, 0.25, 0.4),
}
"""Values tried beside the usual ones, in the order in which they are chosen."""

_MOST_USERS = 1_000


def choose_fit(strength: sparse.csr_array, age: sparse.csr_array | None, config: CollaborativeConfig) -> Fit:
    """Return how to fit: what the options say, and the rest as is best on held-out parts of histories.

    Beyond chance: the mean difference in nDCG@10 is above two of its standard errors, over the users of an
    even sample of 1,000 who have five items or more.

    Parameters
    ----------
    strength : |U| × |I|
        In (0, 1].
    age : |U| × |I| or None
        As for :func:`~mgrec_core.model.granularities.held_out.hold_out`.
    """
    best = Fit.of(config)
    left_open = [name for name in CANDIDATES if getattr(config, name) is None]
    rows = (
        np.flatnonzero(np.diff(strength.indptr) >= LEAST_ITEMS) if left_open else np.zeros(0, dtype=np.int64)
    )
    if len(rows) < 2:
        return best
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, _MOST_USERS).astype(int))]
    # The sample and what it has: the choice takes seconds, however large the data are.
    own = sparse.csr_array(strength[rows])
    held = hold_out(own, sparse.csr_array(age[rows]) if age is not None else None)
    items = np.unique(own.indices)
    own, held = sparse.csr_array(own[:, items]), sparse.csr_array(held[:, items])
    training = sparse.csr_array(own - held)
    training.eliminate_zeros()
    values = _values(training, held, config, best)
    if values is None:
        return best
    for name in left_open:
        better: list[tuple[float, Fit, NDArray[np.float64]]] = []
        for candidate in CANDIDATES[name]:
            tried = replace(best, **{name: candidate})
            found = _values(training, held, config, tried)
            if found is not None and (found - values).mean() > 2 * _error(found - values):
                better.append((float(found.mean()), tried, found))
        if better:
            _, best, values = max(better, key=lambda one: one[0])
    return best


def _values(
    training: sparse.csr_array, held: sparse.csr_array, config: CollaborativeConfig, fit: Fit
) -> NDArray[np.float64] | None:
    """nDCG@10 of each user under some options; None where there is nothing to fit."""
    histories = sized(training, fit)
    space = fit_item_space(histories, config, fit)
    if space is None:
        return None
    rows = np.flatnonzero(np.diff(held.indptr) > 0)
    found: NDArray[np.float64] = ndcg_of(histories, held, [space.block], [(1.0,)], rows)[0]
    return found


def _error(differences: NDArray[np.float64]) -> float:
    return float(differences.std() / np.sqrt(len(differences)))
