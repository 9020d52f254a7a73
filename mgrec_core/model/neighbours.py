"""Which items are near an item, at each granularity and fused.

Near means a large cosine between item profiles (:func:`mgrec_core.model.fusion.vectors.item_profiles`). The
prior has no space of interests and no neighbours. Fused is the cosine of the concatenations
[√α_k·â_ik]_k, which is Σ_k α_k·cos_k(i, j) divided by the lengths of both: an item without a vector at a
granularity is shorter there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.fusion.vectors import profile_blocks
from mgrec_core.model.granularities import is_prior
from mgrec_core.model.granularities.structure import Granularity, Matrix
from mgrec_core.model.model import Model

FUSED = "fused"


@dataclass(frozen=True)
class Nearest:
    """The items nearest to one, best first.

    Attributes
    ----------
    positions : k
        Of the items.
    cosines : k
        In [−1, 1].
    held
        Whether the item has a vector there; without one there are no neighbours.
    """

    positions: NDArray[np.int64]
    cosines: NDArray[np.float64]
    held: bool


def nearest(model: Model, item: int, k: int, alpha: Mapping[str, float]) -> dict[str, Nearest]:
    """The ``k`` nearest items, ``fused`` first, then by granularity in the fixed order.

    Parameters
    ----------
    item
        Position of the item.
    alpha
        Shares of the granularities in ``fused``, ≥ 0; priors are left out.

    Returns
    -------
    dict
        ``fused`` is missing where no granularity with a space weighs.
    """
    spaces = {name: g for name, g in model.granularities.items() if not is_prior(name)}
    dots: NDArray[np.float64] = np.zeros(model.n_items)
    lengths: NDArray[np.float64] = np.zeros(model.n_items)
    weighed = sum(alpha.get(name, 0.0) for name in spaces)
    found: dict[str, Nearest] = {}
    for name, g in spaces.items():
        cosines, held = profile_cosines(g, item)
        found[name] = _best(cosines, held, item, k)
        dots += alpha.get(name, 0.0) * cosines
        lengths += alpha.get(name, 0.0) * held
    if weighed <= 0:
        return found
    fused = np.divide(
        dots, np.sqrt(lengths * lengths[item]), out=np.zeros_like(dots), where=lengths * lengths[item] > 0
    )
    return {FUSED: _best(fused, lengths > 0, item, k)} | found


def profile_cosines(g: Granularity, item: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Cosine of every item's profile with one item's, 0 where either has none.

    Returns
    -------
    cosines, held : |I|
        The second: which items have a profile.
    """
    n = g.blocks[0].items.shape[0]
    dots: NDArray[np.float64] = np.zeros(n)
    squares: NDArray[np.float64] = np.zeros(n)
    for matrix, scale in profile_blocks(g):
        dots += scale * _products(matrix, item)
        squares += scale * _squares(matrix)
    # Below this a length is what rounding left of nothing.
    held = squares > 1e-12 * max(float(squares.max(initial=0.0)), 1e-30)
    lengths = np.sqrt(squares) * np.sqrt(squares[item])
    cosines = np.divide(dots, lengths, out=np.zeros_like(dots), where=held & held[item])
    return np.clip(cosines, -1.0, 1.0), held


def _products(matrix: Matrix, item: int) -> NDArray[np.float64]:
    if sparse.issparse(matrix):
        row = sparse.csr_array(matrix)[[item]].toarray()[0]
    else:
        row = np.ascontiguousarray(matrix[item])
    return np.asarray(matrix @ row, dtype=np.float64)


def _squares(matrix: Matrix) -> NDArray[np.float64]:
    if sparse.issparse(matrix):
        return np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(np.einsum("ij,ij->i", matrix, matrix), dtype=np.float64)


def _best(cosines: NDArray[np.float64], held: NDArray[np.bool_], item: int, k: int) -> Nearest:
    if not held[item]:
        return Nearest(np.zeros(0, dtype=np.int64), np.zeros(0), held=False)
    others = held.copy()
    others[item] = False
    best = top_k(cosines, k, others)
    return Nearest(best, cosines[best], held=True)
