"""A baseline as somebody else would add it: this file alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from mgrec_core.evaluation.baselines import Baseline, Scorer


def fit(histories: sparse.csr_array, settings: Mapping[str, Any]) -> Scorer:
    """Everybody gets what most have."""
    users = np.bincount(histories.indices, minlength=histories.shape[1]).astype(np.float32)
    return lambda rows: np.tile(users ** settings["power"], (len(rows), 1))


MOST_HELD = Baseline(name="most-held", fit=fit, grid=({"power": 1.0}, {"power": 2.0}))
