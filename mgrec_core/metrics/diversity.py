"""Variety: how unlike the items of one list are (Ziegler et al. 2005)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.chunks import slices
from mgrec_core.metrics.catalogue import Catalogue
from mgrec_core.metrics.means import divide
from mgrec_core.metrics.metric import FromList, Lists, PerUser

_CHUNK_BYTES = 128 * 2**20


def diversity(top: Lists, vectors: NDArray[np.float32]) -> PerUser:
    """1 − mean cosine over the list's pairs; 0 for a list of one.

    Parameters
    ----------
    vectors : |I| × d
        Item vectors; an item without one (zeros) has cosine 0 with every other.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.divide(rows, norm, out=np.zeros_like(rows), where=norm > 0)
    lengths = (unit**2).sum(axis=1)
    result = np.zeros(len(top))
    for chunk in slices(len(top), top.shape[1] * unit.shape[1] * 4, _CHUNK_BYTES):
        part = top[chunk]
        there = part >= 0
        chosen = unit[np.maximum(part, 0)] * there[:, :, None]
        # Σ_{i≠j} v_i·v_j = |Σ v|² − Σ |v|²
        pairs = (chosen.sum(axis=1, dtype=np.float64) ** 2).sum(axis=1)
        pairs -= (lengths[np.maximum(part, 0)] * there).sum(axis=1)
        n = there.sum(axis=1)
        result[chunk] = np.where(n > 1, 1.0 - divide(pairs, n * (n - 1)), 0.0)
    return result


def _of_catalogue(top: Lists, catalogue: Catalogue) -> PerUser | None:
    return None if catalogue.vectors is None else diversity(top, catalogue.vectors)


DIVERSITY = FromList(
    name="diversity",
    title="Diversity",
    formula="1 − mean cosine of the list's pairs in the shared space",
    compute=_of_catalogue,
    costly=True,
    headline=True,
    order=13,
)
