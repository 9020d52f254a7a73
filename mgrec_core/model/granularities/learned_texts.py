"""Item vectors learned from histories, with the text as the prior: what a taste for these words goes on to.

A frozen language model says which texts are alike, not which of them people choose together. Here every
history is pooled from its items' texts to a taste z_u = Σ_e W[u,e]·t_e / |Σ_e W[u,e]·t_e|, and each item's
vector is the ridge regression of who has it on these tastes,

    d_j = (ZᵀZ + λI)⁻¹ Σ_u W[u,j]·(z_u − what j itself adds to z_u);

left in, an item would be evidence of itself (Ning & Karypis 2011, "SLIM", keep the diagonal at zero for the
same reason). The text stays in it as a prior, a_j = d_j + α·m·t_j with m the typical |d_j|.

An item that nobody has gets what its text foretells, a_j = c·M·t_j with M the ridge regression of the learned
vectors on the texts (Gantner et al. 2010, "Learning attribute-to-feature mappings for cold-start
recommendations"), of the typical length of learned ones times c.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import linalg, sparse

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.config import Section
from mgrec_core.model.granularities.new_items import choose_length
from mgrec_core.model.granularities.structure import Vectors

USUAL = 1.8
"""c where there are too few histories to choose it."""
_MAP_RIDGE = 0.3
_BLOCK = 16_384


class BehaviourConfig(Section):
    """The item vectors that a pooled history of texts is compared with."""

    items: Literal["learned", "text"] = "learned"
    """``learned``: fitted to what people choose, the text as prior; ``text``: the text's own vector."""
    ridge: float = Field(3.0, gt=0)
    """λ of the ridge, as a share of the mean eigenvalue of the Gram matrix of pooled histories."""
    prior: float = Field(2.0, ge=0)
    """α, how much the text itself counts, as a share of the typical learned vector."""
    unseen: float | None = Field(None, ge=0)
    """c, how long the vector of an item without events is, in typical ones; chosen by the next when empty."""
    new_items: float = Field(0.15, ge=0, lt=1)
    """How much of their nDCG@10 the lists of known items may lose to new ones, where a tenth of the items is
    new: more brings new items into more lists (:mod:`~mgrec_core.model.granularities.new_items`)."""


def fit_items(texts: Vectors, weights: sparse.csr_array, config: BehaviourConfig) -> Vectors:
    """Fit item vectors to histories, with the length of new items' vectors as the options say or chosen.

    Parameters
    ----------
    texts, weights
        As for :func:`learn_items`.

    Returns
    -------
    |I| × d
    """
    length = USUAL if config.unseen is None else config.unseen
    some_new = bool((np.diff(sparse.csc_array(weights).indptr) == 0).any())
    if config.unseen is None and some_new:  # else it is the length of nothing

        def learn(some: Vectors, histories: sparse.csr_array) -> Vectors:
            return learn_items(some, histories, config, 1.0)

        length = choose_length(texts, weights, learn, config.new_items, USUAL)
    return learn_items(texts, weights, config, length)


def learn_items(
    texts: Vectors, weights: sparse.csr_array, config: BehaviourConfig, unseen: float = USUAL
) -> Vectors:
    """Fit item vectors to histories.

    Parameters
    ----------
    texts : |I| × d
        t_j, unit length; zeros where there is no text.
    weights : |U| × |I|
        W, how much each user is for an item; negative where against it.
    unseen
        c, ≥ 0.

    Returns
    -------
    |I| × d
        a_j; the texts themselves where no two items share a user, so that there is nothing to learn.
        Items without events and without text are zeros.
    """
    tastes = np.asarray(weights @ texts, dtype=np.float64)
    lengths = np.linalg.norm(tastes, axis=1)
    share = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 1e-9)
    tastes *= share[:, None]
    columns = sparse.csc_array(weights)
    held = np.diff(columns.indptr) > 0
    factor = _factor(tastes.T @ tastes, config.ridge)
    squares = columns.copy()
    squares.data = squares.data.astype(np.float64) ** 2 * share[squares.indices]
    alone = np.asarray(squares.sum(axis=0)).ravel()
    learned = np.zeros(texts.shape, dtype=np.float32)
    for some in slices(len(texts), 1, _BLOCK):
        common = columns[:, some].T @ tastes - alone[some, None] * texts[some]
        learned[some] = linalg.cho_solve(factor, common.T).T
    typical = _typical(learned[held])
    if typical < 1e-9:
        return texts
    learned[held] += np.float32(config.prior * typical) * texts[held]
    learned[~held] = _foretold(texts, learned, held, unseen)
    return learned


def _foretold(texts: Vectors, learned: Vectors, held: NDArray[np.bool_], unseen: float) -> Vectors:
    """Vectors of the items that nobody has."""
    if held.all():
        return texts[~held]
    gram = np.zeros((texts.shape[1],) * 2)
    cross = np.zeros_like(gram)
    for some in slices(len(texts), 1, _BLOCK):
        known = texts[some][held[some]].astype(np.float64)
        gram += known.T @ known
        cross += known.T @ learned[some][held[some]]
    found = texts[~held] @ linalg.cho_solve(_factor(gram, _MAP_RIDGE), cross).astype(np.float32)
    length = _typical(found)
    return found * np.float32(unseen * _typical(learned[held]) / length) if length > 1e-9 else found


def _factor(gram: NDArray[np.float64], ridge: float) -> tuple[NDArray[np.float64], bool]:
    """Cholesky factor of the Gram matrix and ``ridge`` times its mean eigenvalue."""
    mean = max(float(np.trace(gram)) / len(gram), 1e-12)
    factor: tuple[NDArray[np.float64], bool] = linalg.cho_factor(gram + ridge * mean * np.eye(len(gram)))
    return factor


def _typical(vectors: Vectors) -> float:
    """Root of the mean squared length of those that are not zero."""
    squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    squares = squares[squares > 0]
    return float(np.sqrt(squares.mean())) if len(squares) else 0.0
