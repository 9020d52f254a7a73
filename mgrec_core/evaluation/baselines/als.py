"""Alternating least squares of `implicit` (Hu, Koren & Volinsky 2008)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from mgrec_core.evaluation.baselines.baseline import HISTORIES, Baseline, Scorer, grid

_SEED = 0


def fit_als(histories: sparse.csr_array, options: Mapping[str, Any]) -> Scorer:
    """Confidence-weighted factorisation; the same factors every time."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=options["factors"],
        regularization=options["regularisation"],
        alpha=options["confidence"],
        iterations=15,
        num_threads=1,
        random_state=_SEED,
    )
    model.fit(sparse.csr_matrix(histories).astype(np.float32), show_progress=False)
    users, items = np.asarray(model.user_factors), np.asarray(model.item_factors)
    return lambda rows: np.asarray(users[rows] @ items.T, dtype=np.float32)


ALS = Baseline(
    name="als",
    fit=fit_als,
    grid=grid(histories=HISTORIES, factors=(32, 64, 128), confidence=(1.0, 10.0), regularisation=(0.1, 10.0)),
    one_thread=True,
    order=1,
)
