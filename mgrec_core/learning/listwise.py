"""Weights by the listwise loss: convex, so the optimum does not depend on the start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mgrec_core.learning.candidates import ValidationScores

_UPPER = 50.0  # no bound in practice; keeps a separable toy case finite


def listwise_weights(candidates: ValidationScores) -> NDArray[np.float64]:
    """Non-negative weights that minimise the softmax cross-entropy of the held-out items.

    L(w) = mean_u [ log Σ_{i∈C_u} exp(w·x_ui) − mean_{i∈R_u} w·x_ui ]
    (ListNet, Cao et al. 2007, with the held-out items as the target distribution), convex in
    w and solved by L-BFGS-B on the box.

    Returns
    -------
    K
        Absolute weights: their common factor is the softmax's temperature.
    """
    x = candidates.scores.astype(np.float64)
    held = np.maximum(candidates.relevant.sum(axis=1), 1)
    target = candidates.relevant / held[:, None]
    wanted = np.einsum("uc,uck->uk", target, x)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = np.where(candidates.real, x @ w, -np.inf)
        top = z.max(axis=1, keepdims=True)
        exp = np.exp(z - top)
        total = exp.sum(axis=1, keepdims=True)
        value = (np.log(total[:, 0]) + top[:, 0] - wanted @ w).mean()
        expected = np.einsum("uc,uck->uk", exp / total, x)
        return float(value), (expected - wanted).mean(axis=0)

    k = x.shape[2]
    found = minimize(loss, np.ones(k), jac=True, method="L-BFGS-B", bounds=[(0.0, _UPPER)] * k)
    return np.asarray(found.x, dtype=np.float64)
