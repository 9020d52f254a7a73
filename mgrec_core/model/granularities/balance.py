"""Two spaces in one granularity: how much each of them says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from mgrec_core.model.granularities.structure import Block, Granularity
from mgrec_core.model.scale import spread_and_median


def balanced(weights: sparse.csr_array, first: Block, second: Block, share: float) -> Block:
    """The second block, scaled so that its typical score is ``share`` of both together.

    Parameters
    ----------
    weights : |U| × |E_k|
        User weights over the evidence of both.
    share
        In [0, 1).
    """
    of_first, of_second = _spread(weights, first), _spread(weights, second)
    # Where one of them tells no items apart there is nothing to scale to.
    ratio = of_first / of_second if min(of_first, of_second) > 1e-6 else 1.0
    return replace(second, scale=ratio * share / max(1.0 - share, 1e-3))


def _spread(weights: sparse.csr_array, block: Block, sample: int = 200) -> float:
    """Mean over users of (best raw scores − median), on an even sample of users."""
    active = np.flatnonzero(np.diff(weights.indptr) > 0)
    rows = active[:: max(1, len(active) // sample)]
    part = Granularity("", "", [], [], weights, (block,), "")
    return float(spread_and_median(part.scores(rows).astype(np.float64))[0].mean())
