"""EASE (Steck 2019): item-item weights in closed form, also with columns × popularity^−γ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import linalg, sparse

from mgrec_core.evaluation.baselines.baseline import HISTORIES, Baseline, Scorer, grid
from mgrec_core.foundation.chunks import slices

_RIDGES = (0.003, 0.01, 0.02, 0.04, 0.1)


def fit_ease(histories: sparse.csr_array, options: Mapping[str, Any]) -> Scorer:
    """EASE in closed form, λ = ``regularisation`` × the largest eigenvalue of the Gram matrix.

    On Y = X·D, D = diag(popularity^−γ): with fewer items than users B = −P·diag(1/diag P),
    P = (YᵀY + λI)⁻¹, scores Y·B·D⁻¹. With fewer users M = (YYᵀ + λI)⁻¹ does: the scores of
    unseen items are (Y − λMY)·diag(1/(1 − Σ_u Y∘MY))·D⁻¹, and M·Y is cheap as Y is sparse.
    """
    popularity = np.bincount(histories.indices, minlength=histories.shape[1])
    d = np.power(np.maximum(popularity, 1.0), -options.get("item_scaling", 0.0))
    y = sparse.csr_array(histories @ sparse.diags_array(d))
    if y.nnz == 0:
        return lambda rows: np.zeros((len(rows), y.shape[1]), dtype=np.float32)
    by_users = y.shape[0] < y.shape[1]
    gram = (y @ y.T if by_users else y.T @ y).toarray()
    n = len(gram)
    top = linalg.eigh(gram, eigvals_only=True, subset_by_index=[n - 1, n - 1])[0]
    ridge = options["regularisation"] * top
    gram[np.diag_indices(n)] += ridge
    inverse = linalg.inv(gram, overwrite_a=True)
    if by_users:
        own = np.zeros(y.shape[1])
        for part in slices(y.shape[0], 1, 256):
            own += np.asarray(y[part].multiply(inverse[part] @ y).sum(axis=0)).ravel()
        column = 1.0 / (np.maximum(1.0 - own, 1e-12) * d)
        return lambda rows: ((y[rows].toarray() - ridge * (inverse[rows] @ y)) * column).astype(np.float32)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return lambda rows: np.asarray((y[rows] @ weights) / d, dtype=np.float32)


EASE = Baseline(name="ease", fit=fit_ease, grid=grid(histories=HISTORIES, regularisation=_RIDGES), order=2)
SCALED = Baseline(
    name="ease-scaled",
    fit=fit_ease,
    grid=grid(histories=HISTORIES, regularisation=_RIDGES, item_scaling=(0.1, 0.25, 0.4)),
    order=3,
)
