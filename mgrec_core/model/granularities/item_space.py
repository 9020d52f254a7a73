"""The item space: which items go together in people's histories.

EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", eq. 8) with item
scaling: on Y = S·D, with D = diag(popularity^-γ), the weights are
B = −P·diag(1/diag P) off the diagonal, P = (YᵀY + λI)⁻¹, and scores are Y·B·D⁻¹.
With fewer users than items the Woodbury identity needs only M = (YYᵀ + λI)⁻¹ (|U| × |U|):
B[e,i] = (YᵀMY)[e,i] / (1 − Σ_u Y∘MY)_i. Above ``max_exact`` or ``max_cells`` a
low-rank ridge takes its place: scores Y·V·diag(s²/(s²+s_n²))·Vᵀ with the first n singular vectors V of Y.

Each form is written as evidence vectors x_e and item vectors a_i, so that every score splits
over the items of the history. x_e · a_e is no evidence of itself; an item's own diagonal only
touches items that were seen, which are never ranked.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import linalg, sparse
from scipy.sparse.linalg import svds

from mgrec_core.foundation.config import Section
from mgrec_core.foundation.signs import turned
from mgrec_core.model.granularities.histories import raised
from mgrec_core.model.granularities.structure import Block, Matrix

EVIDENCE = "items.evidence"
"""Name under which the evidence vectors of the item space are stored."""


class CollaborativeConfig(Section):
    """The item space: EASE (Steck 2019) with item scaling, or a low-rank ridge when that is too large."""

    sizes: Literal["log", "root", "binary"] | None = None
    """How much the size of what was done (hours, pieces, stars) counts: by its logarithm, the root of that,
    or not at all; chosen on held-out parts of histories when empty, as are the next two."""
    regularisation: float | None = Field(None, gt=0)
    """λ of the ridge as a share of the largest eigenvalue of the Gram matrix."""
    item_scaling: float | None = Field(None, ge=0, le=1)
    """Columns are multiplied by popularity to the power of minus this."""
    max_cells: int = Field(250_000_000, ge=1)
    """Most numbers in a matrix of the exact solution (8 bytes each, a few of them at once)."""
    max_exact: int = Field(12_000, ge=1)
    """Largest min(users, items) that is solved exactly."""
    rank: int = Field(64, ge=1)
    """Rank of the ridge above that size."""
    factors: int = Field(128, ge=0)
    """Most directions of the factor space beside the item space; 0 leaves it out."""
    factor_scaling: float = Field(0.25, ge=0, le=1)
    """There, columns are divided by their summed strengths to this power."""
    factor_share: float | None = Field(None, ge=0, lt=1)
    """Share of the factor space in a typical score; chosen on held-out parts of histories when empty."""


@dataclass(frozen=True)
class Fit:
    """How the item space is fitted; the defaults were measured best on MovieLens and Last.fm.

    Attributes
    ----------
    sizes, regularisation, item_scaling
        As in :class:`CollaborativeConfig`.
    """

    sizes: str = "log"
    regularisation: float = 0.02
    item_scaling: float = 0.1

    @classmethod
    def of(cls, config: CollaborativeConfig) -> Fit:
        """What the options say, the usual values where they say nothing."""
        said = {one.name: getattr(config, one.name) for one in fields(cls)}
        return cls(**{name: value for name, value in said.items() if value is not None})

    def __str__(self) -> str:
        sizes = {
            "log": "by their logarithm",
            "root": "by the root of their logarithm",
            "binary": "not at all",
        }
        how = f"ridge {self.regularisation:g}, item scaling {self.item_scaling:g}"
        return f"sizes count {sizes[self.sizes]}, {how}"


POWERS = {"log": 1.0, "root": 0.5, "binary": 0.0}


def sized(strength: sparse.csr_array, fit: Fit) -> sparse.csr_array:
    """Strengths, which are on a logarithmic scale, with sizes counting as ``fit`` says; still in (0, 1]."""
    return raised(strength, POWERS[fit.sizes])


@dataclass(frozen=True)
class ItemSpace:
    """x_e and a_i of the item space, both |I| × n, and how they were solved."""

    evidence: Matrix
    items: Matrix
    solver: str
    exact: bool = True
    fit: Fit = Fit()

    @property
    def block(self) -> Block:
        """As one space of a granularity."""
        return Block(self.evidence, self.items, 1.0, EVIDENCE, "items.vectors")


def fit_item_space(
    strength: sparse.csr_array, config: CollaborativeConfig, fit: Fit | None = None
) -> ItemSpace | None:
    """Fit the item space to a |U| × |I| matrix of strengths in (0, 1].

    Parameters
    ----------
    strength
        With sizes as they are to count (:func:`sized`).
    fit
        The ridge and the item scaling; what the options say by default.

    Returns
    -------
    ItemSpace or None
        ``None`` when no two items share a user: nothing goes together with anything.
    """
    fit = fit or Fit.of(config)
    popularity = np.bincount(strength.indices, minlength=strength.shape[1]).astype(np.float64)
    shared = np.diff(strength.indptr).max(initial=0) > 1 and popularity.max(initial=0) > 0
    if not shared:
        return None
    d = np.power(np.maximum(popularity, 1.0), -fit.item_scaling)
    y = sparse.csr_array(strength @ sparse.diags_array(d))
    n_users, n_items = y.shape
    by_users = n_users < n_items
    cells = n_users * int((popularity > 0).sum()) if by_users else n_items * n_items
    if min(n_users, n_items) > config.max_exact or cells > config.max_cells:
        return replace(_low_rank(y, d, config), fit=fit)
    if by_users:
        return _woodbury(y, d, popularity > 0, fit)
    return _dense(y, d, popularity > 0, fit)


def _ridge(gram: NDArray[np.float64], share: float) -> float:
    """λ: ``share`` of the Gram matrix's largest eigenvalue."""
    n = len(gram)
    top = linalg.eigh(gram, eigvals_only=True, subset_by_index=[n - 1, n - 1])[0]
    return float(max(share * top, 1e-9))


