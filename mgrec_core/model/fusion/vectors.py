"""Fused vectors of users and items, for maps, neighbours and ``fusion="vector"``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse.linalg import svds

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.signs import turned
from mgrec_core.model.granularities import Granularity
from mgrec_core.model.granularities.structure import (
    Matrix,
    Vectors,
    concatenate,
    dense,
    inner,
    normalise_rows,
    scaled,
)
from mgrec_core.model.model import Model
from mgrec_core.model.scoring import best_of

#: Widest vectors that leave the engine; wider spaces are cut to their main directions.
MAX_DIMENSIONS = 384
_EXACT_UP_TO = 4_000


def fused_user_vectors(model: Model, alpha: Mapping[str, float]) -> Vectors:
    """z_u = Σ_k α_k·ẑ_uk in the shared space, |U| × d."""
    if model.shared is None:
        raise InputError("there is no shared space: import item texts or events")
    total = np.zeros((model.n_users, model.shared.shape[1]), dtype=np.float32)
    for name, share in alpha.items():
        if share > 0 and model.granularities[name].language is not None:
            total += np.float32(share) * model.shared_user_vectors(name)
    return total


def fused_item_vectors(model: Model, alpha: Mapping[str, float], width: int = 64) -> Vectors:
    """Items as concatenations [√α_k·â_ik]_k, each space cut to its ``width`` main directions.

    Two items are close when they are close at the granularities that weigh; the inner product
    of two such vectors is Σ_k α_k·(â_ik·â_jk).
    """
    parts = [
        np.float32(share**0.5) * normalise_rows(reduced(item_profiles(model.granularities[name]), width))
        for name, share in alpha.items()
        if share > 0
    ]
    return np.hstack(parts).astype(np.float32)


def joint_vectors(model: Model, of: Granularity | Mapping[str, float]) -> Vectors:
    """Users and then items in one space, (|U| + |I|) × d, unit length around each kind's mean.

    Parameters
    ----------
    of
        A granularity: z_uk and a_ik, whose inner product is the score. Or α: z_u and the items'
        vectors in the shared space.

    Notes
    -----
    Pooled vectors lie closer to their mean than single ones do, which alone would make one island of
    the users and one of the items (the "modality gap", Liang et al., NeurIPS 2022). So rows get unit
    length, each kind's mean is taken away, and they get unit length again; those that are 0 stay 0.
    """
    if isinstance(of, Granularity):
        stacked = _stacked(of.user_vectors(slice(None)), of.item_vectors())
        vectors = reduced(normalise_rows(stacked))  # first: a long user must not outweigh many items
    else:
        if model.shared is None:
            raise InputError("there is no shared space: import item texts or events")
        vectors = np.vstack([fused_user_vectors(model, of), dense(model.shared)]).astype(np.float32)
    found = normalise_rows(vectors).astype(np.float32)
    for part in (slice(0, model.n_users), slice(model.n_users, None)):
        held = np.abs(found[part]).max(axis=1, initial=0.0) > 0
        if held.sum() > 1:
            found[part][held] -= found[part][held].mean(axis=0)
    return np.asarray(normalise_rows(found), dtype=np.float32)


def _stacked(above: Matrix, below: Matrix) -> Matrix:
    if sparse.issparse(above) and sparse.issparse(below):
        return sparse.csr_array(sparse.vstack([above, below], format="csr"))
    return np.vstack([dense(above), dense(below)])


def item_profiles(g: Granularity) -> Matrix:
    """Item vectors in which like items are near, |I| × n.

    These are the a_ik, but where a space has one direction an item (its a_ik are the identity,
    which makes all items equally far apart) an item is what each piece of evidence says of it.
    """
    return concatenate([scaled(matrix, scale**0.5) for matrix, scale in profile_blocks(g)])


def profile_blocks(g: Granularity) -> list[tuple[Matrix, float]]:
    """The blocks of :func:`item_profiles` before they are put together, each with its scale."""
    return [(_transposed(b.evidence) if is_identity(b.items) else b.items, b.scale) for b in g.blocks]


def _transposed(matrix: Matrix) -> Matrix:
    return sparse.csr_array(matrix.T) if sparse.issparse(matrix) else matrix.T


def is_identity(matrix: Matrix) -> bool:
    """Whether a matrix is a sparse identity."""
    if not sparse.issparse(matrix) or matrix.shape[0] != matrix.shape[1]:
        return False
    n = matrix.shape[0]
    return bool(matrix.nnz == n and (matrix.indices == np.arange(n)).all() and (matrix.data == 1).all())


def reduced(matrix: Matrix, width: int = MAX_DIMENSIONS) -> Vectors:
    """The rows in at most ``width`` main directions (truncated SVD), deterministic in sign.

    Inner products between rows are kept as well as ``width`` directions can. The smaller Gram
    matrix is decomposed exactly where it fits; only beyond that an iterative solver runs.
    """
    if matrix.shape[1] <= width:
        return dense(matrix)
    rank = min(width, min(matrix.shape))
    if min(matrix.shape) <= _EXACT_UP_TO:
        by_rows = matrix.shape[0] < matrix.shape[1]
        gram = inner(matrix, matrix) if by_rows else inner(_transposed(matrix), _transposed(matrix))
        n = len(gram)
        values, axes = linalg.eigh(gram.astype(np.float64), subset_by_index=[n - rank, n - 1])
        found = axes * np.sqrt(np.maximum(values, 0.0)) if by_rows else np.asarray(matrix @ axes)
        found = found[:, ::-1]
    else:
        u, s, _ = svds(matrix.astype(np.float64), k=rank, v0=np.ones(min(matrix.shape)))
        order = np.argsort(-s, kind="stable")
        found = u[:, order] * s[order]
    return np.asarray(turned(found), dtype=np.float32)


def dominant_granularities(
    model: Model, weights: Sequence[float], k: int = 10
) -> tuple[list[str | None], NDArray[np.float64]]:
    """The granularity that stands out in each user's top ``k``.

    The base gives most of nearly everybody's scores, so the largest share would tell users
    little apart. What stands out is the granularity whose share lies furthest above its mean
    over all users, in standard deviations.

    Returns
    -------
    names, shares : |U|
        Its share of the positive contributions in the user's top k; ``None`` and 0 without any.
    """
    if not model.present:
        return [None] * model.n_users, np.zeros(model.n_users)
    shares = np.zeros((model.n_users, len(model.present)))
    for user, _, contributions in best_of(model.splits(np.arange(model.n_users), weights), k):
        positive = np.maximum(contributions, 0.0).sum(axis=0)
        shares[user] = positive / max(positive.sum(), 1e-12)
    held = shares.sum(axis=1) > 0
    mean = shares[held].mean(axis=0) if held.any() else np.zeros(shares.shape[1])
    deviation = shares[held].std(axis=0) if held.any() else np.zeros(shares.shape[1])
    above = np.divide(shares - mean, deviation, out=np.zeros_like(shares), where=deviation > 1e-9)
    top = above.argmax(axis=1)
    names = [model.present[t] if h else None for t, h in zip(top, held, strict=True)]
    return names, np.where(held, shares[np.arange(model.n_users), top], 0.0)
