"""How much the factor space says: chosen on a tenth of each history that is held out for it.

Whether broad directions help depends on the domain: they do where people keep to genres
(Last.fm), and not where a few directions are everybody's (MovieLens). The choice is made inside
the histories that a build is given, so that an evaluation's test part has no say in it.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.model.granularities.balance import balanced
from mgrec_core.model.granularities.factors import fit_factor_space
from mgrec_core.model.granularities.held_out import hold_out, ndcg_of
from mgrec_core.model.granularities.item_space import CollaborativeConfig, fit_item_space

SHARES = (0.2, 1 / 3, 0.5)
"""Candidates beside 0."""

_MOST_EXACT = 4_000  # min(users, items) above which the second fit would cost too much time
_MOST_USERS = 2_000


def choose_share(
    strength: sparse.csr_array, age: sparse.csr_array | None, config: CollaborativeConfig
) -> float:
    """The share with the best nDCG@10 on held-out pairs among those better than 0 beyond chance, or 0.

    Beyond chance: the mean difference is above two of its standard errors.

    Parameters
    ----------
    strength : |U| × |I|
        In (0, 1].
    age : |U| × |I| or None
        Age of each pair, the smallest is the newest. The newest pairs are held out, without ages
        random ones (the same every time).
    """
    if min(strength.shape) > _MOST_EXACT:
        return 0.0
    held = hold_out(strength, age)
    rows = np.flatnonzero(np.diff(held.indptr) > 0)
    if len(rows) < 2:
        return 0.0
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, _MOST_USERS).astype(int))]
    training = sparse.csr_array(strength - held)
    training.eliminate_zeros()
    space, factors = fit_item_space(training, config), fit_factor_space(training, config)
    if space is None or factors is None or not space.exact:
        return 0.0
    first = space.block
    blocks = [balanced(training, first, factors, share) for share in SHARES]
    scales = [(1.0, 0.0), *((1.0, block.scale) for block in blocks)]
    found = ndcg_of(training, held, [first, factors], scales, rows)
    gain = found[1:] - found[0]
    means, errors = gain.mean(axis=1), gain.std(axis=1) / np.sqrt(len(rows))
    sure = np.where(means > 2 * errors, means, 0.0)
    return SHARES[int(np.argmax(sure))] if sure.any() else 0.0
