"""The factor space: the broad directions of taste behind the item space's pairs.

PureSVD (Cremonesi et al. 2010, "Performance of recommender algorithms on top-N recommendation
tasks", §3.3) on N = diag(Σ_i S)^-½ · S · diag(Σ_u S)^-γ, whose scores are N·V·Vᵀ with the first n
right singular vectors V. The item space knows which two items go together, this one which
neighbourhoods do; their errors differ, so that both together rank better than either.

The factor of a user on N scales all of that user's scores alike, so it is left out of the
evidence vectors: x_e = Σ_u S[u,e]^-γ · V_e and a_i = V_i.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.model.granularities.item_space import CollaborativeConfig, right_singular
from mgrec_core.model.granularities.structure import Block

_LEAST = 4  # users and items a direction needs on average; with fewer it learns pairs, not taste


def fit_factor_space(strength: sparse.csr_array, config: CollaborativeConfig) -> Block | None:
    """Fit the factor space to a |U| × |I| matrix of strengths in (0, 1].

    Returns
    -------
    Block or None
        ``None`` when it is switched off or the histories are too few for one direction.
    """
    rank = min(config.factors, min(strength.shape) // _LEAST)
    if rank < 1 or strength.nnz == 0:
        return None
    users, items = (np.asarray(strength.sum(axis=axis)).ravel() for axis in (1, 0))
    of_user, of_item = (
        np.power(total, -power, out=np.zeros(len(total)), where=total > 0)
        for total, power in ((users, 0.5), (items, config.factor_scaling))
    )
    scaled = sparse.csr_array(sparse.diags_array(of_user) @ strength @ sparse.diags_array(of_item))
    _, v = right_singular(scaled.astype(np.float64), rank)
    evidence = (of_item[:, None] * v).astype(np.float32)
    return Block(evidence, v.astype(np.float32), 1.0, "factors.evidence", "factors.items")