def _woodbury(y: sparse.csr_array, d: NDArray[np.float64], known: NDArray[np.bool_], fit: Fit) -> ItemSpace:
    gram = (y @ y.T).toarray()
    ridge = _ridge(gram, fit.regularisation)
    gram[np.diag_indices_from(gram)] += ridge
    seen = sparse.csr_array(y[:, known])
    my = linalg.solve(gram, seen.toarray(), assume_a="pos", overwrite_b=True)  # M·Y, |U| × seen items
    diagonal = 1.0 - np.asarray(seen.multiply(my).sum(axis=0)).ravel()
    items = np.zeros((len(d), len(gram)), dtype=np.float32)
    items[known] = (my / (diagonal * d[known])).T
    evidence = sparse.csr_array((y @ sparse.diags_array(d)).T.tocsr()).astype(np.float32)
    evidence.sort_indices()
    return ItemSpace(evidence, items, "exact, by users", fit=fit)


def _dense(y: sparse.csr_array, d: NDArray[np.float64], known: NDArray[np.bool_], fit: Fit) -> ItemSpace:
    gram = (y.T @ y).toarray()
    gram[np.diag_indices_from(gram)] += _ridge(gram, fit.regularisation)
    inverse = linalg.inv(gram)
    b = -inverse / np.diag(inverse)
    np.fill_diagonal(b, 0.0)
    b[~known] = 0.0
    b[:, ~known] = 0.0
    evidence = (d[:, None] * b / d).astype(np.float32)
    same = sparse.eye_array(len(d), format="csr", dtype=np.float32)
    return ItemSpace(evidence, same, "exact, by items", fit=fit)


def _low_rank(y: sparse.csr_array, d: NDArray[np.float64], config: CollaborativeConfig) -> ItemSpace:
    s, v = right_singular(y, min(config.rank, min(y.shape) - 1))
    # s²/(s²+s_last²), the shrinkage measured best on MovieLens at rank 64
    shrink = s**2 / (s**2 + s[-1] ** 2)
    evidence = d[:, None] * v * shrink
    return ItemSpace(
        evidence.astype(np.float32),
        (v / d[:, None]).astype(np.float32),
        f"low rank, {len(s)} directions",
        exact=False,
    )


def right_singular(y: sparse.csr_array, rank: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The largest singular values and their right singular vectors as columns, the largest first.

    There are fewer than ``rank`` where histories repeat.
    """
    start = np.ones(min(y.shape))  # a fixed start makes the result repeatable
    _, s, vt = svds(y, k=rank, v0=start)
    order = np.argsort(-s, kind="stable")
    order = order[s[order] > 1e-9 * s.max()]
    return s[order], turned(vt[order].T)
