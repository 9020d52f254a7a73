"""How the item space is fitted: how much sizes count, the ridge, the item scaling.

What is best depends on the data: hours of play taken at face value drown what is played at all, while stars
tell more than yes and no. Each is chosen on a tenth of each history that is held out for it, inside the
histories that a build is given, so that an evaluation's test part has no say. The usual values stay unless
another is better beyond chance, one option after the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.factor_share import hold_out
from mgrec_core.model.granularities.held_out import ndcg_of
from mgrec_core.model.granularities.item_space import CollaborativeConfig, fit_item_space, sized

CANDIDATES: dict[str, tuple[Any, ...]] = {
    "sizes": ("binary", "root"),
    "regularisation": (0.005, 0.01, 0.04, 0.1),
    "item_scaling": (0.0, 0.25, 0.4),
}
"""Values tried beside the usual ones, in the order in which they are chosen."""

_MOST_USERS = 1_000


def choose_fit(
    strength: sparse.csr_array, age: sparse.csr_array | None, config: CollaborativeConfig
) -> CollaborativeConfig:
    """Return the options with those that are left open filled in.

    Beyond chance: the mean difference in nDCG@10 is above two of its standard errors, over the users of an
    even sample of 1,000 who have five items or more.

    Parameters
    ----------
    strength : |U| × |I|
        In (0, 1].
    age : |U| × |I| or None
        As for :func:`~mgrec_core.model.granularities.factor_share.hold_out`.
    """
    found = config.filled()
    open_options = [name for name in CANDIDATES if getattr(config, name) is None]
    rows = np.flatnonzero(np.diff(hold_out(strength, age).indptr) > 0) if open_options else np.zeros(0, int)
    if len(rows) < 2:
        return found
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, _MOST_USERS).astype(int))]
    # The sample and what it has: the choice takes seconds, however large the data are.
    own = sparse.csr_array(strength[rows])
    held = hold_out(own, sparse.csr_array(age[rows]) if age is not None else None)
    items = np.unique(own.indices)
    own, held = sparse.csr_array(own[:, items]), sparse.csr_array(held[:, items])
    training = sparse.csr_array(own - held)
    training.eliminate_zeros()
    best = _values(training, held, found)
    if best is None:
        return found
    for name in open_options:
        gains = {}
        for value in CANDIDATES[name]:
            tried = found.model_copy(update={name: value})
            values = _values(training, held, tried)
            if values is not None and (values - best).mean() > 2 * _error(values - best):
                gains[value] = values
        if gains:
            value = max(gains, key=lambda one: float(gains[one].mean()))
            found, best = found.model_copy(update={name: value}), gains[value]
    return found


def _values(
    training: sparse.csr_array, held: sparse.csr_array, config: CollaborativeConfig
) -> NDArray[np.float64] | None:
    """nDCG@10 of each user under some options; None where there is nothing to fit."""
    histories = sized(training, config)
    space = fit_item_space(histories, config)
    return None if space is None else ndcg_of(histories, held, [space.block])


def _error(differences: NDArray[np.float64]) -> float:
    return float(differences.std() / np.sqrt(len(differences)))
